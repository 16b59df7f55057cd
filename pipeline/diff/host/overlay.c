// SPDX-License-Identifier: BSD-2-Clause

// The old and the new authority in one graph: what changed, and of the rest what is about the same
// objects. All of it is shown when nothing changed.

#include "overlay.h"

#include "diff_words.h"

static bool is_cap(const struct diff_change *c)
{
    return c->kind == DIFF_CAP;
}

static const struct authority_grant *grant_of(const struct diff_change *c)
{
    return c->verdict == DIFF_GREW ? c->now_grant : c->was_grant;
}

static enum graph_mark mark_of(const struct diff_change *c)
{
    bool both = c->was_grant != NULL && c->now_grant != NULL;
    if (c->verdict == DIFF_GREW) {
        return both ? GRAPH_WIDENED : GRAPH_ADDED;
    }
    return both ? GRAPH_NARROWED : GRAPH_REMOVED;
}

// As it is now; of hardware, the place that was gained or lost.
static const struct authority_grant *shown_by(const struct diff_change *c)
{
    const struct authority_grant *about = grant_of(c), *now = c->now_grant;
    return now != NULL && bytes_equal(now->object, about->object) ? now : about;
}

static bool is_same(const struct authority_grant *a, const struct authority_grant *b)
{
    return a->type == b->type && bytes_equal(a->object, b->object);
}

// Whether this capability of the new side is one that a change is about.
static bool is_changed(const struct diff *diff, const struct authority_grant *grant)
{
    const struct authority_target *holder = &diff->now->targets[grant->target];
    for (uint32_t i = 0; i < diff->change_count; i++) {
        const struct diff_change *c = &diff->changes[i];
        if (is_cap(c) && bytes_equal(diff_words_target(c)->name, holder->name) &&
            ((c->now_grant != NULL && is_same(c->now_grant, grant)) ||
             is_same(grant_of(c), grant))) {
            return true;
        }
    }
    return false;
}

// Whether to show an unchanged capability: to an object of which another one changed.
static bool is_beside(const struct diff *diff, const struct authority_grant *grant, bool any)
{
    for (uint32_t i = 0; any && i < diff->change_count; i++) {
        const struct diff_change *c = &diff->changes[i];
        if (is_cap(c) && bytes_equal(grant_of(c)->object, grant->object)) {
            return true;
        }
    }
    return !any;
}

static uint32_t target_named(struct authority *a, const struct authority_target *target)
{
    uint32_t i = 0;
    while (i < a->target_count && !bytes_equal(a->targets[i].name, target->name)) {
        i++;
    }
    if (i == a->target_count) {
        a->targets[a->target_count++] = *target;
    }
    return i;
}

static void add(struct overlay *o, const struct authority_target *target,
                const struct authority_grant *grant, enum graph_mark mark)
{
    struct authority *a = &o->authority;
    o->marks[a->grant_count] = (uint8_t)mark;
    a->grants[a->grant_count] = *grant;
    a->grants[a->grant_count++].target = target_named(a, target);
}

bool overlay_make(struct overlay *out, const struct diff *diff, struct arena *arena)
{
    const struct authority *now = diff->now;
    uint32_t most = now->grant_count + diff->change_count + 1U;
    bool any = false;
    *out = (struct overlay){.authority = {.targets = arena_take(arena, most, sizeof(*now->targets)),
                                          .grants = arena_take(arena, most, sizeof(*now->grants))},
                            .marks = arena_take(arena, most, 1)};
    if (out->authority.targets == NULL || out->authority.grants == NULL || out->marks == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < diff->change_count; i++) {
        const struct diff_change *c = &diff->changes[i];
        if (is_cap(c)) {
            any = true;
            add(out, diff_words_target(c), shown_by(c), mark_of(c));
        }
    }
    for (uint32_t i = 0; i < now->grant_count; i++) {
        const struct authority_grant *grant = &now->grants[i];
        if (is_changed(diff, grant)) {
            continue;
        }
        if (is_beside(diff, grant, any)) {
            add(out, &now->targets[grant->target], grant, GRAPH_KEPT);
        } else {
            out->left_out++;
        }
    }
    return true;
}
