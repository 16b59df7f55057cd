// SPDX-License-Identifier: BSD-2-Clause

// Both sides are sorted by name, so one walk finds what is on one side only and what is on both
// (spec/diff.md, 2). A change is judged by what can be done with it and not by its words: rights as
// authority bits, limits as ratios, hardware by what its ranges cover.

#include "diff.h"

#include "diff_parts.h"
#include "name.h"

struct work {
    const struct authority *was, *now;
    const struct authority_target *old_target, *new_target;
    struct diff_list list;
    struct diff_summary summary;
};

static struct diff_change *add(struct work *w, enum diff_kind kind, enum diff_rule rule, bool grew)
{
    struct diff_change *c = diff_list_add(&w->list);
    c->kind = kind;
    c->rule = rule;
    c->verdict = grew ? DIFF_GREW : DIFF_SHRANK;
    c->was = w->old_target;
    c->now = w->new_target;
    return c;
}

// The gravest of what a capability gained, or lost when it gained nothing.
static enum diff_rule rule_of(uint32_t auth, bool both)
{
    if (auth & AUTHORITY_DEVICE) {
        return DIFF_DEVICE;
    }
    if (auth & AUTHORITY_GRANT) {
        return DIFF_GRANT;
    }
    if (auth & AUTHORITY_CONTROL) {
        return DIFF_CONTROL;
    }
    return both ? DIFF_WIDENED : DIFF_ADDED;
}

static void add_cap(struct work *w, const struct authority_grant *was,
                    const struct authority_grant *now, uint32_t added, uint32_t removed)
{
    bool both = was != NULL && now != NULL, grew = added != 0 || was == NULL;
    struct diff_change *c = add(w, DIFF_CAP, rule_of(grew ? added : removed, both), grew);
    c->was_grant = was;
    c->now_grant = now;
    c->auth_added = added;
    c->auth_removed = removed;
    c->span = now != NULL ? now->span : was->span;
    w->summary.added += was == NULL;
    w->summary.removed += now == NULL;
    w->summary.widened += both && grew;
    w->summary.narrowed += both && !grew;
}

// More shared memory is a higher limit, not another authority.
static void compare_sizes(struct work *w, const struct authority_grant *was,
                          const struct authority_grant *now)
{
    if (was->size != now->size) {
        struct diff_change *c = add(w, DIFF_SIZE, DIFF_LIMIT, now->size > was->size);
        c->was_grant = was;
        c->now_grant = now;
        c->span = now->span;
        w->summary.limits++;
    }
}

// Whoever is no longer recorded is watched less.
static void compare_traced(struct work *w, const struct authority_grant *was,
                           const struct authority_grant *now)
{
    if (was->traced != now->traced) {
        struct diff_change *c = add(w, DIFF_TRACED, DIFF_GUARD, was->traced);
        c->was_grant = was;
        c->now_grant = now;
        c->span = now->span;
        w->summary.guards++;
    }
}

static void compare_both(struct work *w, const struct authority_grant *was,
                         const struct authority_grant *now)
{
    uint32_t added = now->auth & ~was->auth, removed = was->auth & ~now->auth;
    compare_sizes(w, was, now);
    compare_traced(w, was, now);
    if (added != 0 || removed != 0) {
        add_cap(w, was, now, added, removed);
        return;
    }
    w->summary.moved += was->slot != now->slot;
    w->summary.rebound += was->badge != now->badge;
}

// What only one side has by this name. Of hardware the other side may have the place all the same,
// or a part of it, which is then shown beside it.
static void compare_lone(struct work *w, const struct authority_grant *was,
                         const struct authority_grant *now)
{
    const struct authority_grant *lone = now != NULL ? now : was;
    struct diff_side other = {.all = now != NULL ? w->was : w->now,
                              .target = now != NULL ? w->old_target : w->new_target};
    if (diff_hardware_has(&other, lone)) {
        return;
    }
    const struct authority_grant *near = diff_hardware_near(&other, lone);
    add_cap(w, was != NULL ? was : near, now != NULL ? now : near, now != NULL ? lone->auth : 0,
            now != NULL ? 0 : lone->auth);
}

static int compare_places(const struct authority_grant *a, const struct authority_grant *b)
{
    int order = (a->type > b->type) - (a->type < b->type);
    return order != 0 ? order : bytes_compare(a->object, b->object);
}

// Both lists ascend, so that one walk over both finds every pair.
static void compare_grants(struct work *w)
{
    const struct authority_target *was = w->old_target, *now = w->new_target;
    const struct authority_grant *a = was != NULL ? w->was->grants + was->first_grant : NULL;
    const struct authority_grant *b = now != NULL ? w->now->grants + now->first_grant : NULL;
    uint32_t i = 0, k = 0, a_end = was != NULL ? was->grants : 0,
             b_end = now != NULL ? now->grants : 0;
    while (i < a_end || k < b_end) {
        int order = i == a_end ? 1 : k == b_end ? -1 : compare_places(&a[i], &b[k]);
        if (order == 0) {
            compare_both(w, &a[i], &b[k]);
        } else {
            compare_lone(w, order < 0 ? &a[i] : NULL, order > 0 ? &b[k] : NULL);
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static void compare_limits(struct work *w)
{
    for (uint32_t i = 0; i < AUTHORITY_LIMITS; i++) {
        const struct authority_limit *was = &w->old_target->limits[i];
        const struct authority_limit *now = &w->new_target->limits[i];
        int order = authority_limit_compare(now, was);
        if (order != 0) {
            struct diff_change *c = add(w, DIFF_LIMIT_OF, DIFF_LIMIT, order > 0);
            c->item = i;
            c->span = now->span;
            w->summary.limits++;
        }
    }
    for (uint32_t i = 0; i < AUTHORITY_GUARDS; i++) {
        const struct authority_guard *was = &w->old_target->guards[i];
        const struct authority_guard *now = &w->new_target->guards[i];
        if (was->value != now->value) {
            struct diff_change *c = add(w, DIFF_GUARD_OF, DIFF_GUARD, now->value > was->value);
            c->item = i;
            c->span = now->span;
            w->summary.guards++;
        }
    }
}

static bool has_signer(const struct authority_target *target, const uint8_t key[static 32])
{
    for (size_t i = 0; i < target->signer_count; i++) {
        if (memcmp(target->signers[i], key, 32) == 0) {
            return true;
        }
    }
    return false;
}

// A key that has not signed before is growth, one that no longer signs is not. Of a plan that came
// without its trust file nobody knows who signed.
static void compare_signers(struct work *w)
{
    const struct authority_target *sides[2] = {w->old_target, w->new_target};
    if (sides[0]->signers == NULL || sides[1]->signers == NULL) {
        return;
    }
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < sides[side]->signer_count; i++) {
            const uint8_t *key = sides[side]->signers[i];
            if (!has_signer(sides[1 - side], key)) {
                struct diff_change *c = add(w, DIFF_SIGNED, DIFF_SIGNER, side == 1);
                c->text = (struct bytes){key, 32};
                w->summary.guards++;
            }
        }
    }
}

// Whether the patterns of `all` let in whoever this one does.
static bool is_covered(const struct authority *all, const struct authority_allow *allow,
                       const struct authority_target *target)
{
    for (uint32_t i = 0; i < all->allow_count && target != NULL; i++) {
        const struct authority_allow *other = &all->allows[i];
        if (&all->targets[other->target] == target && bytes_equal(other->object, allow->object) &&
            other->write >= allow->write && name_matches(other->pattern, allow->pattern)) {
            return true;
        }
    }
    return false;
}

static void compare_allows(struct work *w)
{
    const struct authority *sides[2] = {w->was, w->now};
    const struct authority_target *targets[2] = {w->old_target, w->new_target};
    for (size_t side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < sides[side]->allow_count; i++) {
            const struct authority_allow *allow = &sides[side]->allows[i];
            bool here = targets[side] == &sides[side]->targets[allow->target];
            if (here && !is_covered(sides[1 - side], allow, targets[1 - side])) {
                struct diff_change *c = add(w, DIFF_ALLOW, DIFF_GUARD, side == 1);
                c->object = allow->object;
                c->text = allow->pattern;
                c->item = allow->write;
                c->span = allow->span;
                w->summary.guards++;
            }
        }
    }
}

static void compare_target(struct work *w)
{
    if (w->old_target == NULL || w->new_target == NULL) {
        bool grew = w->old_target == NULL;
        (void)add(w, DIFF_TARGET, DIFF_ADDED, grew);
        w->summary.added += grew;
        w->summary.removed += !grew;
    } else {
        compare_limits(w);
        compare_signers(w);
    }
    compare_grants(w);
    compare_allows(w);
}

// What is only a peer is not compared: its own description is where it grows.
static uint32_t next_target(const struct authority *a, uint32_t i)
{
    while (i < a->target_count && a->targets[i].outside) {
        i++;
    }
    return i;
}

static void compare_targets(struct work *w)
{
    uint32_t i = next_target(w->was, 0), k = next_target(w->now, 0);
    while (i < w->was->target_count || k < w->now->target_count) {
        const struct authority_target *a = &w->was->targets[i], *b = &w->now->targets[k];
        int order = i == w->was->target_count   ? 1
                    : k == w->now->target_count ? -1
                                                : bytes_compare(a->name, b->name);
        w->old_target = order <= 0 ? a : NULL;
        w->new_target = order >= 0 ? b : NULL;
        compare_target(w);
        i = order <= 0 ? next_target(w->was, i + 1) : i;
        k = order >= 0 ? next_target(w->now, k + 1) : k;
    }
}

const struct authority_target diff_the_run = {.name = {(const uint8_t *)"(run)", 5}};

void diff_judge(struct diff *diff)
{
    diff->verdict = DIFF_SAME;
    for (uint32_t i = 0; i < diff->change_count; i++) {
        const struct diff_change *c = &diff->changes[i];
        if (!c->approved && c->verdict > diff->verdict) {
            diff->verdict = c->verdict;
        }
    }
}

enum status diff_make(struct diff *out, const struct authority *was, const struct authority *now,
                      struct arena *arena, struct diag *diag)
{
    struct work w = {.was = was, .now = now};
    struct diff made = {.was = was, .now = now};
    if (!diff_list_open(&w.list, arena)) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of a comparison", arena->size);
    }
    compare_targets(&w);
    enum status status = diff_reach(&w.list, was, now, arena, diag);
    if (status != STATUS_OK) {
        return status;
    }
    made.summary = w.summary;
    return diff_list_close(out, &made, &w.list, diag);
}

enum diff_severity diff_severity_of(enum diff_rule rule)
{
    switch (rule) {
    case DIFF_CONTROL:
    case DIFF_GRANT:
    case DIFF_DEVICE:
    case DIFF_RUN_MORE:
    case DIFF_EVIDENCE_INVALID:
        return DIFF_CRITICAL;
    case DIFF_LIMIT:
    case DIFF_EVIDENCE_INCOMPLETE:
    case DIFF_DENIAL:
        return DIFF_MEDIUM;
    case DIFF_RUN_LESS:
        return DIFF_NOTE;
    default:
        return DIFF_HIGH;
    }
}
