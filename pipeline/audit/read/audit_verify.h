// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The whole judgement about a log file (spec/audit.md, section 5): audit_check over every record, a
// name for what was done to the log where the chain is broken, the capability tables against their
// digests and against a plan, and what the run itself shows.

#include "audit_check.h"

// What records of a run are about, counted with their folds.
struct audit_verify_counts {
    uint64_t refused, denied, faults, killed,
        failed;       // failed: a start, or an exit with a code that is not 0
    uint64_t resumed; // faults after which the target went on
    uint64_t restarted, leaked;
    uint64_t lost; // attempts that may not be lost and were
};

struct audit_verify_report {
    enum audit_finding finding;
    size_t line;           // of the finding, from 1
    uint64_t signed_count; // records that a valid signature covers
    struct audit_check check;
    struct audit_verify_counts counts;
    struct bytes boot, nonce, vkey, kernel; // of log.start; borrow from the file
};

// A plan to hold against caps.issued: called for each complete table of a target (its JSON string,
// as written) with the digests that the log states. False = not that of the plan.
struct audit_verify_plan {
    bool (*matches)(void *context, struct bytes target, struct bytes plan, struct bytes table);
    void *context;
};

// Looks at the whole file, up to the first finding. `plan` may be NULL.
void audit_verify(struct audit_verify_report *out, struct bytes file,
                  const struct audit_expected *expected, const struct audit_verify_plan *plan);

// Whether the run went as nobody would object to: nothing refused, denied, killed, leaked or
// failed.
bool audit_verify_conforms(const struct audit_verify_report *report);

// What the finding makes of the evidence.
enum audit_verdict {
    AUDIT_VERDICT_SOUND,
    AUDIT_VERDICT_DIFFERS,    // whole and authentic, but not of this plan
    AUDIT_VERDICT_INCOMPLETE, // a part is missing, what is there is not contradicted
    AUDIT_VERDICT_INVALID,    // contradicted
};
enum audit_verdict audit_verify_verdict(enum audit_finding finding);
