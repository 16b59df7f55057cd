// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Both sides of a comparison in one authority, for pictures: each capability that changed, marked,
// and what else there is to the same objects. Where nothing changed, everything.

#include "diff.h"
#include "graph.h"

struct overlay {
    struct authority authority; // targets and grants alone, in no order
    uint8_t *marks;             // enum graph_mark of each grant
    uint32_t left_out;          // capabilities to objects that did not change
};

// False when memory is short.
bool overlay_make(struct overlay *out, const struct diff *diff, struct arena *arena);
