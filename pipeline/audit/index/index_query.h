// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The questions that people ask of an index (spec/audit-index.md, queries).

#include "index_store.h"

// What a result's column holds, beside its value.
enum index_column { INDEX_PLAIN, INDEX_TIME, INDEX_EVIDENCE };

// Empty or 0 = everything.
struct index_filter {
    struct bytes run; // the beginning of a boot id
    struct bytes target, package, version, reason;
    uint64_t since, until; // ns since 1970
};

struct index_question {
    const char *name, *help;
    const char *sql;
    bool about_events; // --reason has a meaning
};

// All of them; ends with a NULL name.
extern const struct index_question index_query_questions[];

// The question of this name, or NULL.
const struct index_question *index_query_find(const char *name);

// What a column of a question's result is, by its name.
enum index_column index_query_column(const char *name);

// What an INDEX_EVIDENCE stands for.
const char *index_query_evidence(int64_t rank);

// Gives every row of the answer to `sink`, in the question's order. Errors: DATABASE.
enum status index_query(struct index_store *store, const struct index_question *question,
                        const struct index_filter *filter, const struct index_sink *sink,
                        struct diag *diag) MUST_CHECK;
