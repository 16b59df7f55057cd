// SPDX-License-Identifier: BSD-2-Clause
#include "objects_system.h"

#include "irq.h"
#include "port.h"
#include "retype.h"

#define NO_MORE UINT32_MAX

// The making of the system's objects.
struct making {
    const struct objects_pool *pool;
    const struct plan *plan;
    cap_slot first;  // boot slot of the first object
    uint8_t vectors; // interrupt vectors given out
};

static cap_slot slot_of(const struct making *m, const struct plan_object *object)
{
    return m->first + object->holder_slot;
}

// Lets the handler signal its notification with a badge of its own.
static enum status connect(const struct making *m, const struct plan_object *handler,
                           struct diag *diag)
{
    const struct cspace *cspace = m->pool->cspace;
    const struct cnode_derive mint = {
        .to = cspace_slot(cspace, cspace->spare),
        .from = cspace_slot(cspace, slot_of(m, &m->plan->objects[handler->signals])),
        .rights = SEL4_RIGHT_WRITE,
        .data = PLAN_BADGE_IRQ,
    };
    enum status status = cnode_mint(m->pool->kernel, &mint, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = irq_set_notification(m->pool->kernel, slot_of(m, handler), cspace->spare, diag);
    return status == STATUS_OK ? cnode_delete(m->pool->kernel, mint.to, diag) : status;
}

static enum status make_handler(struct making *m, const struct plan_object *object,
                                struct diag *diag)
{
    struct cnode_slot to = cspace_slot(m->pool->cspace, slot_of(m, object));
    struct irq_line line = {.pin = (uint8_t)object->vaddr,
                            .level = object->level,
                            .low = object->low,
                            .vector = m->vectors++};
    enum status status = irq_issue(m->pool->kernel, to, line, diag);
    return status == STATUS_OK ? connect(m, object, diag) : status;
}

static enum status make_ports(const struct making *m, const struct plan_object *object,
                              struct diag *diag)
{
    return port_issue(m->pool->kernel, cspace_slot(m->pool->cspace, slot_of(m, object)),
                      (uint16_t)(object->vaddr >> 16), (uint16_t)object->vaddr, diag);
}

// Moves the bump pointer of a device untyped up to `offset`, with untypeds that nobody uses: the
// largest that fit where it stands.
static enum status skip_to(const struct making *m, struct memory_block *block, uint64_t offset,
                           struct diag *diag)
{
    while (block->used < offset) {
        uint8_t bits = PLAN_PAGE_BITS;
        while (block->used % (UINT64_C(2) << bits) == 0 &&
               UINT64_C(2) << bits <= offset - block->used) {
            bits++;
        }
        cap_slot slot = SEL4_SLOT_NULL;
        enum status status = cspace_take(&slot, m->pool->cspace, 1, diag);
        struct untyped_run run = objects_single(m->pool->cspace, slot, SEL4_OBJECT_UNTYPED, bits);
        if (status == STATUS_OK) {
            status = objects_retype(m->pool->kernel, block->untyped, run, diag);
        }
        if (status != STATUS_OK) {
            return status;
        }
        block->used += UINT64_C(1) << bits;
    }
    return STATUS_OK;
}

static enum status make_device(const struct making *m, const struct plan_object *object,
                               struct diag *diag)
{
    uint64_t len = (uint64_t)object->count << object->size_bits;
    struct memory_block *block = memory_device(m->pool->memory, object->vaddr, len);
    if (block == NULL) {
        return diag_fail(diag, STATUS_RESOURCE_ABSENT, "device memory", object->vaddr);
    }
    enum status status = skip_to(m, block, object->vaddr - block->paddr, diag);
    if (status == STATUS_OK) {
        struct untyped_run into = objects_into_boot(m->pool->cspace, slot_of(m, object));
        status = objects_retype(m->pool->kernel, block->untyped, objects_run(object, into), diag);
    }
    block->used += len;
    return status;
}

// The device with the lowest address from `least` on: a bump pointer only goes up.
static uint32_t next_device(const struct plan *plan, uint64_t least)
{
    uint32_t next = NO_MORE;
    for (uint32_t i = 0; i < plan->object_count; i++) {
        const struct plan_object *object = &plan->objects[i];
        if (object->type == PLAN_DEVICE_FRAME && object->vaddr >= least &&
            (next == NO_MORE || object->vaddr < plan->objects[next].vaddr)) {
            next = i;
        }
    }
    return next;
}

static enum status make_devices(const struct making *m, struct diag *diag)
{
    uint32_t next = next_device(m->plan, 0);
    while (next != NO_MORE) {
        const struct plan_object *object = &m->plan->objects[next];
        enum status status = make_device(m, object, diag);
        if (status != STATUS_OK) {
            return status;
        }
        next = next_device(m->plan, object->vaddr + 1);
    }
    return STATUS_OK;
}

static enum status make(struct making *m, const struct plan_object *object, struct diag *diag)
{
    switch (object->type) {
    case PLAN_IRQ_HANDLER:
        return make_handler(m, object, diag);
    case PLAN_IO_PORTS:
        return make_ports(m, object, diag);
    case PLAN_DEVICE_FRAME:
        return STATUS_OK; // all of them by address
    default:
        return objects_make_run(
            m->pool, objects_run(object, objects_into_boot(m->pool->cspace, slot_of(m, object))),
            diag);
    }
}

static uint32_t system_slots(const struct plan *plan)
{
    uint32_t slots = 0;
    for (uint32_t i = 0; i < plan->object_count; i++) {
        slots += plan->objects[i].owner == PLAN_SYSTEM ? plan->objects[i].count : 0;
    }
    return slots;
}

enum status objects_system_make(cap_slot *first, const struct objects_pool *pool,
                                const struct plan *plan, struct diag *diag)
{
    struct making m = {.pool = pool, .plan = plan};
    enum status status = cspace_take(&m.first, pool->cspace, system_slots(plan), diag);
    for (uint32_t i = 0; i < plan->object_count && status == STATUS_OK; i++) {
        if (plan->objects[i].owner == PLAN_SYSTEM) {
            status = make(&m, &plan->objects[i], diag);
        }
    }
    if (status == STATUS_OK) {
        status = make_devices(&m, diag);
    }
    *first = m.first;
    return status;
}
