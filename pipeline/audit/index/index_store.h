// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A database that holds an index: what it has to do, and what every kind of it does the same way.
// Everything that is written between index_store_begin and index_store_commit is there afterwards,
// or nothing of it.

#include "diag.h"
#include "index_schema.h"

enum index_value_kind { INDEX_NULL, INDEX_NUMBER, INDEX_TEXT };

// A value in a row; text borrows.
struct index_value {
    enum index_value_kind kind;
    int64_t number;
    struct bytes text;
};

struct index_value index_number(uint64_t number); // at most 2^63 - 1
struct index_value index_text(struct bytes text);

enum { INDEX_PARAMETERS = 7 };

// A statement with $1 .. $7. One that a parameter does not occur in is fine.
struct index_statement {
    const char *sql;
    struct index_value parameters[INDEX_PARAMETERS];
    enum index_value_kind types[INDEX_PARAMETERS]; // INDEX_NUMBER; anything else is text
};

// Who takes a result: the names of its columns once, then its rows.
struct index_sink {
    void (*columns)(void *context, const char *const *names, size_t count);
    void (*row)(void *context, const struct index_value *values, size_t count);
    void *context;
};

enum { INDEX_RESULT_COLUMNS = 64 };

struct index_store;

// A kind of database. Errors of its functions: DATABASE, with what it said as the subject.
struct index_operations {
    const char *schema;     // script: makes the tables
    const char *exists;     // statement: a row when there is an index
    const char *begin_read; // scripts
    const char *begin_write;
    enum status (*script)(struct index_store *store, const char *sql, struct diag *diag);
    // One statement that only reads; columns may be NULL.
    enum status (*query)(struct index_store *store, const struct index_statement *statement,
                         const struct index_sink *sink, struct diag *diag);
    // Adds a row, with as many values as the table has columns.
    enum status (*put)(struct index_store *store, enum index_table table,
                       const struct index_value *values, struct diag *diag);
    void (*close)(struct index_store *store); // what was not committed is gone
};

// What each kind's own struct begins with.
struct index_store {
    const struct index_operations *operations;
    bool is_new; // made in this transaction, without its indices
};

enum index_mode { INDEX_READ, INDEX_WRITE };

// A function that opens `where`; a kind of database exports one.
typedef enum status (*index_opener)(struct index_store **out, const char *where,
                                    enum index_mode mode, struct diag *diag);

// Begins to read, or to write, which makes the tables where there are none. Errors: DATABASE;
// INDEX_VERSION where there is no index, or another version's.
enum status index_store_begin(struct index_store *store, enum index_mode mode,
                              struct diag *diag) MUST_CHECK;
enum status index_store_commit(struct index_store *store, struct diag *diag) MUST_CHECK;

// NULL is fine.
void index_store_close(struct index_store *store);
