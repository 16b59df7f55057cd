// SPDX-License-Identifier: BSD-2-Clause
#include "diff_parts.h"

#include "reach_back.h"
#include "reach_sets.h"

// A target, and the starts from which only one side has a way to it.
struct end {
    uint32_t target;
    uint64_t starts;
};

// One side of the comparison, with the target of the same name on the other one.
struct side {
    const struct authority *a;
    struct reach reach;
    struct reach_sets sets;
    struct reach_back back;
    uint32_t *twin; // AUTHORITY_NOBODY: the other side has no such target
    struct end *ends;
};

static enum status open_side(struct side *s, const struct authority *a,
                             const struct authority *other, struct arena *arena, struct diag *diag)
{
    s->a = a;
    s->twin = arena_take(arena, a->target_count + 1U, sizeof *s->twin);
    s->ends = arena_take(arena, a->target_count + 1U, sizeof *s->ends);
    if (s->twin == NULL || s->ends == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of a comparison", a->target_count);
    }
    for (uint32_t i = 0; i < a->target_count; i++) {
        s->twin[i] = authority_find(other, a->targets[i].name);
    }
    enum status status = reach_build(&s->reach, a, arena, diag);
    if (status == STATUS_OK) {
        status = reach_sets_build(&s->sets, &s->reach, arena, diag);
    }
    return status == STATUS_OK ? reach_back_build(&s->back, &s->reach, arena, diag) : status;
}

// The ways from a few targets that one side has and the other one has not.
struct block {
    const struct side *with, *without;
    bool grew;
    uint32_t first, count; // of the starts: targets of `with`
    uint64_t starts;       // bit i: there is a way from target first + i
    uint32_t end_count;    // with->ends has that many
};

// Which starts reach a target, or are of its domain, on one side only.
static uint64_t lone_starts(const struct block *b, uint32_t target)
{
    const struct side *s = b->with, *other = b->without;
    uint64_t found = reach_sets_found(&s->sets, target);
    uint64_t joined = reach_sets_joined(&s->sets, target);
    uint32_t twin = s->twin[target], place = target - b->first;
    if (twin != AUTHORITY_NOBODY) {
        found &= ~reach_sets_found(&other->sets, twin);
        joined &= ~reach_sets_joined(&other->sets, twin);
    }
    return (found | joined) & ~(place < REACH_SETS_STARTS ? UINT64_C(1) << place : 0);
}

// What is only a peer is no start: its own description is where it grows.
static void find_ends(struct block *b)
{
    const struct side *s = b->with;
    uint32_t starts[REACH_SETS_STARTS];
    uint64_t described = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        starts[i] = b->first + i;
        described |= (uint64_t)!s->a->targets[starts[i]].outside << i;
    }
    reach_sets_search(&s->sets, starts, b->count);
    reach_sets_search(&b->without->sets, &s->twin[b->first], b->count);
    for (uint32_t i = 0; i < s->a->target_count; i++) {
        struct end end = {i, lone_starts(b, i) & described};
        if (end.starts != 0) {
            s->ends[b->end_count++] = end;
            b->starts |= end.starts;
        }
    }
}

// One such way and the change that tells it.
struct pair {
    uint32_t from, to;
    struct diff_change *change;
};

static struct pair add_pair(struct diff_list *list, const struct block *b, uint32_t from,
                            uint32_t to)
{
    struct pair pair = {from, to, diff_list_add(list)};
    struct diff_change *c = pair.change;
    const struct side *s = b->with;
    uint32_t twin = s->twin[from];
    const struct authority_target *here = &s->a->targets[from];
    const struct authority_target *there =
        twin != AUTHORITY_NOBODY ? &b->without->a->targets[twin] : NULL;
    c->kind = DIFF_PAIR;
    c->rule = s->reach.domain[from] == s->reach.domain[to] ? DIFF_GRANT : DIFF_REACH;
    c->verdict = b->grew ? DIFF_GREW : DIFF_SHRANK;
    c->was = b->grew ? there : here;
    c->now = b->grew ? here : there;
    c->to = &s->a->targets[to];
    return pair;
}

static uint32_t size_of(uint64_t set)
{
    uint32_t size = 0;
    for (; set != 0; set &= set - 1) {
        size++;
    }
    return size;
}

// The pairs of a block in order; their number is 0 when memory is short.
static struct pair *add_pairs(uint32_t *count, struct diff_list *list, const struct block *b)
{
    const struct end *ends = b->with->ends;
    size_t room = 0;
    for (uint32_t i = 0; i < b->end_count; i++) {
        room += size_of(ends[i].starts);
    }
    struct pair *pairs = arena_take(list->arena, room, sizeof *pairs);
    *count = 0;
    list->full |= pairs == NULL;
    for (uint32_t i = 0; i < b->count && !list->full; i++) {
        for (uint32_t k = 0; k < b->end_count && b->starts >> i & 1; k++) {
            if (ends[k].starts >> i & 1) {
                pairs[(*count)++] = add_pair(list, b, b->first + i, ends[k].target);
            }
        }
    }
    return pairs;
}

// The way that the last search found.
static void add_steps(struct diff_list *list, const struct side *s, const struct pair *pair)
{
    struct diff_change *c = pair->change;
    c->steps = arena_take(list->arena, DIFF_STEPS, sizeof *c->steps);
    if (c->steps == NULL) {
        list->full = true;
        return;
    }
    c->step_count = reach_trace(c->steps, DIFF_STEPS, &s->reach, pair->to);
    if (c->step_count > 0 && c->steps[0].grant != AUTHORITY_NOBODY) {
        c->span = s->a->grants[c->steps[0].grant].span;
    }
}

static void trace_from_starts(struct diff_list *list, const struct side *s,
                              const struct pair *pairs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || pairs[i].from != pairs[i - 1].from) {
            reach_search(&s->reach, &pairs[i].from, 1);
        }
        add_steps(list, s, &pairs[i]);
    }
}

static void trace_from_end(struct diff_list *list, const struct side *s, uint32_t end,
                           const struct pair *pairs, uint32_t count)
{
    reach_back_search(&s->back, end);
    for (uint32_t i = 0; i < count; i++) {
        if (pairs[i].to == end) {
            reach_back_follow(&s->back, pairs[i].from);
            add_steps(list, s, &pairs[i]);
        }
    }
}

// Searches from whichever are fewer, starts or ends: many that newly reach one cost as little as
// one that newly reaches many.
static void compare_block(struct diff_list *list, struct block *b)
{
    const struct side *s = b->with;
    uint32_t count;
    find_ends(b);
    struct pair *pairs = add_pairs(&count, list, b);
    if (size_of(b->starts) <= b->end_count) {
        trace_from_starts(list, s, pairs, count);
        return;
    }
    for (uint32_t i = 0; i < b->end_count; i++) {
        trace_from_end(list, s, s->ends[i].target, pairs, count);
    }
}

enum status diff_reach(struct diff_list *list, const struct authority *was,
                       const struct authority *now, struct arena *arena, struct diag *diag)
{
    struct side sides[2];
    enum status status = open_side(&sides[0], was, now, arena, diag);
    status = status == STATUS_OK ? open_side(&sides[1], now, was, arena, diag) : status;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        uint32_t targets = sides[i].a->target_count;
        for (uint32_t first = 0; first < targets && !list->full; first += REACH_SETS_STARTS) {
            uint32_t left = targets - first;
            struct block block = {.with = &sides[i],
                                  .without = &sides[1 - i],
                                  .grew = i == 1,
                                  .first = first,
                                  .count = left < REACH_SETS_STARTS ? left : REACH_SETS_STARTS};
            compare_block(list, &block);
        }
    }
    return status;
}
