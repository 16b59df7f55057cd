// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a record is about, in the few words that questions over many runs are asked in
// (spec/audit-index.md, classes). Everything that came from a target is a word or stands as the log
// has it, escaped: printable ASCII.

#include "audit_scan.h"
#include "bounds.h"

enum { INDEX_ROW_WHAT = BOUND_EVENT }; // no longer than the record that it is taken from

struct index_row {
    const char *class; // NULL = none
    bool lasted;       // `duration`, in ns, is known
    uint64_t duration;
    struct bytes reason; // empty = none
    struct text what;    // in what_at
    char what_at[INDEX_ROW_WHAT];
};

void index_row_of(struct index_row *out, const struct audit_record *record);
