// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"

// Nothing of the plan is used as an index before this part has run; afterwards the ranges of
// targets are inside the arrays, apart from each other, and of the packages that were verified.

// The ranges of targets tile the arrays without a gap.
struct ends {
    uint32_t objects, caps, mappings;
};

static bool takes(uint32_t *end, uint32_t first, uint32_t count, uint32_t all)
{
    if (first != *end || count > all - *end) {
        return false;
    }
    *end += count;
    return true;
}

// Sizes and counts; what hardware it is, its owner's manifest says.
static bool is_system_object(const struct plan_object *o)
{
    switch (o->type) {
    case PLAN_ENDPOINT:
        return o->size_bits == 4 && o->count == 1 && o->vaddr == 0;
    case PLAN_NOTIFICATION:
        return o->size_bits == 6 && o->count == 1 && o->vaddr == 0;
    case PLAN_FRAME:
        return o->size_bits == 12 && o->count != 0 && o->vaddr == 0;
    case PLAN_DEVICE_FRAME:
        return o->size_bits == 12 && o->count != 0;
    case PLAN_IRQ_HANDLER:
    case PLAN_IO_PORTS:
        return o->size_bits == 0 && o->count == 1;
    default:
        return false;
    }
}

static bool is_no_interrupt(const struct plan_object *o)
{
    return o->signals == 0 && !o->level && !o->low;
}

// The objects before the first target's.
static enum status check_system(struct plan_check_work *w)
{
    const struct plan *p = w->plan;
    uint32_t end = p->target_count != 0 ? p->targets[0].first_object : p->object_count;
    if (end > p->object_count) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "objects of the system", end, PLAN_SYSTEM);
    }
    uint64_t slot = 0;
    for (uint32_t i = 0; i < end; i++) {
        const struct plan_object *o = &p->objects[i];
        if (o->owner != PLAN_SYSTEM || !is_system_object(o) || o->holder_slot != slot ||
            !(o->type == PLAN_IRQ_HANDLER || is_no_interrupt(o))) {
            return plan_check_fail(w, STATUS_PLAN_SHAPE, "object of the system", i, PLAN_SYSTEM);
        }
        slot += o->count;
    }
    if (slot > 65536) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "slots of the system", slot, PLAN_SYSTEM);
    }
    w->system_objects = end;
    return STATUS_OK;
}

// Nothing but whose place it is and where its ranges, which are empty, begin.
static bool is_nothing(const struct plan_target *t)
{
    struct plan_target rest = *t;
    rest.package_index = 0;
    rest.first_object = rest.first_cap = rest.first_mapping = 0;
    return bytes_all_zero((struct bytes){(const uint8_t *)&rest, sizeof rest});
}

static enum status check_identity(const struct plan_check_work *w, uint32_t index)
{
    const struct plan_target *t = &w->plan->targets[index];
    bool ascends = index == 0 || w->plan->targets[index - 1].package_index < t->package_index;
    if (!ascends || t->package_index >= w->input->system->package_count) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "package of a target", index, index);
    }
    const struct policy_instance *from = plan_check_instance(w, index);
    if (plan_check_vacant(w, index)) {
        return is_nothing(t) ? STATUS_OK
                             : plan_check_fail(w, STATUS_PLAN_SHAPE, "vacant place", index, index);
    }
    if (from->verified == NULL || !bytes_equal(t->name, from->name) ||
        !bytes_equal(t->package, from->manifest->name.value) ||
        memcmp(t->package_id, from->verified->package.id, sizeof t->package_id) != 0) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "identity of a target", index, index);
    }
    return STATUS_OK;
}

// Places come last, and each is there: their packages ascend, so the first of them tells.
static bool has_places(const struct plan_check_work *w)
{
    size_t first = w->input->system->first_place;
    size_t places = w->input->system->package_count - first;
    uint32_t count = w->plan->target_count;
    return places == 0 ||
           (count >= places && w->plan->targets[count - places].package_index == first);
}

static enum status check_target(const struct plan_check_work *w, uint32_t index, struct ends *ends)
{
    const struct plan *p = w->plan;
    const struct plan_target *t = &p->targets[index];
    if (!takes(&ends->objects, t->first_object, t->objects, p->object_count) ||
        !takes(&ends->caps, t->first_cap, t->caps, p->cap_count) ||
        !takes(&ends->mappings, t->first_mapping, t->mappings, p->mapping_count)) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "ranges of a target", index, index);
    }
    bool radix = t->cnode_bits <= BOUND_CNODE_BITS && t->caps == 1U << t->cnode_bits;
    if (!radix && (t->cnode_bits != 0 || t->caps != 0)) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "radix of a CNode", index, index);
    }
    for (uint32_t i = 0; i < t->objects; i++) {
        const struct plan_object *o = &p->objects[t->first_object + i];
        if (o->owner != index || !is_no_interrupt(o)) {
            return plan_check_fail(w, STATUS_PLAN_SHARED, "owner of an object", t->first_object + i,
                                   index);
        }
    }
    return check_identity(w, index);
}

enum status plan_check_shape(struct plan_check_work *w)
{
    const struct plan *p = w->plan;
    if (p->target_count > BOUND_TARGETS) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "number of targets", p->target_count, 0);
    }
    enum status status = check_system(w);
    struct ends ends = {.objects = w->system_objects};
    for (uint32_t i = 0; i < p->target_count && status == STATUS_OK; i++) {
        status = check_target(w, i, &ends);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!has_places(w) || ends.objects != p->object_count || ends.caps != p->cap_count ||
        ends.mappings != p->mapping_count) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "end of the plan", p->target_count, 0);
    }
    return STATUS_OK;
}
