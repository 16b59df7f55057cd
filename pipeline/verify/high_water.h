// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The highest security counter that ran well, per package name. This one lives in memory and
// forgets at the next boot; a target with storage of its own puts other functions behind the same
// two names.

#include "bounds.h"
#include "diag.h"

struct high_water_mark {
    uint8_t name[BOUND_NAME];
    size_t name_len;
    uint64_t counter;
};

struct high_water {
    struct high_water_mark marks[BOUND_TARGETS];
    size_t count;
};

// The mark of `name`, 0 when it never ran.
uint64_t high_water_of(const struct high_water *marks, struct bytes name);

// Raises the mark, never lowers it. Call it only after a good start: a mark that rises on a
// signature alone lets one leaked key lock a name out. Error: NO_MEMORY when all marks are taken.
MUST_CHECK enum status high_water_raise(struct high_water *marks, struct bytes name,
                                        uint64_t counter);
