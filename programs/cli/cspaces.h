// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The live CSpaces of a hosted run beside those of its plan: of each incarnation of a target when
// it starts, and at the end of those that are left (`kpkg run --cspace`).

#include "bounds.h"
#include "hosted.h"
#include "plan.h"

#include <stdio.h>

// How a slot compares with the plan.
enum cspaces_verdict {
    CSPACES_AS_PLANNED,
    // As planned, but for leading to the auditor in place of a server that is not there
    // (spec/target-abi.md, 9).
    CSPACES_STOOD_IN,
    CSPACES_DIFFERS,
};

struct cspaces {
    FILE *to;
    bool json; // JSON Lines, kpkg.cspace/v1; else tables
    const struct plan *plan;
    uint64_t *objects; // physical address of each planned object that outlives targets; 0 = not
                       // seen yet
    uint64_t auditor;  // of the root task's endpoint; likewise
    uint64_t started[BOUND_TARGETS]; // the last incarnation of each target
    size_t differs;                  // slots, so far
};

// `plan` is borrowed. Error: NO_MEMORY.
enum status cspaces_begin(struct cspaces *cspaces, const struct plan *plan,
                          struct diag *diag) MUST_CHECK;

// Writes what hosted_options.cspace tells; `cspaces` is a struct cspaces.
void cspaces_take(void *cspaces, const struct hosted_cspace *cspace);

// Also where it was never begun.
void cspaces_end(struct cspaces *cspaces);
