// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who reaches whom, of many starts at once: as reach_search finds it, without the ways. The graph
// is condensed to its strongly connected components, which have an order that no edge goes against;
// one walk along it carries sets of starts over every edge. Memory and a walk are linear in the
// graph.

#include "reach.h"

enum { REACH_SETS_STARTS = 64 }; // of one walk

struct reach_sets {
    const struct reach *reach;
    uint32_t *component; // of each node; an edge leads to the same or a lower one
    uint32_t *order;     // nodes, by component from the lowest
    uint64_t *found;     // of each component: bit i for the i-th start, which reaches it
    uint64_t *joined;    // of each domain's first target: bit i for the i-th start, which is of it
};

// The search of `reach`, which outlives the result, is used up. NO_MEMORY.
MUST_CHECK enum status reach_sets_build(struct reach_sets *out, const struct reach *reach,
                                        struct arena *arena, struct diag *diag);

// Searches from each of at most REACH_SETS_STARTS targets; AUTHORITY_NOBODY reaches nothing. The
// result replaces that of the last search.
void reach_sets_search(const struct reach_sets *sets, const uint32_t *targets, size_t count);

// Bit i: the i-th start of the last search reaches this target, as it does all of its domain.
uint64_t reach_sets_found(const struct reach_sets *sets, uint32_t target);

// Bit i: the i-th start of the last search is of this target's domain.
uint64_t reach_sets_joined(const struct reach_sets *sets, uint32_t target);
