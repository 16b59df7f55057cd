// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The search of reach.h from its end: for the ways of many targets to one. They are the same ways,
// step by step.

#include "reach.h"

struct reach_back {
    const struct reach *reach;
    uint32_t *first;    // of each node and one more: the edges to it
    uint32_t *from;     // the nodes that they come from
    uint32_t *distance; // search: edges from a node to the end; AUTHORITY_NOBODY: there is no way
};

// `reach` outlives the result. NO_MEMORY.
MUST_CHECK enum status reach_back_build(struct reach_back *out, const struct reach *reach,
                                        struct arena *arena, struct diag *diag);

// Searches for those that reach this target; the result replaces that of the last search.
void reach_back_search(const struct reach_back *back, uint32_t target);

// Leaves in `reach` the way from a target that reaches the last search's end, for reach_trace
// alone, as if reach_search had found it.
void reach_back_follow(const struct reach_back *back, uint32_t target);
