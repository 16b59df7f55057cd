// SPDX-License-Identifier: BSD-2-Clause

// SQLite, in the program. An index file comes from elsewhere perhaps: it is opened with what SQLite
// has against hostile files (defensive mode, no trust in its schema).

#include "index_sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 30000 }; // for another import to end

struct store {
    struct index_store base;
    sqlite3 *database;
    sqlite3_stmt *puts[INDEX_TABLES]; // prepared when first used
};

static enum status trouble(const struct store *store, const char *what, struct diag *diag)
{
    // Who only reads cannot undo what a killed import left.
    bool cut = sqlite3_extended_errcode(store->database) == SQLITE_READONLY_ROLLBACK;
    diag_fail(diag, STATUS_DATABASE, what, 0);
    diag_subject(diag, bytes_text(cut ? "an import was cut off: import again, which undoes it"
                                      : sqlite3_errmsg(store->database)));
    return STATUS_DATABASE;
}

static enum status script(struct index_store *base, const char *sql, struct diag *diag)
{
    struct store *store = (struct store *)base;
    bool done = sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK;
    return done ? STATUS_OK : trouble(store, "statement", diag);
}

// Text lives as long as the statement is stepped: SQLite need not copy it.
static bool bind(sqlite3_stmt *statement, int place, const struct index_value *value)
{
    switch (value->kind) {
    case INDEX_NUMBER:
        return sqlite3_bind_int64(statement, place, value->number) == SQLITE_OK;
    case INDEX_TEXT:
        // NULL would be SQL's NULL.
        return sqlite3_bind_text(statement, place,
                                 value->text.len != 0 ? (const char *)value->text.at : "",
                                 (int)value->text.len, SQLITE_STATIC) == SQLITE_OK;
    case INDEX_NULL:
        break;
    }
    return sqlite3_bind_null(statement, place) == SQLITE_OK;
}

static sqlite3_stmt *prepare_put(struct store *store, enum index_table table)
{
    const struct index_columns *columns = &index_schema_tables[table];
    char sql[512];
    int len = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", columns->table);
    for (unsigned i = 1; i < columns->count; i++) {
        len += snprintf(sql + len, sizeof sql - (size_t)len, ",?");
    }
    snprintf(sql + len, sizeof sql - (size_t)len, ")");
    sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &store->puts[table],
                       NULL);
    return store->puts[table];
}

static enum status put(struct index_store *base, enum index_table table,
                       const struct index_value *values, struct diag *diag)
{
    struct store *store = (struct store *)base;
    sqlite3_stmt *statement = store->puts[table];
    if (statement == NULL) {
        statement = prepare_put(store, table);
    }
    bool bound = statement != NULL;
    for (unsigned i = 0; i < index_schema_tables[table].count && bound; i++) {
        bound = bind(statement, (int)i + 1, &values[i]);
    }
    if (!bound || sqlite3_step(statement) != SQLITE_DONE) {
        return trouble(store, index_schema_tables[table].table, diag);
    }
    sqlite3_reset(statement);
    return STATUS_OK;
}

static bool bind_parameters(sqlite3_stmt *statement, const struct index_value *parameters)
{
    for (int i = 0; i < INDEX_PARAMETERS; i++) {
        const char name[] = {'$', (char)('1' + i), '\0'};
        int place = sqlite3_bind_parameter_index(statement, name);
        if (place != 0 && !bind(statement, place, &parameters[i])) {
            return false;
        }
    }
    return true;
}

static struct index_value column(sqlite3_stmt *statement, int i)
{
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_NULL:
        return (struct index_value){0};
    case SQLITE_INTEGER:
        return (struct index_value){.kind = INDEX_NUMBER,
                                    .number = sqlite3_column_int64(statement, i)};
    default: {
        const uint8_t *text = sqlite3_column_text(statement, i);
        size_t len = (size_t)sqlite3_column_bytes(statement, i);
        return index_text((struct bytes){text, text != NULL ? len : 0});
    }
    }
}

static int step(sqlite3_stmt *statement, const struct index_sink *sink)
{
    struct index_value values[INDEX_RESULT_COLUMNS];
    int count = sqlite3_column_count(statement), result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < count; i++) {
            values[i] = column(statement, i);
        }
        sink->row(sink->context, values, (size_t)count);
    }
    return result;
}

static void name_columns(sqlite3_stmt *statement, const struct index_sink *sink)
{
    const char *names[INDEX_RESULT_COLUMNS];
    int count = sqlite3_column_count(statement);
    for (int i = 0; i < count; i++) {
        names[i] = sqlite3_column_name(statement, i);
    }
    if (sink->columns != NULL) {
        sink->columns(sink->context, names, (size_t)count);
    }
}

static enum status query(struct index_store *base, const struct index_statement *given,
                         const struct index_sink *sink, struct diag *diag)
{
    struct store *store = (struct store *)base;
    sqlite3_stmt *statement = NULL;
    const char *rest = "";
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(store->database, given->sql, -1, &statement, &rest) != SQLITE_OK) {
        return trouble(store, "statement", diag);
    }
    int count = sqlite3_column_count(statement);
    rest += strspn(rest, "; \t\r\n");
    if (statement == NULL || !sqlite3_stmt_readonly(statement) || rest[0] != '\0' || count == 0 ||
        count > INDEX_RESULT_COLUMNS) {
        status =
            diag_fail(diag, STATUS_DATABASE, "not one statement that reads at most 64 columns", 0);
    } else if (!bind_parameters(statement, given->parameters)) {
        status = trouble(store, "parameter", diag);
    } else {
        name_columns(statement, sink);
        status = step(statement, sink) == SQLITE_DONE ? STATUS_OK : trouble(store, "row", diag);
    }
    sqlite3_finalize(statement);
    return status;
}

static void finish(struct index_store *base)
{
    struct store *store = (struct store *)base;
    for (unsigned i = 0; i < INDEX_TABLES; i++) {
        sqlite3_finalize(store->puts[i]);
    }
    sqlite3_close(store->database);
    free(store);
}

static const struct index_operations operations = {
    .schema = index_schema_sqlite,
    .exists = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kpkg_index'",
    .begin_read = "BEGIN",
    .begin_write = "BEGIN IMMEDIATE",
    .script = script,
    .query = query,
    .put = put,
    .close = finish,
};

// What is written is ours; what is read may be somebody else's file.
static bool configure(sqlite3 *database, enum index_mode mode)
{
    sqlite3_busy_timeout(database, WAIT_MS);
    bool safe = sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
                sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK;
    if (mode == INDEX_READ) {
        sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0); // nor another file
        return safe;
    }
    // 64 MiB, so that pages are written once. That rows refer to rows, and classes are among those
    // that there are, is so by how index_import makes them: SQLite need not look a million times.
    return safe && sqlite3_exec(database,
                                "PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF; "
                                "PRAGMA ignore_check_constraints = ON",
                                NULL, NULL, NULL) == SQLITE_OK;
}

enum status index_sqlite_open(struct index_store **out, const char *where, enum index_mode mode,
                              struct diag *diag)
{
    int flags =
        mode == INDEX_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    flags |= SQLITE_OPEN_NOMUTEX;               // one thread
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD); // no effect after the first
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "database", sizeof *store);
    }
    store->base.operations = &operations;
    bool opened = sqlite3_open_v2(where, &store->database, flags, NULL) == SQLITE_OK;
    if (!opened || !configure(store->database, mode)) {
        enum status status = trouble(store, "opening it", diag);
        finish(&store->base);
        return status;
    }
    *out = &store->base;
    return STATUS_OK;
}
