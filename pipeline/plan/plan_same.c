// SPDX-License-Identifier: BSD-2-Clause
#include "plan_same.h"

// Where the objects of targets begin.
static uint32_t system_end(const struct plan *plan)
{
    return plan->target_count != 0 ? plan->targets[0].first_object : plan->object_count;
}

static bool same_object(const struct plan_object *a, const struct plan_object *b)
{
    return a->type == b->type && a->size_bits == b->size_bits && a->owner == b->owner &&
           a->count == b->count && a->holder_slot == b->holder_slot && a->vaddr == b->vaddr &&
           a->signals == b->signals && a->level == b->level && a->low == b->low &&
           bytes_equal(a->name, b->name);
}

bool plan_same_system(const struct plan *a, const struct plan *b)
{
    bool same = system_end(a) == system_end(b);
    for (uint32_t i = 0; i < system_end(a) && same; i++) {
        same = same_object(&a->objects[i], &b->objects[i]);
    }
    return same;
}

// The system's objects have the same index in both; a target's are counted from its first.
static bool same_index(const struct plan *a, uint32_t of_a, uint32_t from_a, uint32_t of_b,
                       uint32_t from_b)
{
    return of_a < system_end(a) || of_a == PLAN_AUDITOR ? of_a == of_b
                                                        : of_a - from_a == of_b - from_b;
}

static bool same_numbers(const struct plan_target *a, const struct plan_target *b)
{
    return a->package_index == b->package_index && a->untyped_bits == b->untyped_bits &&
           a->cnode_bits == b->cnode_bits && a->holder_bits == b->holder_bits &&
           a->objects == b->objects && a->caps == b->caps && a->mappings == b->mappings &&
           a->entry == b->entry && a->priority == b->priority && a->budget_us == b->budget_us &&
           a->period_us == b->period_us && a->parent == b->parent &&
           a->parent_slot == b->parent_slot && a->child == b->child &&
           bytes_equal(a->name, b->name) &&
           memcmp(a->package_id, b->package_id, sizeof a->package_id) == 0;
}

static bool same_cap(const struct plan *a, const struct plan *b, uint32_t target, uint32_t slot)
{
    const struct plan_target *at = &a->targets[target], *bt = &b->targets[target];
    const struct plan_cap *x = &a->caps[at->first_cap + slot], *y = &b->caps[bt->first_cap + slot];
    return x->kind == y->kind && x->type == y->type && x->service == y->service &&
           x->rights == y->rights && x->badge == y->badge && x->relay == y->relay &&
           same_index(a, x->object, at->first_object, y->object, bt->first_object);
}

static bool same_mapping(const struct plan *a, const struct plan *b, uint32_t target, uint32_t i)
{
    const struct plan_target *at = &a->targets[target], *bt = &b->targets[target];
    const struct plan_mapping *x = &a->mappings[at->first_mapping + i];
    const struct plan_mapping *y = &b->mappings[bt->first_mapping + i];
    return x->write == y->write && x->fill == y->fill && x->first == y->first &&
           x->pages == y->pages && x->vaddr == y->vaddr &&
           same_index(a, x->object, at->first_object, y->object, bt->first_object);
}

bool plan_same_target(const struct plan *a, const struct plan *b, uint32_t target)
{
    const struct plan_target *at = &a->targets[target], *bt = &b->targets[target];
    bool same = same_numbers(at, bt);
    for (uint32_t i = 0; same && i < at->objects; i++) {
        same = same_object(&a->objects[at->first_object + i], &b->objects[bt->first_object + i]);
    }
    for (uint32_t i = 0; same && i < at->caps; i++) {
        same = same_cap(a, b, target, i);
    }
    for (uint32_t i = 0; same && i < at->mappings; i++) {
        same = same_mapping(a, b, target, i);
    }
    return same;
}
