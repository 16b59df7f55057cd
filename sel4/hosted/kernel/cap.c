// SPDX-License-Identifier: BSD-2-Clause

// What one capability says, without its place among others (derivation.c). Which capabilities are
// of the same object, or of a part of it, is decided from their words alone.

#include "internal.h"

#define OBJECT_MASK UINT64_C(0xffffffffffff)

enum { ASID_MASK = 0xfff, GUARD_SIZE_MASK = 0x3f };

struct cap cap_make(enum sel4_cap_tag kind, uint64_t paddr, unsigned size_bits)
{
    return (struct cap){.kind = (uint64_t)kind & 0x1f,
                        .rights = SEL4_RIGHT_ALL,
                        .size_bits = (uint64_t)size_bits & 0x3f,
                        .object = paddr & OBJECT_MASK};
}

uint64_t cap_paddr(const struct cap *cap)
{
    return cap->object;
}

bool cap_is(const struct cap *cap, enum sel4_cap_tag kind)
{
    return (enum sel4_cap_tag)cap->kind == kind;
}

bool cap_allows(const struct cap *cap, unsigned rights)
{
    return ((unsigned)cap->rights & rights) == rights;
}

void *cap_object(const struct kernel *k, const struct cap *cap)
{
    return memory_at(k, cap_paddr(cap));
}

static uint64_t region_size(const struct cap *cap)
{
    return UINT64_C(1) << cap->size_bits;
}

// Without a sum that could wrap.
static bool covers(const struct cap *region, uint64_t paddr, uint64_t len)
{
    uint64_t start = cap_paddr(region);
    uint64_t size = region_size(region);
    return paddr >= start && len <= size && paddr - start <= size - len;
}

// Bytes of the object behind a cap, as far as an untyped has to contain them.
static bool untyped_covers(const struct cap *untyped, const struct cap *cap)
{
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_UNTYPED:
    case SEL4_CAP_TAG_FRAME:
        return covers(untyped, cap_paddr(cap), region_size(cap));
    case SEL4_CAP_TAG_ENDPOINT:
    case SEL4_CAP_TAG_NOTIFICATION:
    case SEL4_CAP_TAG_REPLY:
    case SEL4_CAP_TAG_CNODE:
    case SEL4_CAP_TAG_TCB:
    case SEL4_CAP_TAG_SCHED_CONTEXT:
    case SEL4_CAP_TAG_ZOMBIE:
    case SEL4_CAP_TAG_PAGE_TABLE:
    case SEL4_CAP_TAG_PAGE_DIRECTORY:
    case SEL4_CAP_TAG_PDPT:
    case SEL4_CAP_TAG_PML4:
    case SEL4_CAP_TAG_ASID_POOL:
    case SEL4_CAP_TAG_IO_PAGE_TABLE:
        return covers(untyped, cap_paddr(cap), 1);
    default:
        return false;
    }
}

bool cap_same_region(const struct cap *parent, const struct cap *child)
{
    switch ((enum sel4_cap_tag)parent->kind) {
    case SEL4_CAP_TAG_NULL:
    case SEL4_CAP_TAG_ZOMBIE:
        return false;
    case SEL4_CAP_TAG_UNTYPED:
        return untyped_covers(parent, child);
    case SEL4_CAP_TAG_IRQ_CONTROL:
        return cap_is(child, SEL4_CAP_TAG_IRQ_CONTROL) || cap_is(child, SEL4_CAP_TAG_IRQ_HANDLER);
    case SEL4_CAP_TAG_IO_PORT_CONTROL:
        return cap_is(child, SEL4_CAP_TAG_IO_PORT_CONTROL) || cap_is(child, SEL4_CAP_TAG_IO_PORT);
    case SEL4_CAP_TAG_IRQ_HANDLER:
    case SEL4_CAP_TAG_IO_PORT:
        return child->kind == parent->kind && child->data == parent->data;
    default:
        return child->kind == parent->kind && child->object == parent->object &&
               child->size_bits == parent->size_bits;
    }
}

// Untyped memory has no last capability, and the control capabilities no object.
bool cap_same_object(const struct cap *a, const struct cap *b)
{
    if (cap_is(a, SEL4_CAP_TAG_UNTYPED) || a->kind != b->kind) {
        return false;
    }
    if (cap_is(a, SEL4_CAP_TAG_IRQ_CONTROL) || cap_is(a, SEL4_CAP_TAG_IO_PORT_CONTROL)) {
        return false;
    }
    return cap_same_region(a, b);
}

void cap_mask_rights(struct cap *cap, uint64_t rights)
{
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_ENDPOINT:
    case SEL4_CAP_TAG_NOTIFICATION:
    case SEL4_CAP_TAG_FRAME:
    case SEL4_CAP_TAG_REPLY:
        cap->rights &= rights & SEL4_RIGHT_ALL;
        break;
    default:
        break;
    }
}

// A badge is given once, by Mint; a guard whenever it fits. Other kinds take no notice of the word.
bool cap_set_data(struct cap *cap, uint64_t data, bool mutate)
{
    switch ((enum sel4_cap_tag)cap->kind) {
    case SEL4_CAP_TAG_ENDPOINT:
    case SEL4_CAP_TAG_NOTIFICATION:
        if (mutate || cap->data != 0) {
            return false;
        }
        cap->data = data;
        return true;
    case SEL4_CAP_TAG_CNODE: {
        unsigned size = (unsigned)data & GUARD_SIZE_MASK;
        if (size + cap->size_bits > SEL4_WORD_BITS) {
            return false;
        }
        cap->data = sel4_cnode_data((data >> 6) & ((UINT64_C(1) << size) - 1), size);
        return true;
    }
    case SEL4_CAP_TAG_NULL:
        return false;
    default:
        return true;
    }
}

unsigned cap_guard_size(const struct cap *cnode)
{
    return (unsigned)cnode->data & GUARD_SIZE_MASK;
}

uint64_t cap_guard(const struct cap *cnode)
{
    return cnode->data >> 6;
}

uint64_t cap_mapped_vaddr(const struct cap *cap)
{
    return cap->data & ~(uint64_t)ASID_MASK;
}

unsigned cap_mapped_asid(const struct cap *cap)
{
    return (unsigned)cap->data & ASID_MASK;
}

void cap_set_mapping(struct cap *cap, unsigned asid, uint64_t vaddr)
{
    cap->data = vaddr | asid;
}

bool cap_takes_faults(const struct cap *cap)
{
    return cap_is(cap, SEL4_CAP_TAG_ENDPOINT) && cap_allows(cap, SEL4_RIGHT_WRITE) &&
           (cap->rights & (SEL4_RIGHT_GRANT | SEL4_RIGHT_GRANT_REPLY)) != 0;
}
