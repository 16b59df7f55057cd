// SPDX-License-Identifier: BSD-2-Clause
#include "diff_parts.h"

// One side of the comparison, with the target of the same name on the other one.
struct side {
    const struct authority *a;
    struct reach reach;
    uint32_t *twin; // AUTHORITY_NOBODY: the other side has no such target
};

static enum status open_side(struct side *s, const struct authority *a,
                             const struct authority *other, struct arena *arena, struct diag *diag)
{
    s->a = a;
    s->twin = arena_take(arena, a->target_count + 1U, sizeof *s->twin);
    if (s->twin == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of a comparison", a->target_count);
    }
    for (uint32_t i = 0; i < a->target_count; i++) {
        s->twin[i] = authority_find(other, a->targets[i].name);
    }
    return reach_build(&s->reach, a, arena, diag);
}

static bool reaches(const struct side *s, uint32_t target)
{
    return target != AUTHORITY_NOBODY && reach_found(&s->reach, target);
}

static bool controls(const struct side *s, uint32_t from, uint32_t to)
{
    return from != AUTHORITY_NOBODY && to != AUTHORITY_NOBODY &&
           s->reach.domain[from] == s->reach.domain[to];
}

// A way from one target to another that only one side has.
struct pair {
    const struct side *with, *without;
    uint32_t from, to;
    bool grew;
};

static void add_pair(struct diff_list *list, const struct pair *p)
{
    struct diff_change *c = diff_list_add(list);
    const struct side *s = p->with;
    uint32_t twin = s->twin[p->from];
    const struct authority_target *here = &s->a->targets[p->from];
    const struct authority_target *there =
        twin != AUTHORITY_NOBODY ? &p->without->a->targets[twin] : NULL;
    c->kind = DIFF_PAIR;
    c->rule = controls(s, p->from, p->to) ? DIFF_GRANT : DIFF_REACH;
    c->verdict = p->grew ? DIFF_GREW : DIFF_SHRANK;
    c->was = p->grew ? there : here;
    c->now = p->grew ? here : there;
    c->to = &s->a->targets[p->to];
    c->steps = arena_take(list->arena, DIFF_STEPS, sizeof *c->steps);
    if (c->steps == NULL) {
        list->full = true;
        return;
    }
    c->step_count = reach_trace(c->steps, DIFF_STEPS, &s->reach, p->to);
    if (c->step_count > 0 && c->steps[0].grant != AUTHORITY_NOBODY) {
        c->span = s->a->grants[c->steps[0].grant].span;
    }
}

// The ways from target `from` of side `s` that the other side does not have.
static void compare_from(struct diff_list *list, const struct pair *from)
{
    const struct side *s = from->with, *other = from->without;
    uint32_t twin = s->twin[from->from];
    reach_search(&s->reach, &from->from, 1);
    reach_search(&other->reach, &twin, twin != AUTHORITY_NOBODY);
    for (uint32_t to = 0; to < s->a->target_count; to++) {
        bool new_way = reaches(s, to) && !reaches(other, s->twin[to]);
        bool new_control = controls(s, from->from, to) && !controls(other, twin, s->twin[to]);
        if (to != from->from && (new_way || new_control)) {
            struct pair pair = *from;
            pair.to = to;
            add_pair(list, &pair);
        }
    }
}

enum status diff_reach(struct diff_list *list, const struct authority *was,
                       const struct authority *now, struct arena *arena, struct diag *diag)
{
    struct side sides[2];
    enum status status = open_side(&sides[0], was, now, arena, diag);
    status = status == STATUS_OK ? open_side(&sides[1], now, was, arena, diag) : status;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        struct pair pair = {.with = &sides[i], .without = &sides[1 - i], .grew = i == 1};
        for (uint32_t from = 0; from < sides[i].a->target_count; from++) {
            pair.from = from;
            if (!sides[i].a->targets[from].outside) {
                compare_from(list, &pair);
            }
        }
    }
    return status;
}
