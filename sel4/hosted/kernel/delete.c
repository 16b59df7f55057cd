// SPDX-License-Identifier: BSD-2-Clause

// Deletion in steps, without recursion. Emptying a slot whose cap was the last one of a container
// (a CNode, the slots of a TCB) makes the cap a zombie: it keeps its place in the derivation list,
// and counts the container's slots down from the last. What a step finds in the container's last
// slot is buried: if it is a container itself, its zombie changes places with what is in the first
// of its own slots, until an empty slot is left. Such a zombie lies where nobody reaches it, in the
// first slot of its own container, with whatever is in the others; it goes with the untyped that it
// came from. So nothing is deeper than two slots, each step ends in a state that a repeated call
// can go on from, and CNodes inside a CNode that is deleted lose their first cap only, as in seL4.

#include "internal.h"

// The last cap of an object with slots goes: returns how many slots start at its object.
static uint64_t finalise_container(struct kernel *k, const struct cap *cap)
{
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_CNODE:
        return UINT64_C(1) << cap->size_bits;
    case SEL4_CAP_TAG_TCB:
        tcb_finalise(k, cap_object(k, cap));
        return TCB_SLOTS;
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
    case SEL4_CAP_TAG_IRQ_HANDLER:
        irq_free(k, cap->data);
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

// Takes one cap out of its slot, or makes a zombie of it. Returns a slot that goes with it, or
// NULL.
static struct cte *take_one(struct kernel *k, struct cte *slot)
{
    struct cap cap = slot->cap;
    if (cap_is(&cap, SEL4_CAP_TAG_NULL) || cap_is(&cap, SEL4_CAP_TAG_ZOMBIE)) {
        return NULL;
    }
    bool final = derivation_is_final(k, slot);
    uint64_t count = final ? finalise_container(k, &cap) : 0;
    if (count > 0) {
        slot->cap = cap_make(SEL4_CAP_TAG_ZOMBIE, cap_paddr(&cap), 0);
        slot->cap.data = count;
        slot->revocable = false;
        return NULL;
    }
    derivation_unlink(k, slot);
    if (cap_is(&cap, SEL4_CAP_TAG_FRAME)) {
        vspace_unmap_frame(k, &cap);
    }
    if (!final) {
        return NULL;
    }
    finalise_object(k, &cap);
    return cap_is(&cap, SEL4_CAP_TAG_IRQ_HANDLER) ? irq_slot(k, cap.data) : NULL;
}

// Empties a slot, unless its cap was a container's last: then a zombie stands there.
static void take(struct kernel *k, struct cte *slot)
{
    while (slot != NULL) {
        slot = take_one(k, slot);
    }
}

// Nothing is left of a zombie when the only slot that it counts is its own.
static bool is_spent(const struct kernel *k, const struct cte *zombie)
{
    const struct cte *first = cap_object(k, &zombie->cap);
    return zombie->cap.data == 0 || (zombie->cap.data == 1 && first == zombie);
}

// Empties a slot of a dying container. False = interrupted.
static bool bury(struct kernel *k, struct cte *slot)
{
    take(k, slot);
    while (cap_is(&slot->cap, SEL4_CAP_TAG_ZOMBIE)) {
        struct cte *first = cap_object(k, &slot->cap);
        if (is_spent(k, slot)) {
            derivation_unlink(k, slot);
        } else {
            derivation_swap(k, slot, first->cap, first, slot->cap);
            take(k, slot);
        }
        if (kernel_interrupted(k)) {
            return false;
        }
    }
    return true;
}

void delete_plain(struct kernel *k, struct cte *slot)
{
    take(k, slot);
}

// A container may hold its own zombie: burying then moves that away, or puts another in its place.
bool delete_slot(struct kernel *k, struct cte *slot)
{
    take(k, slot);
    while (cap_is(&slot->cap, SEL4_CAP_TAG_ZOMBIE)) {
        struct cap zombie = slot->cap;
        if (is_spent(k, slot)) {
            derivation_unlink(k, slot);
            return true;
        }
        struct cte *slots = cap_object(k, &zombie);
        if (!bury(k, &slots[zombie.data - 1])) {
            return false;
        }
        if (cap_is(&slot->cap, SEL4_CAP_TAG_ZOMBIE) && slot->cap.object == zombie.object) {
            slot->cap.data--;
        }
        if (kernel_interrupted(k)) {
            return false;
        }
    }
    return true;
}

bool delete_children(struct kernel *k, struct cte *slot)
{
    while (derivation_has_children(k, slot)) {
        if (!delete_slot(k, derivation_slot(k, slot->next)) || kernel_interrupted(k)) {
            return false;
        }
    }
    return true;
}
