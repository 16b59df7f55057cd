// SPDX-License-Identifier: BSD-2-Clause

// Page tables in the machine's memory, in the form that an x86_64 processor reads. Cache attributes
// are not kept: nothing below could honour them.

#include "internal.h"

enum { TOP_LEVEL = 4, INDEX_BITS = 9 };

unsigned vspace_shift(unsigned level)
{
    return 12 + INDEX_BITS * (level - 1);
}

uint64_t *vspace_index(uint8_t *memory, uint64_t table, uint64_t vaddr, unsigned level)
{
    uint64_t *entries = (void *)(memory + table);
    return &entries[(vaddr >> vspace_shift(level)) & ((1U << INDEX_BITS) - 1)];
}

uint64_t *vspace_entry(const struct kernel *k, uint64_t root, uint64_t vaddr, unsigned level,
                       unsigned *missing)
{
    uint64_t table = root;
    for (unsigned at = TOP_LEVEL; at > level; at--) {
        uint64_t entry = *vspace_index(k->machine->memory, table, vaddr, at);
        if ((entry & PAGE_PRESENT) == 0 || (entry & PAGE_LARGE) != 0) {
            *missing = at;
            return NULL;
        }
        table = entry & PAGE_ADDRESS;
    }
    return vspace_index(k->machine->memory, table, vaddr, level);
}

uint64_t vspace_root_of(const struct kernel *k, const struct tcb *tcb)
{
    const struct cap *cap = &tcb->slot[TCB_VSPACE].cap;
    return cap_is(cap, SEL4_CAP_TAG_PML4) && asid_live(k, cap) ? cap_paddr(cap) : 0;
}

enum sel4_error vspace_check(struct kernel *k, struct invocation *inv, unsigned extra,
                             uint64_t *root)
{
    const struct cap *cap = invocation_extra(inv, extra);
    if (!cap_is(cap, SEL4_CAP_TAG_PML4) || cap_mapped_asid(cap) == 0) {
        return invocation_capability(inv, 1);
    }
    *root = asid_find(k, cap_mapped_asid(cap));
    if (*root == 0) {
        struct lookup_failure failure = {.kind = SEL4_LOOKUP_INVALID_ROOT};
        return invocation_lookup(inv, false, &failure);
    }
    return *root == cap_paddr(cap) ? SEL4_ERROR_NONE : invocation_capability(inv, 1);
}

static void unmap(struct kernel *k, const struct cap *cap, unsigned level, uint64_t flags)
{
    unsigned missing = 0;
    uint64_t root = asid_find(k, cap_mapped_asid(cap));
    uint64_t vaddr = cap_mapped_vaddr(cap);
    uint64_t *entry = root == 0 ? NULL : vspace_entry(k, root, vaddr, level, &missing);
    if (entry == NULL || (*entry & PAGE_PRESENT) == 0 || (*entry & PAGE_LARGE) != flags ||
        (*entry & PAGE_ADDRESS) != cap_paddr(cap)) {
        return;
    }
    *entry = 0;
    k->machine->operations->flush(k->machine, root, vaddr, UINT64_C(1) << vspace_shift(level));
}

void vspace_unmap_frame(struct kernel *k, const struct cap *cap)
{
    unsigned level = (cap->size_bits - 12U) / INDEX_BITS + 1;
    unmap(k, cap, level, level == 1 ? 0 : PAGE_LARGE);
}

void vspace_unmap_table(struct kernel *k, const struct cap *cap)
{
    unsigned level = cap_is(cap, SEL4_CAP_TAG_PDPT)             ? 4
                     : cap_is(cap, SEL4_CAP_TAG_PAGE_DIRECTORY) ? 3
                                                                : 2;
    unmap(k, cap, level, 0);
}
