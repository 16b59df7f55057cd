// SPDX-License-Identifier: BSD-2-Clause
#include "reach_sets.h"

#define NONE AUTHORITY_NOBODY

// Tarjan's search for components, without recursion. A component is closed after all that it leads
// to, which numbers components against the direction of edges.
struct walk {
    const struct reach *reach;
    uint32_t *component; // of each closed node
    uint32_t *order;     // nodes, as they were closed
    uint32_t *number;    // in the order of first sight, from 1; 0: not seen
    uint32_t *low;       // the least number of an open node that is known to be reached; then NONE
    uint32_t *edge;      // the next one to look at
    uint32_t *path, *open;
    uint32_t depth, open_count; // nodes on the path, and seen ones whose component is not closed
    uint32_t seen, closed;      // nodes
    uint32_t count;             // components
};

static void enter(struct walk *w, uint32_t node)
{
    w->number[node] = w->low[node] = ++w->seen;
    w->edge[node] = w->reach->first[node];
    w->path[w->depth++] = node;
    w->open[w->open_count++] = node;
}

static void lower(struct walk *w, uint32_t node, uint32_t low)
{
    w->low[node] = low < w->low[node] ? low : w->low[node];
}

static void close_component(struct walk *w, uint32_t root)
{
    uint32_t node;
    do {
        node = w->open[--w->open_count];
        w->component[node] = w->count;
        w->order[w->closed++] = node;
        w->low[node] = NONE;
    } while (node != root);
    w->count++;
}

static void leave(struct walk *w)
{
    uint32_t node = w->path[--w->depth];
    if (w->depth > 0) {
        lower(w, w->path[w->depth - 1], w->low[node]);
    }
    if (w->low[node] == w->number[node]) {
        close_component(w, node);
    }
}

static void walk_from(struct walk *w, uint32_t root)
{
    enter(w, root);
    while (w->depth > 0) {
        uint32_t node = w->path[w->depth - 1];
        if (w->edge[node] == w->reach->first[node + 1]) {
            leave(w);
            continue;
        }
        uint32_t to = w->reach->edges[w->edge[node]++].to;
        if (w->number[to] == 0) {
            enter(w, to);
        } else {
            lower(w, node, w->low[to]);
        }
    }
}

static void find_components(const struct reach_sets *s, uint32_t *scratch)
{
    const struct reach *r = s->reach;
    uint32_t count = r->node_count;
    struct walk w = {.reach = r,
                     .component = s->component,
                     .order = s->order,
                     .number = scratch,
                     .low = scratch + count,
                     .edge = scratch + 2 * (size_t)count,
                     .path = r->from,
                     .open = r->queue};
    for (uint32_t i = 0; i < count; i++) {
        if (w.number[i] == 0) {
            walk_from(&w, i);
        }
    }
}

enum status reach_sets_build(struct reach_sets *out, const struct reach *reach, struct arena *arena,
                             struct diag *diag)
{
    struct reach_sets s = {.reach = reach};
    size_t nodes = reach->node_count;
    s.component = arena_take(arena, nodes + 1, sizeof *s.component);
    s.order = arena_take(arena, nodes + 1, sizeof *s.order);
    s.found = arena_take(arena, nodes + 1, sizeof *s.found);
    s.joined = arena_take(arena, reach->target_count + 1U, sizeof *s.joined);
    size_t mark = arena->used;
    uint32_t *scratch = arena_take(arena, 3 * nodes + 1, sizeof *scratch);
    if (s.component == NULL || s.order == NULL || s.found == NULL || s.joined == NULL ||
        scratch == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "authority graph", nodes);
    }
    find_components(&s, scratch);
    arena->used = mark;
    *out = s;
    return STATUS_OK;
}

void reach_sets_search(const struct reach_sets *s, const uint32_t *targets, size_t count)
{
    const struct reach *r = s->reach;
    memset(s->found, 0, r->node_count * sizeof *s->found);
    memset(s->joined, 0, r->target_count * sizeof *s->joined);
    for (size_t i = 0; i < count; i++) {
        if (targets[i] != NONE) {
            uint32_t node = r->domain[targets[i]];
            s->found[s->component[node]] |= UINT64_C(1) << i;
            s->joined[node] |= UINT64_C(1) << i;
        }
    }
    for (uint32_t i = r->node_count; i-- > 0;) {
        uint32_t node = s->order[i];
        uint64_t starts = s->found[s->component[node]];
        for (uint32_t k = r->first[node]; k < r->first[node + 1] && starts != 0; k++) {
            s->found[s->component[r->edges[k].to]] |= starts;
        }
    }
}

uint64_t reach_sets_found(const struct reach_sets *s, uint32_t target)
{
    return s->found[s->component[s->reach->domain[target]]];
}

uint64_t reach_sets_joined(const struct reach_sets *s, uint32_t target)
{
    return s->joined[s->reach->domain[target]];
}
