// SPDX-License-Identifier: BSD-2-Clause

// kpkg-postgres: `kpkg audit import` and `kpkg audit query` where the index is in a PostgreSQL
// server. kpkg starts it with a command line that it has read already: NAME OPTION... -- OPERAND...

#include "crypto_start.h"
#include "database.h"
#include "diag_print.h"
#include "index_postgres.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status database_connect(struct index_store **out, const struct database_ask *ask,
                             struct diag *diag)
{
    return database_is_server(ask->where)
               ? index_postgres_open(out, ask->where, ask->mode, diag)
               : diag_fail(diag, STATUS_USAGE, "not postgresql://...; use kpkg", 0);
}

static const struct command *find_command(const char *name)
{
    static const struct command *const commands[] = {&cmd_audit_import, &cmd_audit_query};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(name, commands[i]->name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int run_command(const struct command *command, struct operands words)
{
    void *options = calloc(1, command->options_size);
    struct parsed parsed = {0};
    struct diag diag;
    if (options == NULL) {
        return diag_no_memory("options");
    }
    enum status status = options_parse(&parsed, options, command, words, &diag);
    int code = status == STATUS_OK && !parsed.help ? command->run(options, parsed.operands)
                                                   : diag_finish(status, command->name, &diag);
    free(options);
    return code;
}

int main(int argc, char **argv)
{
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
    if (command == NULL) {
        fputs("kpkg-postgres: started by `kpkg audit import` and `kpkg audit query`\n", stderr);
        return EXIT_CODE_TROUBLE;
    }
    if (crypto_start() != STATUS_OK) {
        fputs("kpkg: the system gives no random numbers\n", stderr);
        return EXIT_CODE_TROUBLE;
    }
    struct operands words = {.count = (size_t)argc - 2, .at = argv + 2};
    int code = run_command(command, words);
    return diag_finish_output(code);
}
