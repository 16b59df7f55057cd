// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Golden files, `kpkg.golden/v1` (spec/diff.md, 6): an authority that was looked at and accepted,
// without lines, slots and badges, so that it changes when authority does and else does not.
//
// A capability in it may be transitional: accepted for a reason and until a date. Up to that day
// it is not counted as growth, from then on it is as if it were not there.

#include "authority.h"

#include <stdio.h>

struct golden {
    struct authority strict; // without transitional capabilities
    struct authority loose;  // with those whose day has not passed
    struct golden_approval *approvals;
    size_t approval_count; // of those in `loose`
};

struct golden_approval {
    struct bytes target, object, expires, reason;
    uint8_t type;
};

// Reads a golden file. `today` is "YYYY-MM-DD". PLAN_SHAPE with the path of what is wrong,
// INSTANCE_NAME, NO_MEMORY.
MUST_CHECK enum status golden_read(struct golden *out, struct bytes text, const char *today,
                                   struct arena *arena, struct diag *diag);

// Writes an authority as one. Capabilities that are transitional in `before` (may be NULL) stay so.
void golden_write(FILE *to, const struct authority *a, const struct golden *before);
