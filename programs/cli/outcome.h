// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a log says about a run as a whole: whether anything was refused, denied or stopped, and
// whether the log is all there.

#include "audit_check.h"
#include "command.h"

struct outcome {
    struct audit_check check;
    uint64_t findings; // refusals, denials, faults, kills, exits with a code that is not 0
};

// Takes the next record. False when it does not continue this log: then it is no record of it.
bool outcome_take(struct outcome *outcome, struct bytes record, bool *finding);

// 0, 1 after a finding, 3 when the log has no end.
int outcome_code(const struct outcome *outcome);
