// SPDX-License-Identifier: BSD-2-Clause

// Numbers of a run in the words of its plan: a fault handler's badge names the target, a cptr a
// capability, an object its server. Badges: spec/target-abi.md, 5; slots of the root task:
// CSPACE_LOW_BITS.

#include "plan_names.h"

#include "cspace.h"

const struct plan_target *plan_names_target(const struct plan *plan, uint64_t handler)
{
    uint64_t index = handler >> 32 & 0xffffff;
    return handler >> 56 == PLAN_BADGE_FAULT && index < plan->target_count ? &plan->targets[index]
                                                                           : NULL;
}

// Who receives on a system's object, or waits on it.
static const struct plan_target *server_of(const struct plan *plan, uint32_t object)
{
    for (uint32_t i = 0; i < plan->cap_count; i++) {
        const struct plan_cap *cap = &plan->caps[i];
        if (cap->object == object && (cap->rights & PLAN_READ) != 0) {
            return &plan->targets[cap->holder];
        }
    }
    return NULL;
}

void plan_names_object(struct text *text, const struct plan *plan, const struct plan_cap *cap)
{
    if (cap->object == PLAN_AUDITOR) {
        text_put_bytes(text, plan_cap_object(plan, cap));
        return;
    }
    const struct plan_object *object = &plan->objects[cap->object];
    const struct plan_target *server =
        object->owner == PLAN_SYSTEM ? server_of(plan, cap->object) : NULL;
    if (server != NULL) {
        text_put_json(text, server->name);
        text_char(text, '.');
    }
    text_put_json(text, object->name);
    text_put(text, cap->relay != 0 ? " traced" : "");
}

void plan_names_cap(struct text *text, const struct plan *plan, const struct plan_target *target,
                    uint64_t cptr)
{
    if (cptr >= target->caps) {
        text_put_word(text, cptr);
        text_put(text, " (outside the CSpace)");
        return;
    }
    const struct plan_cap *cap = &plan->caps[target->first_cap + cptr];
    if (cap->name.len != 0) {
        text_put_json(text, cap->name);
        text_put(text, " (");
    }
    text_put(text, "slot ");
    text_put_word(text, cptr);
    text_put(text, cap->name.len != 0 ? ", " : " (");
    if (cap->kind == PLAN_CAP_TRIPWIRE) {
        text_put(text, "tripwire)");
        return;
    }
    text_put(text, plan_type_name(cap->type));
    text_char(text, ' ');
    plan_names_object(text, plan, cap);
    text_char(text, ')');
}

// The object of a target whose capability stands in this slot of its holder.
static const struct plan_object *held_object(const struct plan *plan,
                                             const struct plan_target *target, uint64_t slot)
{
    for (uint32_t i = 0; i < target->objects; i++) {
        const struct plan_object *object = &plan->objects[target->first_object + i];
        if (object->holder_slot != 0 && slot >= object->holder_slot &&
            slot - object->holder_slot < object->count) {
            return object;
        }
    }
    return NULL;
}

void plan_names_held(struct text *text, const struct plan *plan, uint64_t cptr)
{
    uint64_t top = cptr >> CSPACE_LOW_BITS; // 0 is the boot CNode, then the targets' holders
    text_put_word(text, cptr);
    if (top == 0 || top > plan->target_count) {
        return;
    }
    const struct plan_target *target = &plan->targets[top - 1];
    uint64_t slot = cptr - (top << CSPACE_LOW_BITS);
    const struct plan_object *object = held_object(plan, target, slot);
    if (object != NULL) {
        text_put(text, " (");
        text_put(text, plan_type_name(object->type));
        text_put(text, " of ");
        text_put_json(text, target->name);
        text_char(text, ')');
    }
}
