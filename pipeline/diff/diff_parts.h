// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What those who find changes share.

#include "diff.h"

// A list of changes that grows in chunks of the arena.
struct diff_list {
    struct arena *arena;
    struct diff_chunk *first, *last;
    uint32_t count;
    bool full;
};

// An empty list; false when memory is short, and then nothing may be added.
bool diff_list_open(struct diff_list *list, struct arena *arena);

// A new zeroed change; when memory is short, `full` is set and the change is one that is lost.
struct diff_change *diff_list_add(struct diff_list *list);

// The end: puts the list, by rule, and the verdict into `made`, which has the rest, and that into
// `out`. NO_MEMORY, also of an earlier addition.
MUST_CHECK enum status diff_list_close(struct diff *out, struct diff *made,
                                       const struct diff_list *list, struct diag *diag);

// The ways from one target to another that only one side has.
MUST_CHECK enum status diff_reach(struct diff_list *list, const struct authority *was,
                                  const struct authority *now, struct arena *arena,
                                  struct diag *diag);

// One target of one side; NULL: that side has no such target.
struct diff_side {
    const struct authority *all;
    const struct authority_target *target;
};

// Whether a side has every place of a hardware capability, with at least its authority, in one
// range or several.
bool diff_hardware_has(const struct diff_side *side, const struct authority_grant *grant);

// A capability of a side that shares a place with this one, or NULL.
const struct authority_grant *diff_hardware_near(const struct diff_side *side,
                                                 const struct authority_grant *grant);
