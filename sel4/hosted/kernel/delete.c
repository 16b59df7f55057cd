// SPDX-License-Identifier: BSD-2-Clause

// Deletion without recursion. Emptying a slot whose cap was the last one of a container (a CNode,
// the slots of a TCB, the notification of an IRQ handler) turns the slot into a zombie that counts
// the container's slots down; zombies form a stack through `next`. A deletion empties the stack
// before it returns, so user code never sees one.

#include "internal.h"

static void push_zombie(struct kernel *k, struct cte *slot, uint64_t first, uint64_t count)
{
    slot->cap = cap_make(SEL4_CAP_TAG_ZOMBIE, first, 0);
    slot->cap.data = count;
    slot->next = k->zombies;
    k->zombies = derivation_index(k, slot);
}

// The last cap of an object with slots goes: returns how many slots start at *first.
static uint64_t finalise_container(struct kernel *k, const struct cap *cap, uint64_t *first)
{
    *first = cap_paddr(cap);
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_CNODE:
        return UINT64_C(1) << cap->size_bits;
    case SEL4_CAP_TAG_TCB:
        tcb_finalise(k, cap_object(k, cap));
        return TCB_SLOTS;
    case SEL4_CAP_TAG_IRQ_HANDLER:
        irq_free(k, cap->data);
        *first = memory_paddr(k, irq_slot(k, cap->data));
        return 1;
    default:
        return 0;
    }
}

static void finalise_notification(struct kernel *k, struct notification *ntfn)
{
    if (ntfn->sc != NULL) {
        schedcontext_unbind_notification(ntfn->sc);
    }
    if (ntfn->bound != NULL) {
        tcb_unbind(ntfn);
    }
    notification_cancel_all(k, ntfn);
}

static void finalise_object(struct kernel *k, const struct cap *cap)
{
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_ENDPOINT:
        endpoint_cancel_all(k, cap_object(k, cap));
        break;
    case SEL4_CAP_TAG_NOTIFICATION:
        finalise_notification(k, cap_object(k, cap));
        break;
    case SEL4_CAP_TAG_REPLY:
        reply_finalise(k, cap_object(k, cap));
        break;
    case SEL4_CAP_TAG_SCHED_CONTEXT:
        schedcontext_finalise(k, cap_object(k, cap));
        break;
    case SEL4_CAP_TAG_IO_PORT:
        ioport_free(k, cap);
        break;
    case SEL4_CAP_TAG_PML4:
        asid_delete(k, cap);
        break;
    case SEL4_CAP_TAG_ASID_POOL:
        asid_delete_pool(k, cap);
        break;
    case SEL4_CAP_TAG_PAGE_TABLE:
    case SEL4_CAP_TAG_PAGE_DIRECTORY:
    case SEL4_CAP_TAG_PDPT:
        vspace_unmap_table(k, cap);
        break;
    default:
        break;
    }
}

static void empty(struct kernel *k, struct cte *slot)
{
    struct cap cap = slot->cap;
    if (cap_is(&cap, SEL4_CAP_TAG_NULL) || cap_is(&cap, SEL4_CAP_TAG_ZOMBIE)) {
        return;
    }
    bool final = derivation_is_final(k, slot);
    derivation_unlink(k, slot);
    if (cap_is(&cap, SEL4_CAP_TAG_FRAME)) {
        vspace_unmap_frame(k, &cap);
    }
    if (!final) {
        return;
    }
    uint64_t first = 0;
    uint64_t count = finalise_container(k, &cap, &first);
    finalise_object(k, &cap);
    if (count > 0) {
        push_zombie(k, slot, first, count);
    }
}

void delete_slot(struct kernel *k, struct cte *slot)
{
    empty(k, slot);
    while (k->zombies != 0) {
        struct cte *zombie = derivation_slot(k, k->zombies);
        if (zombie->cap.data == 0) {
            k->zombies = zombie->next;
            *zombie = (struct cte){0};
            continue;
        }
        zombie->cap.data--;
        struct cte *slots = cap_object(k, &zombie->cap);
        empty(k, &slots[zombie->cap.data]);
    }
}

void delete_children(struct kernel *k, struct cte *slot)
{
    while (derivation_has_children(k, slot)) {
        delete_slot(k, derivation_slot(k, slot->next));
    }
}
