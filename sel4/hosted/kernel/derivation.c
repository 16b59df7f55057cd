// SPDX-License-Identifier: BSD-2-Clause

// All caps of one object stand in one list, in the order in which they were derived: a cap's
// children follow it directly, and theirs after them. Who is a child needs no depth field: it
// follows from what the caps stand for, from `revocable` (only such a cap is a parent) and from
// badges (a badged parent has only children of its badge, made by copying).

#include "internal.h"

struct cte *derivation_slot(const struct kernel *k, uint32_t index)
{
    return index == 0 ? NULL : memory_at(k, (uint64_t)index << SEL4_SLOT_BITS);
}

uint32_t derivation_index(const struct kernel *k, const struct cte *slot)
{
    return slot == NULL ? 0 : (uint32_t)(memory_paddr(k, slot) >> SEL4_SLOT_BITS);
}

static void link_after(struct kernel *k, struct cte *slot, struct cte *before)
{
    slot->prev = derivation_index(k, before);
    slot->next = before == NULL ? 0 : before->next;
    struct cte *after = derivation_slot(k, slot->next);
    if (after != NULL) {
        after->prev = derivation_index(k, slot);
    }
    if (before != NULL) {
        before->next = derivation_index(k, slot);
    }
}

static bool is_badged_kind(const struct cap *cap)
{
    return cap_is(cap, SEL4_CAP_TAG_ENDPOINT) || cap_is(cap, SEL4_CAP_TAG_NOTIFICATION);
}

// A cap that stands for less than the one it came from may be revoked by itself.
static bool starts_family(const struct cap *cap, const struct cap *from)
{
    if (is_badged_kind(cap)) {
        return cap->data != from->data;
    }
    return cap_is(cap, SEL4_CAP_TAG_UNTYPED) || cap->kind != from->kind;
}

void derivation_insert(struct kernel *k, struct cte *slot, struct cap cap, struct cte *from)
{
    bool family = starts_family(&cap, &from->cap);
    slot->cap = cap;
    slot->revocable = family;
    slot->first_badged = family;
    link_after(k, slot, from);
    if (cap_is(&cap, SEL4_CAP_TAG_UNTYPED) && cap_is(&from->cap, SEL4_CAP_TAG_UNTYPED)) {
        // A copy of an untyped takes all that was left: both would hand out the same memory
        // otherwise.
        from->cap.data = UINT64_C(1) << from->cap.size_bits;
    }
}

void derivation_create(struct kernel *k, struct cte *slot, struct cap cap, struct cte *parent)
{
    slot->cap = cap;
    slot->revocable = true;
    slot->first_badged = true;
    link_after(k, slot, parent);
}

static void point_here(struct kernel *k, struct cte *slot)
{
    struct cte *before = derivation_slot(k, slot->prev);
    struct cte *after = derivation_slot(k, slot->next);
    if (before != NULL) {
        before->next = derivation_index(k, slot);
    }
    if (after != NULL) {
        after->prev = derivation_index(k, slot);
    }
}

void derivation_move(struct kernel *k, struct cte *to, struct cte *from, struct cap cap)
{
    *to = *from;
    to->cap = cap;
    point_here(k, to);
    *from = (struct cte){0};
}

// A link to the slot's own index is left over from standing next to the other one.
static void redirect(struct cte *slot, uint32_t own, uint32_t other)
{
    slot->prev = slot->prev == own ? other : slot->prev;
    slot->next = slot->next == own ? other : slot->next;
}

void derivation_swap(struct kernel *k, struct cte *a, struct cap to_a, struct cte *b,
                     struct cap to_b)
{
    uint32_t index_a = derivation_index(k, a);
    uint32_t index_b = derivation_index(k, b);
    struct cte was_a = *a;
    *a = *b;
    *b = was_a;
    a->cap = to_a;
    b->cap = to_b;
    redirect(a, index_a, index_b);
    redirect(b, index_b, index_a);
    point_here(k, a);
    point_here(k, b);
}

void derivation_unlink(struct kernel *k, struct cte *slot)
{
    struct cte *before = derivation_slot(k, slot->prev);
    struct cte *after = derivation_slot(k, slot->next);
    if (before != NULL) {
        before->next = slot->next;
    }
    if (after != NULL) {
        after->prev = slot->prev;
        // The next one begins the family now, so that the badge's parent does not adopt it.
        after->first_badged = after->first_badged || slot->first_badged;
    }
    *slot = (struct cte){0};
}

bool derivation_is_parent(const struct cte *parent, const struct cte *child)
{
    if (!parent->revocable || !cap_same_region(&parent->cap, &child->cap)) {
        return false;
    }
    if (!is_badged_kind(&parent->cap) || parent->cap.data == 0) {
        return true;
    }
    return child->cap.data == parent->cap.data && !child->first_badged;
}

// The list is in order of derivation: if the next cap is no child, none is.
bool derivation_has_children(const struct kernel *k, const struct cte *slot)
{
    const struct cte *after = derivation_slot(k, slot->next);
    return after != NULL && derivation_is_parent(slot, after);
}

// Caps of one object stand next to each other, for the same reason.
bool derivation_is_final(const struct kernel *k, const struct cte *slot)
{
    const struct cte *before = derivation_slot(k, slot->prev);
    const struct cte *after = derivation_slot(k, slot->next);
    return (before == NULL || !cap_same_object(&before->cap, &slot->cap)) &&
           (after == NULL || !cap_same_object(&slot->cap, &after->cap));
}

enum sel4_error derivation_copy_of(const struct kernel *k, struct cap *cap, const struct cte *slot)
{
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_NULL:
    case SEL4_CAP_TAG_ZOMBIE:
    case SEL4_CAP_TAG_IRQ_CONTROL:
    case SEL4_CAP_TAG_IO_PORT_CONTROL:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    case SEL4_CAP_TAG_UNTYPED:
        return derivation_has_children(k, slot) ? SEL4_ERROR_REVOKE_FIRST : SEL4_ERROR_NONE;
    case SEL4_CAP_TAG_FRAME:
        // A copy of a frame cap is not mapped; each maps for itself.
        cap_set_mapping(cap, 0, 0);
        return SEL4_ERROR_NONE;
    case SEL4_CAP_TAG_PAGE_TABLE:
    case SEL4_CAP_TAG_PAGE_DIRECTORY:
    case SEL4_CAP_TAG_PDPT:
    case SEL4_CAP_TAG_PML4:
        return cap_mapped_asid(cap) == 0 ? SEL4_ERROR_ILLEGAL_OPERATION : SEL4_ERROR_NONE;
    default:
        return SEL4_ERROR_NONE;
    }
}
