// SPDX-License-Identifier: BSD-2-Clause

// seL4_Untyped_Retype (seL4 manual, 2.4). An untyped without children starts over at its
// beginning and is zeroed first; this is the one place where memory changes its kind, so what makes
// the kernel's own state sound rests on it: an object is made only from bytes that no other cap
// names, and they are zero.

#include "internal.h"

enum { RESET_UNIT = 256 }; // bytes zeroed in one unit of work

// A checked Retype.
struct retype {
    enum sel4_object object;
    unsigned size_bits; // the argument
    struct cte *slots;
    uint64_t count;
    bool reset; // the untyped has no children: start from its beginning
};

static bool is_frame(enum sel4_object object)
{
    return object == SEL4_OBJECT_SMALL_PAGE || object == SEL4_OBJECT_LARGE_PAGE ||
           object == SEL4_OBJECT_HUGE_PAGE;
}

static const enum sel4_cap_tag kinds[SEL4_OBJECT_COUNT] = {
    [SEL4_OBJECT_UNTYPED] = SEL4_CAP_TAG_UNTYPED,
    [SEL4_OBJECT_TCB] = SEL4_CAP_TAG_TCB,
    [SEL4_OBJECT_ENDPOINT] = SEL4_CAP_TAG_ENDPOINT,
    [SEL4_OBJECT_NOTIFICATION] = SEL4_CAP_TAG_NOTIFICATION,
    [SEL4_OBJECT_CNODE] = SEL4_CAP_TAG_CNODE,
    [SEL4_OBJECT_SCHED_CONTEXT] = SEL4_CAP_TAG_SCHED_CONTEXT,
    [SEL4_OBJECT_REPLY] = SEL4_CAP_TAG_REPLY,
    [SEL4_OBJECT_PDPT] = SEL4_CAP_TAG_PDPT,
    [SEL4_OBJECT_PML4] = SEL4_CAP_TAG_PML4,
    [SEL4_OBJECT_HUGE_PAGE] = SEL4_CAP_TAG_FRAME,
    [SEL4_OBJECT_SMALL_PAGE] = SEL4_CAP_TAG_FRAME,
    [SEL4_OBJECT_LARGE_PAGE] = SEL4_CAP_TAG_FRAME,
    [SEL4_OBJECT_PAGE_TABLE] = SEL4_CAP_TAG_PAGE_TABLE,
    [SEL4_OBJECT_PAGE_DIRECTORY] = SEL4_CAP_TAG_PAGE_DIRECTORY,
    [SEL4_OBJECT_IO_PAGE_TABLE] = SEL4_CAP_TAG_IO_PAGE_TABLE,
};

static struct cap first_cap(const struct retype *retype, uint64_t paddr, bool device)
{
    unsigned bits = retype->object == SEL4_OBJECT_CNODE
                        ? retype->size_bits
                        : labels_size_bits(retype->object, retype->size_bits);
    struct cap cap = cap_make(kinds[retype->object], paddr, bits);
    cap.device = device ? 1 : 0;
    return cap;
}

// Zeroes what was used, from the end, and moves the mark down with it: an interrupted reset is
// resumed where it stood. Device memory is never touched. False = interrupted.
static bool reset(struct kernel *k, struct cap *untyped)
{
    uint8_t *at = cap_object(k, untyped);
    while (untyped->device == 0 && untyped->data != 0) {
        uint64_t start = (untyped->data - 1) & ~(uint64_t)(RESET_UNIT - 1);
        memset(at + start, 0, untyped->data - start);
        untyped->data = start;
        if (kernel_interrupted(k)) {
            return false;
        }
    }
    untyped->data = 0;
    return true;
}

static void perform(struct kernel *k, struct cte *slot, const struct retype *retype)
{
    bool device = slot->cap.device != 0;
    // Nothing was made yet: the caller's message is unchanged and it repeats the call.
    if (retype->reset && !reset(k, &slot->cap)) {
        return;
    }
    uint64_t size = UINT64_C(1) << labels_size_bits(retype->object, retype->size_bits);
    uint64_t at = (cap_paddr(&slot->cap) + slot->cap.data + size - 1) & ~(size - 1);
    for (uint64_t i = 0; i < retype->count; i++, at += size) {
        if (retype->object == SEL4_OBJECT_TCB) {
            tcb_create(k, memory_at(k, at), k->domain);
        }
        derivation_create(k, &retype->slots[i], first_cap(retype, at, device), slot);
    }
    slot->cap.data = at - cap_paddr(&slot->cap);
}

static enum sel4_error check_size(struct invocation *inv, enum sel4_object object,
                                  uint64_t size_bits)
{
    bool chosen = object == SEL4_OBJECT_UNTYPED || object == SEL4_OBJECT_CNODE ||
                  object == SEL4_OBJECT_SCHED_CONTEXT;
    if (size_bits >= SEL4_WORD_BITS ||
        labels_size_bits(object, (unsigned)size_bits) > SEL4_MAX_UNTYPED_BITS) {
        return invocation_range(inv, 0, SEL4_MAX_UNTYPED_BITS);
    }
    uint64_t least = object == SEL4_OBJECT_UNTYPED ? SEL4_MIN_UNTYPED_BITS
                     : object == SEL4_OBJECT_CNODE ? 1
                                                   : SEL4_MIN_SCHED_CONTEXT_BITS;
    return chosen && size_bits < least ? invocation_argument(inv, 1) : SEL4_ERROR_NONE;
}

// Depth 0 names the CNode that was passed, without any look-up (manual, 3.1).
static enum sel4_error find_cnode(struct kernel *k, const struct cap **out, struct invocation *inv)
{
    uint64_t depth = invocation_word(k, inv, 3);
    const struct cap *cnode = invocation_extra(inv, 0);
    if (depth != 0) {
        struct cte *slot = NULL;
        struct slot_name name = {
            .root = cnode, .index = invocation_word(k, inv, 2), .depth = depth};
        enum sel4_error error = invocation_slot(k, &slot, inv, name);
        if (error != SEL4_ERROR_NONE) {
            return error;
        }
        cnode = &slot->cap;
    }
    *out = cnode;
    return cap_is(cnode, SEL4_CAP_TAG_CNODE) ? SEL4_ERROR_NONE
                                             : invocation_missing(inv, false, depth);
}

// The window of slots that the new caps go to; all must be empty.
static enum sel4_error check_window(struct kernel *k, struct retype *retype, struct invocation *inv)
{
    const struct cap *cnode = NULL;
    enum sel4_error error = find_cnode(k, &cnode, inv);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    uint64_t slots = UINT64_C(1) << cnode->size_bits;
    uint64_t offset = invocation_word(k, inv, 4);
    uint64_t count = invocation_word(k, inv, 5);
    if (offset >= slots) {
        return invocation_range(inv, 0, slots - 1);
    }
    if (count < 1 || count > SEL4_RETYPE_FAN_OUT) {
        return invocation_range(inv, 1, SEL4_RETYPE_FAN_OUT);
    }
    if (count > slots - offset) {
        return invocation_range(inv, 1, slots - offset);
    }
    retype->slots = (struct cte *)cap_object(k, cnode) + offset;
    retype->count = count;
    for (uint64_t i = 0; i < count; i++) {
        if (!cap_is(&retype->slots[i].cap, SEL4_CAP_TAG_NULL)) {
            return SEL4_ERROR_DELETE_FIRST;
        }
    }
    return SEL4_ERROR_NONE;
}

// The check of the free bytes ignores what alignment takes: sizes are powers of two and the
// region is aligned to its own, so that what passes also fits.
static enum sel4_error check_room(struct kernel *k, struct retype *retype, struct invocation *inv)
{
    const struct cap *untyped = &inv->slot->cap;
    retype->reset = !derivation_has_children(k, inv->slot);
    uint64_t size = UINT64_C(1) << untyped->size_bits;
    uint64_t left = retype->reset ? size : size - untyped->data;
    unsigned object_bits = labels_size_bits(retype->object, retype->size_bits);
    if (left >> object_bits < retype->count) {
        inv->result[0] = left;
        inv->result_len = 1;
        return SEL4_ERROR_NOT_ENOUGH_MEMORY;
    }
    // The kernel keeps no state of its own in device memory, only frames and smaller untypeds.
    if (untyped->device != 0 && retype->object != SEL4_OBJECT_UNTYPED &&
        !is_frame(retype->object)) {
        return invocation_argument(inv, 1);
    }
    return SEL4_ERROR_NONE;
}

enum sel4_error untyped_decode(struct kernel *k, struct invocation *inv)
{
    if (inv->operation != SEL4_INVOCATION_UNTYPED_RETYPE) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (!invocation_has(inv, 6, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    struct retype retype = {.object = labels_object(&k->abi, invocation_word(k, inv, 0))};
    uint64_t size_bits = invocation_word(k, inv, 1);
    if (retype.object == SEL4_OBJECT_COUNT) {
        return invocation_argument(inv, 0);
    }
    enum sel4_error error = check_size(inv, retype.object, size_bits);
    retype.size_bits = (unsigned)size_bits & 63;
    if (error == SEL4_ERROR_NONE) {
        error = check_window(k, &retype, inv);
    }
    if (error == SEL4_ERROR_NONE) {
        error = check_room(k, &retype, inv);
    }
    if (error == SEL4_ERROR_NONE) {
        perform(k, inv->slot, &retype);
    }
    return error;
}
