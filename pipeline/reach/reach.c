// SPDX-License-Identifier: BSD-2-Clause
#include "reach.h"

#include "order.h"

#define NONE AUTHORITY_NOBODY

// The domain of a target, in a forest of targets that shrinks as it is asked (union-find).
static uint32_t find(uint32_t *domain, uint32_t target)
{
    while (domain[target] != target) {
        domain[target] = domain[domain[target]];
        target = domain[target];
    }
    return target;
}

// The lesser target becomes the first of the joint domain.
static void join(uint32_t *domain, uint32_t a, uint32_t b)
{
    a = find(domain, a);
    b = find(domain, b);
    domain[a > b ? a : b] = a > b ? b : a;
}

static int compare_objects(const void *context, uint32_t a, uint32_t b)
{
    const struct authority *all = context;
    const struct authority_grant *x = &all->grants[a], *y = &all->grants[b];
    int order = (x->type > y->type) - (x->type < y->type);
    return order != 0 ? order : bytes_compare(x->object, y->object);
}

// Numbers the objects; `order` has the grants of each object one after another.
static void number_objects(struct reach *r, uint32_t *order, uint32_t *scratch)
{
    const struct authority *a = r->authority;
    order_sort(order, scratch, a->grant_count, compare_objects, a);
    for (uint32_t i = 0; i < a->grant_count; i++) {
        bool again = i > 0 && compare_objects(a, order[i - 1], order[i]) == 0;
        r->object_count += !again;
        r->object[order[i]] = r->object_count - 1;
    }
    r->node_count = r->target_count + 2 * r->object_count;
}

// l4v's policy_wellformed for the grants order[first .. end) of one object: who can grant over an
// endpoint and who receives from it control each other, and so do callers of a receiver that can
// grant with the reply.
static void join_object(struct reach *r, const uint32_t *order, uint32_t first, uint32_t end)
{
    const struct authority_grant *grants = r->authority->grants;
    uint32_t granter = NONE;
    bool receiver_grants = false;
    for (uint32_t i = first; i < end; i++) {
        const struct authority_grant *g = &grants[order[i]];
        if (g->auth & AUTHORITY_GRANT) {
            granter = g->target;
            receiver_grants |= (g->rights & PLAN_READ) != 0;
        }
        bool controls = (g->auth & AUTHORITY_UNIVERSE) == AUTHORITY_CONTROL;
        if (controls && g->provider != AUTHORITY_NOBODY) {
            join(r->domain, g->target, g->provider);
        }
    }
    for (uint32_t i = first; i < end && granter != NONE; i++) {
        const struct authority_grant *g = &grants[order[i]];
        bool calls = receiver_grants && g->auth & AUTHORITY_CALL;
        if (calls || g->auth & (AUTHORITY_GRANT | AUTHORITY_RECEIVE)) {
            join(r->domain, g->target, granter);
        }
    }
}

static void make_domains(struct reach *r, const uint32_t *order)
{
    uint32_t count = r->authority->grant_count, first = 0;
    for (uint32_t i = 0; i < r->target_count; i++) {
        r->domain[i] = i;
    }
    for (uint32_t i = 1; i <= count; i++) {
        if (i == count || r->object[order[i]] != r->object[order[first]]) {
            join_object(r, order, first, i);
            first = i;
        }
    }
    for (uint32_t i = 0; i < r->target_count; i++) {
        r->domain[i] = find(r->domain, i);
    }
}

enum { EDGES_OF_GRANT = 4 };

struct arc {
    uint32_t from, to;
};

// The edges of a grant. A message and the reply to it are two nodes, for who calls does not learn
// what others send.
static size_t arcs_of(struct arc arcs[static EDGES_OF_GRANT], const struct reach *r, uint32_t grant)
{
    const struct authority_grant *g = &r->authority->grants[grant];
    uint32_t target = r->domain[g->target];
    uint32_t message = r->target_count + 2 * r->object[grant], reply = message + 1;
    size_t count = 0;
    if (g->auth & (AUTHORITY_SEND | AUTHORITY_NOTIFY | AUTHORITY_WRITE)) {
        arcs[count++] = (struct arc){target, message};
    }
    if (g->auth & (AUTHORITY_RECEIVE | AUTHORITY_READ)) {
        arcs[count++] = (struct arc){message, target};
    }
    if (g->auth & AUTHORITY_CALL) {
        arcs[count++] = (struct arc){reply, target};
    }
    if (g->auth & AUTHORITY_RECEIVE && g->type == PLAN_ENDPOINT) {
        arcs[count++] = (struct arc){target, reply};
    }
    return count;
}

// Counts the edges of each node, makes room by prefix sums, then fills it: `first` ends up one
// node ahead of itself and is what it should be.
static void fill_edges(struct reach *r)
{
    struct arc arcs[EDGES_OF_GRANT];
    uint32_t grants = r->authority->grant_count;
    uint32_t *next = r->first + 1;
    for (uint32_t i = 0; i < grants; i++) {
        size_t count = arcs_of(arcs, r, i);
        for (size_t k = 0; k < count; k++) {
            next[arcs[k].from + 1]++;
        }
    }
    for (uint32_t i = 0; i < r->node_count; i++) {
        next[i + 1] += next[i];
    }
    for (uint32_t i = 0; i < grants; i++) {
        size_t count = arcs_of(arcs, r, i);
        for (size_t k = 0; k < count; k++) {
            r->edges[next[arcs[k].from]++] = (struct reach_edge){arcs[k].to, i};
        }
    }
}

enum status reach_build(struct reach *out, const struct authority *authority, struct arena *arena,
                        struct diag *diag)
{
    struct reach r = {.authority = authority, .target_count = authority->target_count};
    size_t grants = authority->grant_count, nodes = r.target_count + 2 * grants;
    r.domain = arena_take(arena, r.target_count + 1U, sizeof *r.domain);
    r.object = arena_take(arena, grants + 1, sizeof *r.object);
    r.first = arena_take(arena, nodes + 2, sizeof *r.first);
    r.edges = arena_take(arena, EDGES_OF_GRANT * grants + 1, sizeof *r.edges);
    r.from = arena_take(arena, nodes + 1, sizeof *r.from);
    r.via = arena_take(arena, nodes + 1, sizeof *r.via);
    r.steps = arena_take(arena, nodes + 1, sizeof *r.steps);
    r.queue = arena_take(arena, nodes + 1, sizeof *r.queue);
    if (r.domain == NULL || r.object == NULL || r.first == NULL || r.edges == NULL ||
        r.from == NULL || r.via == NULL || r.steps == NULL || r.queue == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "authority graph", nodes);
    }
    number_objects(&r, r.queue, r.from);
    make_domains(&r, r.queue);
    fill_edges(&r);
    *out = r;
    return STATUS_OK;
}

// The target of a domain where the search came in.
static uint32_t entry(const struct reach *r, uint32_t domain)
{
    uint32_t via = r->via[domain];
    return r->from[domain] == domain ? via : r->authority->grants[via].target;
}

// A use of a capability, after a step within the domain if another target of it has that.
static uint32_t steps_along(const struct reach *r, uint32_t node, uint32_t grant)
{
    bool within = node < r->target_count && entry(r, node) != r->authority->grants[grant].target;
    return within ? 2 : 1;
}

void reach_search(const struct reach *r, const uint32_t *targets, size_t count)
{
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < r->node_count; i++) {
        r->from[i] = NONE;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t node = r->domain[targets[i]];
        if (r->from[node] == NONE) {
            r->from[node] = node;
            r->via[node] = targets[i]; // of a start: which target of the domain it is
            r->steps[node] = 0;
            r->queue[tail++] = node;
        }
    }
    while (head < tail) {
        uint32_t node = r->queue[head++];
        for (uint32_t i = r->first[node]; i < r->first[node + 1]; i++) {
            const struct reach_edge *edge = &r->edges[i];
            if (r->from[edge->to] == NONE) {
                r->from[edge->to] = node;
                r->via[edge->to] = edge->grant;
                r->steps[edge->to] = r->steps[node] + steps_along(r, node, edge->grant);
                r->queue[tail++] = edge->to;
            }
        }
    }
}

bool reach_found(const struct reach *r, uint32_t target)
{
    return r->from[r->domain[target]] != NONE;
}

size_t reach_steps(const struct reach *r, uint32_t target)
{
    uint32_t node = r->domain[target];
    return r->steps[node] + (entry(r, node) != target);
}

// Steps are found from the end, so they are written from the end of `steps` and moved at last.
struct trace {
    struct reach_step *steps;
    size_t room, count;
};

static void prepend(struct trace *t, struct reach_step step)
{
    if (t->count < t->room) {
        t->steps[t->room - 1 - t->count] = step;
    }
    t->count++;
}

static void prepend_domain(struct trace *t, uint32_t from, uint32_t to)
{
    if (from != to) {
        prepend(t, (struct reach_step){.target = from, .grant = AUTHORITY_NOBODY, .next = to});
    }
}

size_t reach_trace(struct reach_step *steps, size_t room, const struct reach *r, uint32_t target)
{
    struct trace t = {.steps = steps, .room = room};
    uint32_t node = r->domain[target], at = target;
    while (r->from[node] != node) {
        const struct authority_grant *grant = &r->authority->grants[r->via[node]];
        bool out = node >= r->target_count; // the step led into an object
        bool reply = ((out ? node : r->from[node]) - r->target_count) % 2 != 0;
        if (!out) {
            prepend_domain(&t, grant->target, at);
        }
        prepend(&t,
                (struct reach_step){
                    .target = grant->target, .grant = r->via[node], .out = out, .reply = reply});
        at = grant->target;
        node = r->from[node];
    }
    prepend_domain(&t, r->via[node], at);
    size_t kept = t.count < room ? t.count : room;
    memmove(steps, steps + (room - kept), kept * sizeof *steps);
    return t.count;
}
