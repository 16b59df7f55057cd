// SPDX-License-Identifier: BSD-2-Clause
#include "database.h"

#include <string.h>

bool database_is_server(const char *where)
{
    return strncmp(where, "postgresql://", 13) == 0 || strncmp(where, "postgres://", 11) == 0;
}

const char *database_shown(const char *where)
{
    return where != NULL && database_is_server(where) ? "the server" : where;
}

enum status database_open(struct index_store **out, const struct database_ask *ask,
                          struct diag *diag)
{
    if (ask->where == NULL) {
        return diag_fail(diag, STATUS_USAGE, "which database? --db FILE or postgresql://...", 0);
    }
    struct index_store *store = NULL;
    enum status status = database_connect(&store, ask, diag);
    if (status == STATUS_OK) {
        status = index_store_begin(store, ask->mode, diag);
    }
    if (status != STATUS_OK) {
        index_store_close(store);
        return status;
    }
    *out = store;
    return STATUS_OK;
}
