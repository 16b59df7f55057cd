// SPDX-License-Identifier: BSD-2-Clause
#include "describe.h"

#include "print.h"

static json_t *describe_option(const struct option_spec *spec)
{
    char letter[2] = {spec->letter, '\0'};
    return json_pack("{s:s, s:s, s:s?, s:s}", "name", spec->name, "letter", letter, "value",
                     spec->value, "help", spec->help);
}

static json_t *describe_command(const struct command *command)
{
    json_t *options = json_array();
    for (size_t i = 0; i < command->option_count; i++) {
        json_array_append_new(options, describe_option(&command->options[i]));
    }
    return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "name", command->name, "operands",
                     command->operands, "summary", command->summary, "details", command->details,
                     "options", options);
}

void describe_commands(const struct command *const *commands, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, describe_command(commands[i]));
    }
    print_json(json_pack("{s:s, s:s, s:o}", "schema", "kpkg.help/v1", "version", KPKG_VERSION,
                         "commands", list));
}
