// SPDX-License-Identifier: BSD-2-Clause
#include "graph_label.h"

enum {
    CHARACTER = 7, // widest of a small font
    HEIGHT = 14,   // of a line of it
    PARTS = 16,    // of a curve
};

bool graph_label_open(struct graph_labels *labels, uint32_t most, struct arena *arena)
{
    labels->placed = arena_take(arena, most + 1U, sizeof *labels->placed);
    labels->count = 0;
    return labels->placed != NULL;
}

// The Bezier curve through the middle of the gap, at k of PARTS.
static struct graph_label point_at(const struct graph_curve *c, uint32_t k)
{
    const uint64_t whole = (uint64_t)PARTS * PARTS * PARTS;
    uint64_t t = k, u = PARTS - k;
    uint64_t far = t * t * t + 3 * t * t * u; // weight of the end's height
    uint64_t right = t * t * t + (3 * t * u * u + 3 * t * t * u) / 2;
    return (struct graph_label){
        .x = c->x + (uint32_t)(c->gap * right / whole),
        .y = (uint32_t)((c->from * (whole - far) + c->to * far) / whole),
    };
}

static bool is_apart(uint32_t a, uint32_t b, uint32_t distance)
{
    return (a > b ? a - b : b - a) >= distance;
}

static bool is_free(const struct graph_labels *labels, const struct graph_label *label)
{
    for (uint32_t i = 0; i < labels->count; i++) {
        const struct graph_label *other = &labels->placed[i];
        if (!is_apart(label->x, other->x, (label->width + other->width) / 2) &&
            !is_apart(label->y, other->y, HEIGHT)) {
            return false;
        }
    }
    return true;
}

struct graph_label graph_label_place(struct graph_labels *labels, const struct graph_curve *curve,
                                     size_t len)
{
    static const uint8_t tries[] = {8, 7, 9, 6, 10, 5, 11, 4, 12};
    struct graph_label label = {0};
    bool found = false;
    for (size_t i = 0; i < sizeof tries && !found; i++) {
        label = point_at(curve, tries[i]);
        label.width = (uint32_t)len * CHARACTER;
        found = is_free(labels, &label);
    }
    if (!found) { // no room: in the middle, over another one
        label = point_at(curve, PARTS / 2);
        label.width = (uint32_t)len * CHARACTER;
    }
    labels->placed[labels->count++] = label;
    return label;
}
