// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where an index is kept: a file of SQLite's, or a PostgreSQL server for an URL. kpkg is one static
// file and has SQLite in it; libpq cannot be, so a server is kpkg-postgres's: the same commands,
// which kpkg becomes for such a URL.

#include "command.h"
#include "index_store.h"

// What a command was asked, as kpkg-postgres has to be asked again.
struct database_ask {
    const char *where;
    enum index_mode mode;
    const struct command *command;
    const void *options;
    struct operands operands;
};

// Opens it and begins. May not return. Errors: DATABASE, INDEX_VERSION, USAGE for a place that this
// program does not know; TOOL when kpkg-postgres is missing.
enum status database_open(struct index_store **out, const struct database_ask *ask,
                          struct diag *diag) MUST_CHECK;

// True for the URL of a server.
bool database_is_server(const char *where);

// What an error message may name it by: an URL can hold a password.
const char *database_shown(const char *where);

// The function that this program opens such a place with; each program has its own.
enum status database_connect(struct index_store **out, const struct database_ask *ask,
                             struct diag *diag) MUST_CHECK;
