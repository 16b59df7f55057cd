// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Assertions against the authority graph (spec/diff.md, 4). An assertion about what does not exist
// is refused rather than found true: it is most often misspelt.

#include "assertion.h"
#include "reach.h"

enum reach_answer {
    REACH_HOLDS,
    REACH_FLOW,            // `target` reaches `other`, by `steps`
    REACH_HELD,            // `target` has `grant`, which it should not
    REACH_HELD_TWICE,      // so has `other`, by `other_grant`
    REACH_UNKNOWN_SUBJECT, // the first name of the assertion names no target
    REACH_UNKNOWN_OBJECT,  // the second name names nothing
};

enum { REACH_STEPS = 32 }; // steps of a witness that are kept: the last ones

struct reach_proof {
    enum reach_answer answer;
    uint32_t target, other;
    uint32_t grant, other_grant;
    struct reach_step steps[REACH_STEPS];
    size_t step_count; // of the whole, shortest way
};

// Decides one assertion in time linear in the graph. `scratch` holds one word per target. The
// search of `reach` is used up. NO_MEMORY.
MUST_CHECK enum status reach_assert(struct reach_proof *out, const struct reach *reach,
                                    const struct assertion *assertion, struct arena *scratch,
                                    struct diag *diag);
