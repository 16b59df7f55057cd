// SPDX-License-Identifier: BSD-2-Clause
#include "cspace.h"

#include "bounds.h"
#include "tcb.h"
#include "untyped.h"

struct cspace cspace_of(const struct sel4_bootinfo *bootinfo)
{
    return (struct cspace){
        .top = SEL4_SLOT_CNODE,
        .spare = bootinfo->empty.start,
        .next = bootinfo->empty.start + 1,
        .end = bootinfo->empty.end,
    };
}

// The kernel makes the CNode without a guard, so it passes through the spare slot to get one.
static enum status make_top(struct cspace *cspace, struct sel4_kernel *kernel, cap_slot untyped,
                            struct diag *diag)
{
    struct untyped_run run = {
        .type = SEL4_OBJECT_CNODE,
        .size_bits = CSPACE_TOP_BITS,
        .count = 1,
        .root = SEL4_SLOT_CNODE,
        .offset = cspace->spare,
    };
    enum status status = untyped_retype(kernel, untyped, &run, diag);
    if (status != STATUS_OK) {
        return status;
    }
    cap_slot top = SEL4_SLOT_NULL;
    status = cspace_take(&top, cspace, 1, diag);
    if (status != STATUS_OK) {
        return status;
    }
    struct cnode_derive guard = {
        .to = cspace_slot(cspace, top),
        .from = cspace_slot(cspace, cspace->spare),
        .data = sel4_cnode_data(0, CSPACE_TOP_GUARD),
    };
    status = cnode_mutate(kernel, &guard, diag);
    if (status == STATUS_OK) {
        cspace->top = top;
    }
    return status;
}

enum status cspace_open(struct cspace *cspace, struct sel4_kernel *kernel, cap_slot untyped,
                        struct diag *diag)
{
    enum status status = make_top(cspace, kernel, untyped, diag);
    if (status != STATUS_OK) {
        return status;
    }
    // Data 0 takes the boot CNode's guard away: the top CNode has translated those bits.
    struct cnode_derive low = {
        .to = {.root = cspace->top, .index = 0, .depth = CSPACE_TOP_DEPTH},
        .from = {.root = SEL4_SLOT_CNODE, .index = SEL4_SLOT_CNODE, .depth = SEL4_WORD_BITS},
        .rights = SEL4_RIGHT_ALL,
        .data = sel4_cnode_data(0, 0),
    };
    status = cnode_mint(kernel, &low, diag);
    if (status != STATUS_OK) {
        return status;
    }
    struct tcb_spaces spaces = {.cspace = cspace->top, .vspace = SEL4_SLOT_VSPACE};
    return tcb_set_space(kernel, SEL4_SLOT_TCB, &spaces, diag);
}

enum status cspace_take(cap_slot *first, struct cspace *cspace, uint32_t count, struct diag *diag)
{
    if (count > cspace->end - cspace->next) {
        return diag_fail(diag, STATUS_OUT_OF_SLOTS, "root CNode", count);
    }
    *first = cspace->next;
    cspace->next += count;
    return STATUS_OK;
}

_Static_assert((int)BOUND_TARGETS < (int)CSPACE_VIEW, "no holder is in the way of a view");

struct cnode_slot cspace_slot(const struct cspace *cspace, cap_slot cptr)
{
    return (struct cnode_slot){.root = cspace->top, .index = cptr, .depth = SEL4_WORD_BITS};
}

struct cnode_slot cspace_holder(const struct cspace *cspace, uint32_t target)
{
    return (struct cnode_slot){.root = cspace->top, .index = target + 1, .depth = CSPACE_TOP_DEPTH};
}

cap_slot cspace_held(uint32_t target, uint32_t slot)
{
    return ((cap_slot)target + 1) << CSPACE_LOW_BITS | slot;
}

struct cnode_slot cspace_view(const struct cspace *cspace)
{
    return (struct cnode_slot){
        .root = cspace->top, .index = CSPACE_VIEW, .depth = CSPACE_TOP_DEPTH};
}

cap_slot cspace_viewed(uint32_t slot)
{
    return (cap_slot)CSPACE_VIEW << CSPACE_LOW_BITS | slot;
}
