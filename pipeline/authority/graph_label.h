// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where the labels of curves go: on their curve, and apart from each other where there is room.

#include "arena.h"
#include "bytes.h"

struct graph_label {
    uint32_t x, y; // of its middle
    uint32_t width;
};

struct graph_labels {
    struct graph_label *placed;
    uint32_t count;
};

// A curve from (x, from) to (x + gap, to) that leaves and arrives level.
struct graph_curve {
    uint32_t x, gap, from, to;
};

// Room for so many labels; false when memory is short.
bool graph_label_open(struct graph_labels *labels, uint32_t most, struct arena *arena);

// The place of the next label, of `len` characters, on its curve.
struct graph_label graph_label_place(struct graph_labels *labels, const struct graph_curve *curve,
                                     size_t len);
