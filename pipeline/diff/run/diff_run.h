// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A plan against the log of a run -> what the run shows beyond it (spec/diff.md, 5): capabilities
// and limits that are not in the plan (KPD010) or not in the run (KPD014), denials (KPD013), and
// what is wrong with the log itself (KPD011, KPD012). A log that is contradicted tells nothing
// else; of one that is not whole, what is there counts, and nothing is missing.

#include "audit_verify.h"
#include "diff.h"

struct diff_run_input {
    const struct plan *plan;
    const struct authority *planned; // the plan's, with the files and lines of the manifests
    struct bytes log;                // events.jsonl
    struct bytes file;               // what to call it
    const struct audit_expected *expected;
};

// In `out` the old side is the plan and the new one the run; changes borrow from the log.
// NO_MEMORY.
MUST_CHECK enum status diff_run(struct diff *out, const struct diff_run_input *input,
                                struct arena *arena, struct diag *diag);
