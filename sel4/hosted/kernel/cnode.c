// SPDX-License-Identifier: BSD-2-Clause

// The methods of CNodes (seL4 manual, 3.1.2). The order of the checks is part of the interface: it
// decides which error a wrong call gets, and tests/differential compares it with seL4.

#include "internal.h"

// Copy, Mint, Move and Mutate: where to, where from, and as what.
struct transport {
    struct cte *to;
    struct cte *from;
    struct cap cap;
    bool move;
};

static enum sel4_error find_source(struct kernel *k, struct transport *t, struct invocation *inv)
{
    uint64_t depth = invocation_word(k, inv, 3);
    struct slot_name name = {.root = invocation_extra(inv, 0),
                             .index = invocation_word(k, inv, 2),
                             .depth = depth,
                             .source = true};
    if (!cap_is(&t->to->cap, SEL4_CAP_TAG_NULL)) {
        return SEL4_ERROR_DELETE_FIRST;
    }
    enum sel4_error error = invocation_slot(k, &t->from, inv, name);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    t->cap = t->from->cap;
    return cap_is(&t->cap, SEL4_CAP_TAG_NULL) ? invocation_missing(inv, true, depth)
                                              : SEL4_ERROR_NONE;
}

static enum sel4_error check_copy(struct kernel *k, struct transport *t, struct invocation *inv)
{
    bool mint = inv->operation == SEL4_INVOCATION_CNODE_MINT;
    if (!invocation_has(inv, mint ? 6 : 5, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    cap_mask_rights(&t->cap, invocation_word(k, inv, 4));
    if (mint && !cap_set_data(&t->cap, invocation_word(k, inv, 5), false)) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    return derivation_copy_of(k, &t->cap, t->from);
}

static enum sel4_error check_move(struct kernel *k, struct transport *t, struct invocation *inv)
{
    t->move = true;
    if (inv->operation == SEL4_INVOCATION_CNODE_MOVE) {
        return SEL4_ERROR_NONE;
    }
    if (!invocation_has(inv, 5, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    return cap_set_data(&t->cap, invocation_word(k, inv, 4), true) ? SEL4_ERROR_NONE
                                                                   : SEL4_ERROR_ILLEGAL_OPERATION;
}

static enum sel4_error decode_transport(struct kernel *k, struct invocation *inv, struct cte *to)
{
    struct transport t = {.to = to};
    if (!invocation_has(inv, 4, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = find_source(k, &t, inv);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    bool copy = inv->operation == SEL4_INVOCATION_CNODE_COPY ||
                inv->operation == SEL4_INVOCATION_CNODE_MINT;
    error = copy ? check_copy(k, &t, inv) : check_move(k, &t, inv);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    if (t.move) {
        derivation_move(k, t.to, t.from, t.cap);
    } else {
        derivation_insert(k, t.to, t.cap, t.from);
    }
    return SEL4_ERROR_NONE;
}

struct rotation {
    struct cte *to, *pivot, *from;
    struct cap pivot_cap, from_cap;
};

static void rotate(struct kernel *k, const struct rotation *r)
{
    if (r->to == r->from) {
        derivation_swap(k, r->to, r->pivot_cap, r->pivot, r->from_cap);
        return;
    }
    derivation_move(k, r->to, r->pivot, r->pivot_cap);
    derivation_move(k, r->pivot, r->from, r->from_cap);
}

static enum sel4_error find_rotation(struct kernel *k, struct rotation *r, struct invocation *inv)
{
    struct slot_name pivot = {.root = invocation_extra(inv, 0),
                              .index = invocation_word(k, inv, 3),
                              .depth = invocation_word(k, inv, 4),
                              .source = true};
    struct slot_name from = {.root = invocation_extra(inv, 1),
                             .index = invocation_word(k, inv, 6),
                             .depth = invocation_word(k, inv, 7),
                             .source = true};
    enum sel4_error error = invocation_slot(k, &r->from, inv, from);
    if (error == SEL4_ERROR_NONE) {
        error = invocation_slot(k, &r->pivot, inv, pivot);
    }
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    // `to` and `from` may be one slot, which makes it an exchange.
    if (r->pivot == r->from || r->pivot == r->to) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (r->from != r->to && !cap_is(&r->to->cap, SEL4_CAP_TAG_NULL)) {
        return SEL4_ERROR_DELETE_FIRST;
    }
    if (cap_is(&r->from->cap, SEL4_CAP_TAG_NULL)) {
        return invocation_missing(inv, true, from.depth);
    }
    return cap_is(&r->pivot->cap, SEL4_CAP_TAG_NULL) ? invocation_missing(inv, false, pivot.depth)
                                                     : SEL4_ERROR_NONE;
}

static enum sel4_error decode_rotate(struct kernel *k, struct invocation *inv, struct cte *to)
{
    struct rotation r = {.to = to};
    if (!invocation_has(inv, 8, 2)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = find_rotation(k, &r, inv);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    r.pivot_cap = r.pivot->cap;
    r.from_cap = r.from->cap;
    if (!cap_set_data(&r.pivot_cap, invocation_word(k, inv, 2), true) ||
        !cap_set_data(&r.from_cap, invocation_word(k, inv, 5), true)) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    rotate(k, &r);
    return SEL4_ERROR_NONE;
}

// The cap must have all rights: the call takes messages away from other holders of the badge.
static enum sel4_error cancel_badged(struct kernel *k, struct cte *slot)
{
    if (!cap_is(&slot->cap, SEL4_CAP_TAG_ENDPOINT) || !cap_allows(&slot->cap, SEL4_RIGHT_ALL)) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (slot->cap.data != 0) {
        endpoint_cancel_badged(k, cap_object(k, &slot->cap), slot->cap.data);
    }
    return SEL4_ERROR_NONE;
}

enum sel4_error cnode_decode(struct kernel *k, struct invocation *inv)
{
    bool known = inv->operation >= SEL4_INVOCATION_CNODE_REVOKE &&
                 inv->operation <= SEL4_INVOCATION_CNODE_ROTATE;
    if (!known) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (!invocation_has(inv, 2, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    struct cte *slot = NULL;
    struct slot_name name = {.root = &inv->slot->cap,
                             .index = invocation_word(k, inv, 0),
                             .depth = invocation_word(k, inv, 1)};
    enum sel4_error error = invocation_slot(k, &slot, inv, name);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    switch (inv->operation) {
    case SEL4_INVOCATION_CNODE_REVOKE:
        // Interrupted or not: kernel.c sees to it that the call is repeated.
        (void)delete_children(k, slot);
        return SEL4_ERROR_NONE;
    case SEL4_INVOCATION_CNODE_DELETE:
        (void)delete_slot(k, slot);
        return SEL4_ERROR_NONE;
    case SEL4_INVOCATION_CNODE_CANCEL_BADGED_SENDS:
        return cancel_badged(k, slot);
    case SEL4_INVOCATION_CNODE_ROTATE:
        return decode_rotate(k, inv, slot);
    default:
        return decode_transport(k, inv, slot);
    }
}
