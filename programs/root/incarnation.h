// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One life of a target: made in steps, undone as a whole. A step that fails leaves whatever it had
// done to incarnation_undo.

#include "root.h"

// What a start was stopped by.
struct incarnation_failure {
    const char *step; // build, load, populate, configure, stop, peers, compare or start
    struct diag diag;
};

// Makes the target's next incarnation and lets it run; records what it was given. False when a step
// failed.
bool incarnation_make(struct incarnation_failure *failure, struct root *root, uint32_t target);

// Compares once more what a target holds that is up, and records it.
void incarnation_check(struct root *root, uint32_t target);

// Takes everything of the target back, whatever state it is in, and records it; first what one that
// is up holds is checked. False when that did
// not succeed or something is missing: then the target must not be started again. It does not run
// any more in any case.
bool incarnation_undo(struct root *root, uint32_t target);
