// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A judged log as rows of an index. A run is its boot id and the tree head of its records: the same
// log again is the same run, and a cut one gives way to the longer one that begins with it.

#include "audit_verify.h"
#include "index_store.h"

enum index_key_from { INDEX_KEY_GIVEN, INDEX_KEY_REPORT, INDEX_KEY_NONE };
enum index_clock { INDEX_CLOCK_STATEMENT, INDEX_CLOCK_FILE };

struct index_log {
    struct bytes log;
    const struct audit_verify_report *report; // about it, without a plan
    enum index_key_from key_from;             // whose key the signatures were checked with
    enum index_clock clock;
    uint64_t ended; // ns since 1970, of the last record
};

enum index_outcome {
    INDEX_NEW,
    INDEX_AGAIN,    // it was there, whole or as a part of a longer one
    INDEX_REPLACED, // a part of it was there, or it was under a weaker judgement
};

// Adds the records up to the first finding. Errors: DATABASE, NO_MEMORY; INDEX_LOG for a log that
// does not begin with log.start, for that names the run.
enum status index_import(enum index_outcome *out, struct index_store *store,
                         const struct index_log *log, struct diag *diag) MUST_CHECK;
