// SPDX-License-Identifier: BSD-2-Clause

// What is the same for every kind of database: one transaction for each import, and the check of
// the version in it.

#include "index_store.h"

struct index_value index_number(uint64_t number)
{
    return (struct index_value){.kind = INDEX_NUMBER, .number = (int64_t)number};
}

struct index_value index_text(struct bytes text)
{
    return (struct index_value){.kind = INDEX_TEXT, .text = text};
}

struct first {
    bool found;
    int64_t number;
};

static void take_first(void *context, const struct index_value *values, size_t count)
{
    struct first *first = context;
    first->found = true;
    first->number = count != 0 ? values[0].number : 0;
}

static enum status query_first(struct first *out, struct index_store *store, const char *sql,
                               struct diag *diag)
{
    const struct index_statement statement = {.sql = sql};
    const struct index_sink sink = {.row = take_first, .context = out};
    *out = (struct first){0};
    return store->operations->query(store, &statement, &sink, diag);
}

enum status index_store_begin(struct index_store *store, enum index_mode mode, struct diag *diag)
{
    const struct index_operations *operations = store->operations;
    const char *begin = mode == INDEX_WRITE ? operations->begin_write : operations->begin_read;
    struct first exists = {0}, version = {0};
    enum status status = operations->script(store, begin, diag);
    if (status == STATUS_OK) {
        status = query_first(&exists, store, operations->exists, diag);
    }
    if (status == STATUS_OK && !exists.found && mode == INDEX_WRITE) {
        status = operations->script(store, operations->schema, diag);
        exists.found = store->is_new = true;
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (exists.found) {
        status = query_first(&version, store, "SELECT version FROM kpkg_index", diag);
    }
    if (status == STATUS_OK && version.number != INDEX_VERSION) {
        return diag_fail(diag, STATUS_INDEX_VERSION, "version", (uint64_t)version.number);
    }
    return status;
}

enum status index_store_commit(struct index_store *store, struct diag *diag)
{
    enum status status = STATUS_OK;
    if (store->is_new) {
        status = store->operations->script(store, index_schema_indices, diag);
    }
    return status == STATUS_OK ? store->operations->script(store, "COMMIT", diag) : status;
}

void index_store_close(struct index_store *store)
{
    if (store != NULL) {
        store->operations->close(store);
    }
}
