// SPDX-License-Identifier: BSD-2-Clause

// PostgreSQL through libpq, in kpkg-postgres only. Values go as parameters in text form.

#include "index_postgres.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16 };

// Types of the server's catalogue, which never change.
enum { TYPE_BIGINT = 20, TYPE_SMALLINT = 21, TYPE_INTEGER = 23, TYPE_TEXT = 25 };

struct store {
    struct index_store base;
    PGconn *connection;
    enum index_table copying; // INDEX_TABLES = nothing
    size_t len;
    char buffer[BUFFER]; // rows in COPY's text form that are not sent yet
};

static enum status refused(const char *what, const char *said, struct diag *diag)
{
    diag_fail(diag, STATUS_DATABASE, what, 0);
    diag_subject(diag, (struct bytes){(const uint8_t *)said, strcspn(said, "\n")});
    return STATUS_DATABASE;
}

static enum status trouble(const struct store *store, const char *what, struct diag *diag)
{
    return refused(what, PQerrorMessage(store->connection), diag);
}

static enum status finish_result(PGresult *result, ExecStatusType wanted, struct diag *diag)
{
    bool good = PQresultStatus(result) == wanted;
    enum status status =
        good ? STATUS_OK : refused("statement", PQresultErrorMessage(result), diag);
    PQclear(result);
    return status;
}

static bool flush(struct store *store)
{
    bool sent =
        store->len == 0 || PQputCopyData(store->connection, store->buffer, (int)store->len) == 1;
    store->len = 0;
    return sent;
}

static enum status end_copy(struct store *store, struct diag *diag)
{
    if (store->copying == INDEX_TABLES) {
        return STATUS_OK;
    }
    store->copying = INDEX_TABLES;
    if (!flush(store) || PQputCopyEnd(store->connection, NULL) != 1) {
        return trouble(store, "rows", diag);
    }
    enum status status = finish_result(PQgetResult(store->connection), PGRES_COMMAND_OK, diag);
    PQclear(PQgetResult(store->connection)); // NULL: the end of the command
    return status;
}

static enum status begin_copy(struct store *store, enum index_table table, struct diag *diag)
{
    char sql[64];
    enum status status = end_copy(store, diag);
    if (status == STATUS_OK) {
        snprintf(sql, sizeof sql, "COPY %s FROM STDIN", index_schema_tables[table].table);
        status = finish_result(PQexec(store->connection, sql), PGRES_COPY_IN, diag);
    }
    if (status == STATUS_OK) {
        store->copying = table;
    }
    return status;
}

static bool put_bytes(struct store *store, struct bytes bytes)
{
    while (bytes.len != 0) {
        size_t room = BUFFER - store->len, part = bytes.len < room ? bytes.len : room;
        memcpy(store->buffer + store->len, bytes.at, part);
        store->len += part;
        bytes = bytes_part(bytes, part, bytes.len - part);
        if (store->len == BUFFER && !flush(store)) {
            return false;
        }
    }
    return true;
}

// The log's text is printable ASCII: of what COPY reads in its own way only the backslash occurs.
static bool put_text(struct store *store, struct bytes text)
{
    while (text.len != 0) {
        const uint8_t *escaped = memchr(text.at, '\\', text.len);
        size_t plain = escaped != NULL ? (size_t)(escaped - text.at) : text.len;
        if (!put_bytes(store, bytes_part(text, 0, plain)) ||
            (escaped != NULL && !put_bytes(store, bytes_text("\\\\")))) {
            return false;
        }
        size_t taken = plain + (escaped != NULL);
        text = bytes_part(text, taken, text.len - taken);
    }
    return true;
}

static bool put_value(struct store *store, const struct index_value *value)
{
    char number[24];
    switch (value->kind) {
    case INDEX_NUMBER:
        snprintf(number, sizeof number, "%" PRId64, value->number);
        return put_bytes(store, bytes_text(number));
    case INDEX_TEXT:
        return put_text(store, value->text);
    case INDEX_NULL:
        break;
    }
    return put_bytes(store, bytes_text("\\N"));
}

static enum status put(struct index_store *base, enum index_table table,
                       const struct index_value *values, struct diag *diag)
{
    struct store *store = (struct store *)base;
    unsigned count = index_schema_tables[table].count;
    enum status status = store->copying == table ? STATUS_OK : begin_copy(store, table, diag);
    bool sent = status == STATUS_OK;
    for (unsigned i = 0; i < count && sent; i++) {
        sent = put_value(store, &values[i]) &&
               put_bytes(store, bytes_text(i + 1 == count ? "\n" : "\t"));
    }
    return status != STATUS_OK || sent ? status : trouble(store, "rows", diag);
}

static enum status script(struct index_store *base, const char *sql, struct diag *diag)
{
    struct store *store = (struct store *)base;
    enum status status = end_copy(store, diag);
    if (status != STATUS_OK) {
        return status;
    }
    PGresult *result = PQexec(store->connection, sql);
    ExecStatusType kind = PQresultStatus(result);
    return finish_result(result, kind == PGRES_TUPLES_OK ? kind : PGRES_COMMAND_OK, diag);
}

static struct index_value value_of(const PGresult *row, int column)
{
    const char *text = PQgetvalue(row, 0, column);
    Oid type = PQftype(row, column);
    if (PQgetisnull(row, 0, column)) {
        return (struct index_value){0};
    }
    if (type == TYPE_BIGINT || type == TYPE_INTEGER || type == TYPE_SMALLINT) {
        return (struct index_value){.kind = INDEX_NUMBER, .number = strtoll(text, NULL, 10)};
    }
    return index_text((struct bytes){(const uint8_t *)text, (size_t)PQgetlength(row, 0, column)});
}

static void take_row(const PGresult *row, const struct index_sink *sink)
{
    struct index_value values[INDEX_RESULT_COLUMNS];
    int count = PQnfields(row);
    for (int i = 0; i < count; i++) {
        values[i] = value_of(row, i);
    }
    sink->row(sink->context, values, (size_t)count);
}

static void name_columns(const PGresult *result, const struct index_sink *sink)
{
    const char *names[INDEX_RESULT_COLUMNS];
    int count = PQnfields(result);
    for (int i = 0; i < count; i++) {
        names[i] = PQfname(result, i);
    }
    if (sink->columns != NULL) {
        sink->columns(sink->context, names, (size_t)count);
    }
}

// Rows come one in a result, the last result has none.
static enum status take_result(const PGresult *result, bool *named, const struct index_sink *sink,
                               struct diag *diag)
{
    ExecStatusType kind = PQresultStatus(result);
    bool rows = kind == PGRES_SINGLE_TUPLE || kind == PGRES_TUPLES_OK;
    if (!rows) {
        const char *said = PQresultErrorMessage(result);
        return refused("statement", said[0] != '\0' ? said : "it has no rows", diag);
    }
    if (PQnfields(result) > INDEX_RESULT_COLUMNS) {
        return refused("statement", "more than 64 columns", diag);
    }
    if (!*named) {
        name_columns(result, sink);
        *named = true;
    }
    if (kind == PGRES_SINGLE_TUPLE) {
        take_row(result, sink);
    }
    return STATUS_OK;
}

static bool send(struct store *store, const struct index_statement *statement)
{
    char numbers[INDEX_PARAMETERS][24];
    Oid types[INDEX_PARAMETERS];
    const char *values[INDEX_PARAMETERS];
    int lengths[INDEX_PARAMETERS], formats[INDEX_PARAMETERS];
    for (int i = 0; i < INDEX_PARAMETERS; i++) {
        const struct index_value *value = &statement->parameters[i];
        bool text = value->kind == INDEX_TEXT;
        snprintf(numbers[i], sizeof numbers[i], "%" PRId64, value->number);
        types[i] = statement->types[i] == INDEX_NUMBER ? TYPE_BIGINT : TYPE_TEXT;
        values[i] = text ? (const char *)value->text.at : numbers[i];
        values[i] = value->kind == INDEX_NULL ? NULL : values[i];
        lengths[i] = text ? (int)value->text.len : 0;
        formats[i] = text; // binary, which needs no NUL; of text it is the text
    }
    return PQsendQueryParams(store->connection, statement->sql, INDEX_PARAMETERS, types, values,
                             lengths, formats, 0) == 1 &&
           PQsetSingleRowMode(store->connection) == 1;
}

static enum status query(struct index_store *base, const struct index_statement *statement,
                         const struct index_sink *sink, struct diag *diag)
{
    struct store *store = (struct store *)base;
    PGresult *result;
    bool named = false;
    enum status status = end_copy(store, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (!send(store, statement)) {
        return trouble(store, "statement", diag);
    }
    while ((result = PQgetResult(store->connection)) != NULL) {
        status = status == STATUS_OK ? take_result(result, &named, sink, diag) : status;
        PQclear(result);
    }
    return status;
}

static void finish(struct index_store *base)
{
    struct store *store = (struct store *)base;
    PQfinish(store->connection); // the server undoes what was not committed
    free(store);
}

static const struct index_operations operations = {
    .schema = index_schema_postgres,
    .exists = "SELECT 1 WHERE to_regclass('kpkg_index') IS NOT NULL",
    .begin_read = "BEGIN READ ONLY",
    // The lock is any number of our own; it goes with the transaction.
    .begin_write = "BEGIN; SELECT pg_advisory_xact_lock(7742108531)",
    .script = script,
    .query = query,
    .put = put,
    .close = finish,
};

static void no_notice(void *context, const PGresult *result)
{
    (void)context, (void)result;
}

enum status index_postgres_open(struct index_store **out, const char *where, enum index_mode mode,
                                struct diag *diag)
{
    (void)mode; // the transaction decides
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "database", sizeof *store);
    }
    store->base.operations = &operations;
    store->copying = INDEX_TABLES;
    store->connection = PQconnectdb(where);
    PQsetNoticeReceiver(store->connection, no_notice, NULL);
    if (PQstatus(store->connection) != CONNECTION_OK) {
        enum status status = trouble(store, "connection", diag);
        finish(&store->base);
        return status;
    }
    *out = &store->base;
    return STATUS_OK;
}
