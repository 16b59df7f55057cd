// SPDX-License-Identifier: BSD-2-Clause
#include "database.h"

#include "index_sqlite.h"
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRAM "kpkg-postgres"

// "--name=value", a new string; NULL for an option that was not given.
static char *word_of(const struct option_spec *spec, const void *options)
{
    const char *place = (const char *)options + spec->offset;
    char *word = NULL;
    int made = 0;
    if (spec->value == NULL) {
        made = *(const bool *)place ? asprintf(&word, "--%s", spec->name) : 0;
    } else if (*(const char *const *)place != NULL) {
        made = asprintf(&word, "--%s=%s", spec->name, *(const char *const *)place);
    }
    return made > 0 ? word : NULL;
}

// The command line that says the same: PROGRAM, the command's name, options, --, operands.
static enum status become(const char *path, const struct database_ask *ask, struct diag *diag)
{
    const struct command *command = ask->command;
    char **words = calloc(command->option_count + ask->operands.count + 4, sizeof(*words));
    size_t count = 0;
    if (words == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, PROGRAM, 0);
    }
    words[count++] = (char *)PROGRAM;
    words[count++] = (char *)command->name;
    for (size_t i = 0; i < command->option_count; i++) {
        char *word = word_of(&command->options[i], ask->options);
        if (word != NULL) {
            words[count++] = word;
        }
    }
    words[count++] = (char *)"--";
    for (size_t i = 0; i < ask->operands.count; i++) {
        words[count++] = ask->operands.at[i];
    }
    execv(path, words);
    for (size_t i = 2; i + ask->operands.count + 1 < count; i++) {
        free(words[i]);
    }
    free(words);
    return diag_fail(diag, STATUS_TOOL, "cannot be started", 0);
}

enum status database_connect(struct index_store **out, const struct database_ask *ask,
                             struct diag *diag)
{
    char path[PATH_MAX];
    if (!database_is_server(ask->where)) {
        return index_sqlite_open(out, ask->where, ask->mode, diag);
    }
    if (!tool_find_own(path, PROGRAM)) {
        diag_fail(diag, STATUS_TOOL, "missing", 0);
        diag_subject(diag, bytes_text(PROGRAM ": apt-get install kpkg-postgres"));
        return STATUS_TOOL;
    }
    return become(path, ask, diag);
}
