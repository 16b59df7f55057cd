// SPDX-License-Identifier: BSD-2-Clause

// Page tables, directories and PDPTs: mapping and unmapping of the levels between PML4 and frame
// (seL4 manual, 7.1). A table is mapped once, at the place that its cap remembers; only the last
// cap of a table may take it down.

#include "internal.h"

struct table {
    enum sel4_cap_tag kind;
    enum sel4_invocation map;
    enum sel4_invocation unmap;
    unsigned level; // of the entry that points at it
    unsigned span_bits;
};

static const struct table tables[] = {
    {SEL4_CAP_TAG_PAGE_TABLE, SEL4_INVOCATION_PAGE_TABLE_MAP, SEL4_INVOCATION_PAGE_TABLE_UNMAP, 2,
     21},
    {SEL4_CAP_TAG_PAGE_DIRECTORY, SEL4_INVOCATION_PAGE_DIRECTORY_MAP,
     SEL4_INVOCATION_PAGE_DIRECTORY_UNMAP, 3, 30},
    {SEL4_CAP_TAG_PDPT, SEL4_INVOCATION_PDPT_MAP, SEL4_INVOCATION_PDPT_UNMAP, 4, 39},
};

static enum sel4_error map_table(struct kernel *k, struct invocation *inv,
                                 const struct table *table)
{
    struct cap *cap = &inv->slot->cap;
    uint64_t root = 0;
    unsigned missing = 0;
    if (!invocation_has(inv, 2, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    if (cap_mapped_asid(cap) != 0) {
        return invocation_capability(inv, 0);
    }
    enum sel4_error error = vspace_check(k, inv, 0, &root);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    uint64_t vaddr = invocation_word(k, inv, 0) & ~((UINT64_C(1) << table->span_bits) - 1);
    if (vaddr > SEL4_USER_TOP) {
        return invocation_argument(inv, 0);
    }
    uint64_t *entry = vspace_entry(k, root, vaddr, table->level, &missing);
    if (entry == NULL) {
        return invocation_missing(inv, false, 12 + 9 * (uint64_t)(missing - 1));
    }
    if ((*entry & PAGE_PRESENT) != 0) {
        return SEL4_ERROR_DELETE_FIRST;
    }
    *entry = cap_paddr(cap) | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
    cap_set_mapping(cap, cap_mapped_asid(invocation_extra(inv, 0)), vaddr);
    return SEL4_ERROR_NONE; // what was not there is in no TLB: no flush
}

static enum sel4_error unmap_table(struct kernel *k, struct invocation *inv)
{
    struct cap *cap = &inv->slot->cap;
    if (!derivation_is_final(k, inv->slot)) {
        return SEL4_ERROR_REVOKE_FIRST;
    }
    if (cap_mapped_asid(cap) != 0) {
        vspace_unmap_table(k, cap);
        // The frames that it pointed to are unmapped with it; their caps notice when they are used
        // next.
        memset(cap_object(k, cap), 0, 4096);
        cap_set_mapping(cap, 0, 0);
    }
    return SEL4_ERROR_NONE;
}

enum sel4_error paging_decode(struct kernel *k, struct invocation *inv)
{
    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (!cap_is(&inv->slot->cap, tables[i].kind)) {
            continue;
        }
        if (inv->operation == tables[i].map) {
            return map_table(k, inv, &tables[i]);
        }
        if (inv->operation == tables[i].unmap) {
            return unmap_table(k, inv);
        }
    }
    return SEL4_ERROR_ILLEGAL_OPERATION;
}
