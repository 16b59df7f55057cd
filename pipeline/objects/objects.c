// SPDX-License-Identifier: BSD-2-Clause
#include "objects.h"

#include "retype.h"

// The number that a planned object's type has for Retype, of those that are made so.
static enum sel4_object object_of(enum plan_type type)
{
    static const enum sel4_object objects[PLAN_TYPE_COUNT] = {
        [PLAN_UNTYPED] = SEL4_OBJECT_UNTYPED,
        [PLAN_HOLDER] = SEL4_OBJECT_CNODE,
        [PLAN_CNODE] = SEL4_OBJECT_CNODE,
        [PLAN_TCB] = SEL4_OBJECT_TCB,
        [PLAN_SCHED_CONTEXT] = SEL4_OBJECT_SCHED_CONTEXT,
        [PLAN_REPLY] = SEL4_OBJECT_REPLY,
        [PLAN_ENDPOINT] = SEL4_OBJECT_ENDPOINT,
        [PLAN_NOTIFICATION] = SEL4_OBJECT_NOTIFICATION,
        [PLAN_VSPACE] = SEL4_OBJECT_PML4,
        [PLAN_PDPT] = SEL4_OBJECT_PDPT,
        [PLAN_PAGE_DIRECTORY] = SEL4_OBJECT_PAGE_DIRECTORY,
        [PLAN_PAGE_TABLE] = SEL4_OBJECT_PAGE_TABLE,
        [PLAN_FRAME] = SEL4_OBJECT_SMALL_PAGE,
        [PLAN_LARGE_FRAME] = SEL4_OBJECT_LARGE_PAGE,
        [PLAN_DEVICE_FRAME] = SEL4_OBJECT_SMALL_PAGE,
        [PLAN_RELAY_TCB] = SEL4_OBJECT_TCB,
        [PLAN_RELAY_CNODE] = SEL4_OBJECT_CNODE,
        [PLAN_RELAY_ENDPOINT] = SEL4_OBJECT_ENDPOINT,
        [PLAN_RELAY_REPLY] = SEL4_OBJECT_REPLY,
        [PLAN_CHILD_UNTYPED] = SEL4_OBJECT_UNTYPED,
    };
    return objects[type];
}

// What Retype calls the size: the radix of a CNode, else the bits of the object.
static uint8_t size_argument(const struct plan_object *object)
{
    bool cnode = object->type == PLAN_CNODE || object->type == PLAN_HOLDER ||
                 object->type == PLAN_RELAY_CNODE;
    return (uint8_t)(cnode ? object->size_bits - PLAN_SLOT_BITS : object->size_bits);
}

enum status objects_retype(struct sel4_kernel *kernel, cap_slot untyped, struct untyped_run run,
                           struct diag *diag)
{
    uint32_t left = run.count;
    while (left != 0) {
        run.count = left < SEL4_RETYPE_FAN_OUT ? left : SEL4_RETYPE_FAN_OUT;
        enum status status = untyped_retype(kernel, untyped, &run, diag);
        if (status != STATUS_OK) {
            return status;
        }
        run.offset += run.count;
        left -= run.count;
    }
    return STATUS_OK;
}

struct untyped_run objects_into_boot(const struct cspace *cspace, cap_slot first)
{
    return (struct untyped_run){
        .root = cspace->top, .index = 0, .depth = CSPACE_TOP_DEPTH, .offset = first};
}

struct untyped_run objects_single(const struct cspace *cspace, cap_slot slot, enum sel4_object type,
                                  uint8_t size_bits)
{
    struct untyped_run run = objects_into_boot(cspace, slot);
    run.type = type;
    run.size_bits = size_bits;
    run.count = 1;
    return run;
}

struct untyped_run objects_run(const struct plan_object *object, struct untyped_run into)
{
    into.type = object_of(object->type);
    into.size_bits = size_argument(object);
    into.count = object->count;
    return into;
}

enum status objects_make_run(const struct objects_pool *pool, struct untyped_run run,
                             struct diag *diag)
{
    cap_slot untyped = SEL4_SLOT_NULL;
    uint8_t bits = (uint8_t)labels_size_bits(run.type, run.size_bits);
    enum status status = memory_take(&untyped, pool->memory, bits, run.count, diag);
    return status == STATUS_OK ? objects_retype(pool->kernel, untyped, run, diag) : status;
}

enum status objects_make(cap_slot *slot, const struct objects_pool *pool, enum sel4_object type,
                         uint8_t size_bits, struct diag *diag)
{
    enum status status = cspace_take(slot, pool->cspace, 1, diag);
    struct untyped_run run = objects_single(pool->cspace, *slot, type, size_bits);
    return status == STATUS_OK ? objects_make_run(pool, run, diag) : status;
}

enum status objects_clear_memory(const struct objects_pool *pool, struct diag *diag)
{
    struct untyped_run run = objects_single(pool->cspace, pool->cspace->spare, SEL4_OBJECT_UNTYPED,
                                            SEL4_MIN_UNTYPED_BITS);
    struct cnode_slot spare = cspace_slot(pool->cspace, pool->cspace->spare);
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < pool->memory->count && status == STATUS_OK; i++) {
        const struct memory_block *block = &pool->memory->blocks[i];
        if (block->device || block->used != 0) {
            continue;
        }
        status = untyped_retype(pool->kernel, block->untyped, &run, diag);
        if (status == STATUS_OK) {
            status = cnode_delete(pool->kernel, spare, diag);
        }
    }
    return status;
}

// The kernel makes a CNode without a guard; the holder gets the one that fills its CPtrs up on its
// way from the spare slot to the top CNode.
static enum status make_holder(const struct objects_site *site, const struct plan_object *holder,
                               struct diag *diag)
{
    struct untyped_run run =
        objects_single(site->cspace, site->cspace->spare, SEL4_OBJECT_CNODE, size_argument(holder));
    enum status status = untyped_retype(site->kernel, site->untyped, &run, diag);
    if (status != STATUS_OK) {
        return status;
    }
    struct cnode_derive guard = {
        .to = cspace_holder(site->cspace, site->target),
        .from = cspace_slot(site->cspace, site->cspace->spare),
        .data = sel4_cnode_data(0, (unsigned)CSPACE_LOW_BITS - run.size_bits),
    };
    return cnode_mutate(site->kernel, &guard, diag);
}

static enum status make(const struct objects_site *site, const struct plan_object *object,
                        struct diag *diag)
{
    if (!plan_is_made(object->type)) {
        return STATUS_OK;
    }
    if (object->type == PLAN_HOLDER) {
        return make_holder(site, object, diag);
    }
    struct cnode_slot holder = cspace_holder(site->cspace, site->target);
    struct untyped_run into = {
        .root = holder.root,
        .index = holder.index,
        .depth = holder.depth,
        .offset = object->holder_slot,
    };
    return objects_retype(site->kernel, site->untyped, objects_run(object, into), diag);
}

// How many objects from `index` on one Retype can make: the equal ones that follow each other. The
// plan numbers their slots without a gap (plan_check).
static uint32_t equal_run(const struct plan *plan, uint32_t index, uint32_t end)
{
    const struct plan_object *first = &plan->objects[index];
    uint32_t i = index + 1;
    while (i < end && plan->objects[i].type == first->type &&
           plan->objects[i].size_bits == first->size_bits) {
        i++;
    }
    return i - index;
}

enum status objects_build(const struct objects_site *site, struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    uint32_t end = target->first_object + target->objects;
    enum status status = STATUS_OK;
    for (uint32_t i = target->first_object; i < end && status == STATUS_OK;) {
        uint32_t last = i + equal_run(site->plan, i, end);
        struct plan_object all = site->plan->objects[i];
        for (i++; i < last; i++) {
            all.count += site->plan->objects[i].count;
        }
        status = make(site, &all, diag);
    }
    return status;
}

cap_slot objects_cap(const struct objects_site *site, uint32_t object, uint32_t index)
{
    const struct plan_object *run = &site->plan->objects[object];
    return run->owner == PLAN_SYSTEM ? site->system + run->holder_slot + index
                                     : cspace_held(run->owner, run->holder_slot + index);
}

uint32_t objects_find(const struct objects_site *site, enum plan_type type)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    uint32_t i = target->first_object;
    while (i < target->first_object + target->objects && site->plan->objects[i].type != type) {
        i++;
    }
    return i;
}

cap_slot objects_relay(const struct objects_site *site, const struct plan_cap *cap,
                       enum plan_type type)
{
    return objects_cap(site, objects_find(site, type), cap->relay - 1);
}

cap_slot objects_origin(const struct objects_site *site, const struct plan_cap *cap)
{
    return cap->relay != 0 ? objects_relay(site, cap, PLAN_RELAY_ENDPOINT)
                           : objects_cap(site, cap->object, 0);
}

void objects_clear_spare(const struct objects_site *site)
{
    struct cnode_slot spare = cspace_slot(site->cspace, site->cspace->spare);
    enum status status = cnode_delete(site->kernel, spare, NULL);
    (void)status; // if it is still full, the next spawn is refused there
}

enum status objects_reclaim(struct objects_left *left, const struct objects_site *site,
                            struct diag *diag)
{
    enum status status = cnode_revoke(site->kernel, cspace_slot(site->cspace, site->untyped), diag);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t size_bits = site->untyped_bits != 0 ? site->untyped_bits
                                                : site->plan->targets[site->target].untyped_bits;
    const struct untyped_run slots[] = {
        objects_into_boot(site->cspace, site->cspace->spare),
        {.root = site->cspace->top, .offset = site->target + 1}, // where the holder was
    };
    struct objects_left found = {.bytes = UINT64_C(1) << size_bits};
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        struct untyped_room room;
        status = untyped_room(&room, site->kernel, site->untyped, size_bits, &slots[i]);
        if (status != STATUS_OK) {
            return diag_fail(diag, status, "target untyped", site->untyped);
        }
        found.slots += room.taken;
        found.bytes = room.taken ? found.bytes : (UINT64_C(1) << size_bits) - room.bytes;
    }
    *left = found;
    return STATUS_OK;
}
