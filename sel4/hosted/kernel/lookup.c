// SPDX-License-Identifier: BSD-2-Clause

// From an address to a slot (seL4 manual, 3.3.1): each CNode takes its guard and its radix from the
// top of the bits that are left. The failures are those of 3.4, with the same numbers in them.

#include "internal.h"

static struct lookup fail(struct lookup_failure failure)
{
    return (struct lookup){.failure = failure};
}

static uint64_t low_bits(uint64_t word, unsigned count)
{
    return count >= SEL4_WORD_BITS ? word : word & ((UINT64_C(1) << count) - 1);
}

// The guard comes first: more guard bits than bits left is a guard mismatch, not a depth mismatch.
static bool guard_fits(const struct cap *cnode, uint64_t cptr, unsigned bits)
{
    unsigned size = cap_guard_size(cnode);
    if (size == 0) {
        return true;
    }
    return size <= bits && low_bits(cptr >> (bits - size), size) == cap_guard(cnode);
}

struct lookup lookup_resolve(const struct kernel *k, const struct cap *root, uint64_t cptr,
                             unsigned depth)
{
    const struct cap *cnode = root;
    unsigned bits = depth;
    if (!cap_is(root, SEL4_CAP_TAG_CNODE)) {
        return fail((struct lookup_failure){.kind = SEL4_LOOKUP_INVALID_ROOT});
    }
    for (;;) {
        unsigned level = cap_guard_size(cnode) + cnode->size_bits;
        if (!guard_fits(cnode, cptr, bits)) {
            return fail((struct lookup_failure){.kind = SEL4_LOOKUP_GUARD_MISMATCH,
                                                .bits_left = bits,
                                                .bits_found = cap_guard_size(cnode),
                                                .guard = cap_guard(cnode)});
        }
        if (level > bits) {
            return fail((struct lookup_failure){
                .kind = SEL4_LOOKUP_DEPTH_MISMATCH, .bits_left = bits, .bits_found = level});
        }
        bits -= level;
        struct cte *slots = cap_object(k, cnode);
        struct cte *slot = &slots[low_bits(cptr >> bits, cnode->size_bits)];
        // The loop ends: a radix is at least one, so each round takes bits.
        if (bits == 0 || !cap_is(&slot->cap, SEL4_CAP_TAG_CNODE)) {
            return (struct lookup){.slot = slot, .bits_left = bits};
        }
        cnode = &slot->cap;
    }
}

struct lookup lookup_cap(const struct kernel *k, const struct tcb *tcb, uint64_t cptr)
{
    return lookup_resolve(k, &tcb->slot[TCB_CSPACE].cap, cptr, SEL4_WORD_BITS);
}

struct lookup lookup_slot(const struct kernel *k, const struct cap *root, uint64_t index,
                          unsigned depth)
{
    struct lookup found = lookup_resolve(k, root, index, depth);
    // Methods of CNodes name a slot exactly; system calls take what the walk finds (seL4
    // manual, 3.3.1).
    if (found.slot != NULL && found.bits_left != 0) {
        return fail((struct lookup_failure){.kind = SEL4_LOOKUP_DEPTH_MISMATCH,
                                            .bits_left = found.bits_left});
    }
    return found;
}
