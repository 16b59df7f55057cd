// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the two halves of the comparison share.

#include "diff.h"

// A list of changes that grows in chunks of the arena.
struct diff_list {
    struct arena *arena;
    struct diff_chunk *first, *last;
    uint32_t count;
    bool full;
};

// A new zeroed change; when memory is short, `full` is set and the change is one that is lost.
struct diff_change *diff_list_add(struct diff_list *list);

// The ways from one target to another that only one side has.
MUST_CHECK enum status diff_reach(struct diff_list *list, const struct authority *was,
                                  const struct authority *now, struct arena *arena,
                                  struct diag *diag);
