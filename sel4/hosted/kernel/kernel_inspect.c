// SPDX-License-Identifier: BSD-2-Clause

// Looks at the kernel's state from outside and changes none of it: who is told of threads and caps
// gets plain values, never a pointer into guest memory.

#include "internal.h"

uint64_t kernel_inspect_paddr(const struct kernel *k, const void *object)
{
    return memory_paddr(k, object);
}

uint64_t kernel_inspect_handler(const struct tcb *thread)
{
    const struct cap *handler = &thread->slot[TCB_FAULT_HANDLER].cap;
    return cap_is(handler, SEL4_CAP_TAG_ENDPOINT) ? handler->data : 0;
}

static const struct tcb *or_current(const struct kernel *k, const struct tcb *thread)
{
    return thread == NULL ? k->current : thread;
}

struct tcb *kernel_inspect_thread(struct kernel *k, const struct tcb *thread, uint64_t cptr)
{
    const struct tcb *in = or_current(k, thread);
    struct lookup found = {0};
    if (in != NULL) {
        found = lookup_cap(k, in, cptr);
    }
    bool is_thread = found.slot != NULL && cap_is(&found.slot->cap, SEL4_CAP_TAG_TCB);
    return is_thread ? cap_object(k, &found.slot->cap) : NULL;
}

static struct kernel_slot describe(uint64_t slot, const struct cap *cap)
{
    return (struct kernel_slot){.slot = slot,
                                .kind = (enum sel4_cap_tag)cap->kind,
                                .object = cap_paddr(cap),
                                .data = cap->data,
                                .size_bits = (uint8_t)cap->size_bits,
                                .rights = (uint8_t)cap->rights,
                                .device = cap->device != 0};
}

static size_t list(const struct kernel *k, const struct cap *cnode, struct kernel_slot *out,
                   size_t max)
{
    const struct cte *slots = cap_object(k, cnode);
    size_t count = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << cnode->size_bits; i++) {
        if (cap_is(&slots[i].cap, SEL4_CAP_TAG_NULL)) {
            continue;
        }
        if (count < max) {
            out[count] = describe(i, &slots[i].cap);
        }
        count++;
    }
    return count;
}

size_t kernel_inspect_cspace(struct kernel *k, const struct tcb *thread, struct kernel_slot *out,
                             size_t max, unsigned *radix)
{
    const struct tcb *in = or_current(k, thread);
    if (in == NULL || !cap_is(&in->slot[TCB_CSPACE].cap, SEL4_CAP_TAG_CNODE)) {
        return 0;
    }
    *radix = in->slot[TCB_CSPACE].cap.size_bits;
    return list(k, &in->slot[TCB_CSPACE].cap, out, max);
}

size_t kernel_inspect_cnode(struct kernel *k, const struct tcb *thread, uint64_t cptr,
                            struct kernel_slot *out, size_t max)
{
    const struct tcb *in = or_current(k, thread);
    struct lookup found = {0};
    if (in != NULL) {
        found = lookup_cap(k, in, cptr);
    }
    if (found.slot == NULL || !cap_is(&found.slot->cap, SEL4_CAP_TAG_CNODE)) {
        return 0;
    }
    return list(k, &found.slot->cap, out, max);
}

size_t kernel_inspect_range(struct kernel *k, uint64_t cptr, struct kernel_range range,
                            struct kernel_slot *out, size_t max)
{
    struct lookup found = {0};
    if (k->current != NULL) {
        found = lookup_cap(k, k->current, cptr);
    }
    if (found.slot == NULL || !cap_is(&found.slot->cap, SEL4_CAP_TAG_CNODE)) {
        return 0;
    }
    const struct cte *slots = cap_object(k, &found.slot->cap);
    uint64_t size = UINT64_C(1) << found.slot->cap.size_bits;
    uint64_t end = range.end == 0 || range.end > size ? size : range.end;
    size_t count = 0;
    for (uint64_t i = range.first; i < end && count < max; i++) {
        if (!cap_is(&slots[i].cap, SEL4_CAP_TAG_NULL)) {
            out[count++] = describe(i, &slots[i].cap);
        }
    }
    return count;
}
