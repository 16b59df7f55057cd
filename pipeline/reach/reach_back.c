// SPDX-License-Identifier: BSD-2-Clause
#include "reach_back.h"

#define NONE AUTHORITY_NOBODY

// Gathered as reach_build gathers the edges from each node.
static void fill_edges(struct reach_back *b)
{
    const struct reach *r = b->reach;
    uint32_t *next = b->first + 1;
    for (uint32_t i = 0; i < r->first[r->node_count]; i++) {
        next[r->edges[i].to + 1]++;
    }
    for (uint32_t i = 0; i < r->node_count; i++) {
        next[i + 1] += next[i];
    }
    for (uint32_t node = 0; node < r->node_count; node++) {
        for (uint32_t i = r->first[node]; i < r->first[node + 1]; i++) {
            b->from[next[r->edges[i].to]++] = node;
        }
    }
}

enum status reach_back_build(struct reach_back *out, const struct reach *reach, struct arena *arena,
                             struct diag *diag)
{
    struct reach_back b = {.reach = reach};
    size_t nodes = reach->node_count, edges = reach->first[nodes];
    b.first = arena_take(arena, nodes + 2, sizeof *b.first);
    b.from = arena_take(arena, edges + 1, sizeof *b.from);
    b.distance = arena_take(arena, nodes + 1, sizeof *b.distance);
    if (b.first == NULL || b.from == NULL || b.distance == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "authority graph", nodes);
    }
    fill_edges(&b);
    *out = b;
    return STATUS_OK;
}

void reach_back_search(const struct reach_back *b, uint32_t target)
{
    const struct reach *r = b->reach;
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < r->node_count; i++) {
        b->distance[i] = NONE;
    }
    r->queue[tail++] = r->domain[target];
    b->distance[r->domain[target]] = 0;
    while (head < tail) {
        uint32_t node = r->queue[head++];
        for (uint32_t i = b->first[node]; i < b->first[node + 1]; i++) {
            if (b->distance[b->from[i]] == NONE) {
                b->distance[b->from[i]] = b->distance[node] + 1;
                r->queue[tail++] = b->from[i];
            }
        }
    }
}

// A search comes to a node first by way of the node that it came to first, and goes along a node's
// edges in their order. So of all shortest ways it takes the one whose edges come first, and so
// does who takes, from each node, the first edge that leads nearer.
void reach_back_follow(const struct reach_back *b, uint32_t target)
{
    const struct reach *r = b->reach;
    uint32_t node = r->domain[target];
    r->from[node] = node;
    r->via[node] = target;
    while (b->distance[node] != 0) {
        const struct reach_edge *edge = &r->edges[r->first[node]];
        while (b->distance[edge->to] != b->distance[node] - 1) {
            edge++;
        }
        r->from[edge->to] = node;
        r->via[edge->to] = edge->grant;
        node = edge->to;
    }
}
