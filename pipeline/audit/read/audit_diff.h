// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Whether two runs had the same outcome: for each target, and for the run as a whole, the same
// events in the same order with the same data (spec/audit.md, comparison of two runs). Left out is
// what belongs to one run and not to the outcome: time and its measures, numbers and digests of the
// log itself, names of the run and its kernel, and budgets that were used up and refilled.

#include "bytes.h"
#include "diag.h"

enum { AUDIT_DIFF_MAX = 64 };

// Where a target's events are not the same any more. What follows there is not compared.
struct audit_difference {
    struct bytes target;     // instance; empty = events of the run as a whole
    uint64_t event;          // which of the target's compared events, from 1
    const char *member;      // a member of `data`, or type, sev, inc, or "end"
    struct bytes records[2]; // in the first and the second log; empty where that one has no more
};

struct audit_diff {
    uint64_t compared; // equal pairs of events
    uint64_t paced;    // budget overruns left out, of both logs
    struct audit_difference first[AUDIT_DIFF_MAX];
    size_t count; // 0 = the same outcome
};

// Compares two event logs that audit_check_lines finds sound. Results borrow from `logs`; names of
// members end with audit_diff_free.
struct audit_diff_logs;
// Error: NO_MEMORY. `*names` is set when it succeeds.
enum status audit_diff(struct audit_diff *out, struct audit_diff_logs **names,
                       const struct bytes logs[2], struct diag *diag) MUST_CHECK;
void audit_diff_free(struct audit_diff_logs *names);
