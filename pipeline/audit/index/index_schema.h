// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The tables of an index (spec/audit-index.md), the same in every database but for the names of
// types.

enum { INDEX_VERSION = 2 };

// In the order in which their rows refer to each other.
enum index_table { INDEX_RUN, INDEX_PACKAGE, INDEX_TARGET, INDEX_EVENT, INDEX_TABLES };

enum { INDEX_COLUMNS = 19 }; // of the widest table

// The columns of a table in the order of its rows' values.
struct index_columns {
    const char *table;
    unsigned count;
    const char *names[INDEX_COLUMNS];
};
extern const struct index_columns index_schema_tables[INDEX_TABLES];

// Scripts that make them; what orders their rows for queries is the same for both, and made last,
// for rows come faster without.
extern const char index_schema_sqlite[], index_schema_postgres[], index_schema_indices[];
