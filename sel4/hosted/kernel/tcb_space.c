// SPDX-License-Identifier: BSD-2-Clause

// What a thread lives in: CSpace, VSpace, IPC buffer and fault handlers. The TCB holds derived
// copies of the caps that it is given.

#include "internal.h"

// A checked change of one of the TCB's slots.
struct change {
    struct cap cap; // null = empty the slot
    struct cte *from;
};

struct space {
    struct change cspace, vspace, buffer, handler;
    uint64_t buffer_address;
};

// The derived copy of a cap, checked before its type is.
static enum sel4_error derive(struct change *out, const struct kernel *k, struct cte *slot)
{
    *out = (struct change){.cap = slot->cap, .from = slot};
    return derivation_copy_of(k, &out->cap, slot);
}

// Emptying the slot would destroy a CNode, and that is for Delete: it can take long.
static bool is_last_cap_of_cnode(const struct kernel *k, const struct cte *slot)
{
    return cap_is(&slot->cap, SEL4_CAP_TAG_ZOMBIE) ||
           (cap_is(&slot->cap, SEL4_CAP_TAG_CNODE) && derivation_is_final(k, slot));
}

static enum sel4_error check_cspace(struct change *out, const struct kernel *k,
                                    const struct tcb *tcb, struct cte *slot, uint64_t data)
{
    if (is_last_cap_of_cnode(k, &tcb->slot[TCB_CSPACE])) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    enum sel4_error error = derive(out, k, slot);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    bool fits = cap_is(&slot->cap, SEL4_CAP_TAG_CNODE) &&
                (data == 0 || cap_set_data(&out->cap, data, false));
    return fits ? SEL4_ERROR_NONE : SEL4_ERROR_ILLEGAL_OPERATION;
}

static enum sel4_error check_vspace(struct change *out, const struct kernel *k, struct cte *slot)
{
    enum sel4_error error = derive(out, k, slot);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    return cap_is(&slot->cap, SEL4_CAP_TAG_PML4) && asid_live(k, &slot->cap)
               ? SEL4_ERROR_NONE
               : SEL4_ERROR_ILLEGAL_OPERATION;
}

static enum sel4_error check_buffer(struct space *out, const struct kernel *k, struct cte *slot,
                                    uint64_t address)
{
    out->buffer = (struct change){0};
    out->buffer_address = address;
    if (address == 0) {
        return SEL4_ERROR_NONE;
    }
    enum sel4_error error = derive(&out->buffer, k, slot);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    if (!cap_is(&slot->cap, SEL4_CAP_TAG_FRAME) || slot->cap.device != 0) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    return (address & (SEL4_IPC_BUFFER_SIZE - 1)) == 0 ? SEL4_ERROR_NONE
                                                       : SEL4_ERROR_ALIGNMENT_ERROR;
}

static enum sel4_error check_handler(struct change *out, struct invocation *inv)
{
    struct cte *slot = inv->extra[0];
    *out = (struct change){.cap = slot->cap, .from = slot};
    if (cap_is(&slot->cap, SEL4_CAP_TAG_NULL) || cap_takes_faults(&slot->cap)) {
        return SEL4_ERROR_NONE;
    }
    return invocation_capability(inv, 1);
}

// Emptying the old slot may have destroyed what was to be put in, or the TCB itself; never a
// container.
static void apply(struct kernel *k, struct invocation *inv, struct cte *to,
                  const struct change *change)
{
    struct cap target = inv->slot->cap;
    delete_plain(k, to);
    if (change->from == NULL || cap_is(&change->cap, SEL4_CAP_TAG_NULL)) {
        return;
    }
    if (cap_same_object(&change->cap, &change->from->cap) &&
        cap_same_object(&target, &inv->slot->cap)) {
        derivation_insert(k, to, change->cap, change->from);
    }
}

static void apply_buffer(struct kernel *k, struct invocation *inv, struct tcb *tcb,
                         const struct space *space)
{
    apply(k, inv, &tcb->slot[TCB_BUFFER], &space->buffer);
    tcb->buffer = space->buffer_address;
}

static enum sel4_error configure(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    struct space space;
    if (!invocation_has(inv, 3, 3)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = check_buffer(&space, k, inv->extra[2], invocation_word(k, inv, 2));
    if (error == SEL4_ERROR_NONE) {
        error = check_cspace(&space.cspace, k, tcb, inv->extra[0], invocation_word(k, inv, 0));
    }
    if (error == SEL4_ERROR_NONE) {
        error = check_vspace(&space.vspace, k, inv->extra[1]);
    }
    if (error == SEL4_ERROR_NONE) {
        apply(k, inv, &tcb->slot[TCB_CSPACE], &space.cspace);
        apply(k, inv, &tcb->slot[TCB_VSPACE], &space.vspace);
        apply_buffer(k, inv, tcb, &space);
    }
    return error;
}

static enum sel4_error set_space(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    struct space space;
    if (!invocation_has(inv, 2, 3)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error =
        check_cspace(&space.cspace, k, tcb, inv->extra[1], invocation_word(k, inv, 0));
    if (error == SEL4_ERROR_NONE) {
        error = check_vspace(&space.vspace, k, inv->extra[2]);
    }
    if (error == SEL4_ERROR_NONE) {
        error = check_handler(&space.handler, inv);
    }
    if (error == SEL4_ERROR_NONE) {
        apply(k, inv, &tcb->slot[TCB_FAULT_HANDLER], &space.handler);
        apply(k, inv, &tcb->slot[TCB_CSPACE], &space.cspace);
        apply(k, inv, &tcb->slot[TCB_VSPACE], &space.vspace);
    }
    return error;
}

static enum sel4_error set_buffer(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    struct space space;
    if (!invocation_has(inv, 1, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = check_buffer(&space, k, inv->extra[0], invocation_word(k, inv, 0));
    if (error == SEL4_ERROR_NONE) {
        apply_buffer(k, inv, tcb, &space);
    }
    return error;
}

static enum sel4_error set_timeout_handler(struct kernel *k, struct invocation *inv,
                                           struct tcb *tcb)
{
    struct change change;
    if (!invocation_has(inv, 0, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = check_handler(&change, inv);
    if (error == SEL4_ERROR_NONE) {
        apply(k, inv, &tcb->slot[TCB_TIMEOUT_HANDLER], &change);
    }
    return error;
}

void tcb_space_set_handler(struct kernel *k, struct invocation *inv, struct tcb *tcb,
                           unsigned extra)
{
    struct cte *slot = inv->extra[extra];
    struct change change = {.cap = slot->cap, .from = slot};
    apply(k, inv, &tcb->slot[TCB_FAULT_HANDLER], &change);
}

enum sel4_error tcb_space_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    switch (inv->operation) {
    case SEL4_INVOCATION_TCB_CONFIGURE:
        return configure(k, inv, tcb);
    case SEL4_INVOCATION_TCB_SET_SPACE:
        return set_space(k, inv, tcb);
    case SEL4_INVOCATION_TCB_SET_IPC_BUFFER:
        return set_buffer(k, inv, tcb);
    default:
        return set_timeout_handler(k, inv, tcb);
    }
}
