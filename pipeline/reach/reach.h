// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who can influence whom (spec/diff.md, 3): the authority graph of l4v's access-control model,
// whose nodes are targets and objects and whose edges are what authority lets information flow
// along. Targets that have control over each other are one domain. Building it takes time
// n log n in the capabilities, a search is linear.
//
// Covert channels, such as time and who waits for whom, are not in the model.

#include "authority.h"

struct reach_edge {
    uint32_t to;    // node
    uint32_t grant; // the capability that it is due to
};

struct reach {
    const struct authority *authority;
    uint32_t target_count;
    uint32_t object_count;
    uint32_t node_count;      // targets, then two for each object: messages and replies
    uint32_t *domain;         // of each target: the least target of its domain
    uint32_t *object;         // of each grant
    uint32_t *first;          // of each node and one more: its edges
    struct reach_edge *edges; // from the domains' first targets and from objects
    uint32_t *from;           // search: the node before, or itself for a start
    uint32_t *via;            // search: the grant on the way from there
    uint32_t *steps;          // search: of the way to the node, as reach_trace counts
    uint32_t *queue;
};

// One step of a witness: a target uses a capability, forwards to the object or from it.
struct reach_step {
    uint32_t target;
    uint32_t grant; // AUTHORITY_NOBODY: from one target of a domain to another
    uint32_t next;  // that other one
    bool out;       // target -> object
    bool reply;     // the object is the reply to a call
};

// NO_MEMORY.
MUST_CHECK enum status reach_build(struct reach *out, const struct authority *authority,
                                   struct arena *arena, struct diag *diag);

// Searches from a set of targets; the result replaces that of the last search.
void reach_search(const struct reach *reach, const uint32_t *targets, size_t count);

// Whether the last search found this target; true of its starts and their domains.
bool reach_found(const struct reach *reach, uint32_t target);

// How many steps reach_trace would give, in constant time.
size_t reach_steps(const struct reach *reach, uint32_t target);

// The shortest way to a target that the last search found, in order. Gives the number of steps, of
// which the last `room` are written at `steps`; 0 for a start.
size_t reach_trace(struct reach_step *steps, size_t room, const struct reach *reach,
                   uint32_t target);
