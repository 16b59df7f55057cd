// SPDX-License-Identifier: BSD-2-Clause

// Address-space identifiers (seL4 manual, 7.1): eight pools, each a page of 512 PML4 addresses.
// ASID 0 means "none". An ASID is found again by look-up each time, so that a cap of a deleted pool
// or address space is merely stale, and what it names can be compared with what is there.

#include "internal.h"

enum { POOL_BITS = 12 };

static uint64_t *entry_of(const struct kernel *k, unsigned asid)
{
    uint64_t pool = k->asid_pools[asid / SEL4_ASIDS_PER_POOL];
    uint64_t *entries = memory_at(k, pool);
    return pool == 0 || asid == 0 ? NULL : &entries[asid % SEL4_ASIDS_PER_POOL];
}

uint64_t asid_find(const struct kernel *k, unsigned asid)
{
    const uint64_t *entry = entry_of(k, asid);
    return entry == NULL ? 0 : *entry;
}

bool asid_live(const struct kernel *k, const struct cap *pml4)
{
    return cap_mapped_asid(pml4) != 0 && asid_find(k, cap_mapped_asid(pml4)) == cap_paddr(pml4);
}

// The machine holds a stub for each PML4; it must go before the memory gets another kind.
static void forget(struct kernel *k, uint64_t *entry)
{
    if (*entry != 0) {
        k->machine->operations->forget(k->machine, *entry);
        *entry = 0;
    }
}

void asid_delete(struct kernel *k, const struct cap *pml4)
{
    if (asid_live(k, pml4)) {
        forget(k, entry_of(k, cap_mapped_asid(pml4)));
    }
}

void asid_delete_pool(struct kernel *k, const struct cap *pool)
{
    uint64_t *entries = cap_object(k, pool);
    for (unsigned i = 0; i < SEL4_ASIDS_PER_POOL; i++) {
        forget(k, &entries[i]);
    }
    k->asid_pools[pool->data / SEL4_ASIDS_PER_POOL] = 0;
}

static enum sel4_error check_untyped(struct kernel *k, struct invocation *inv)
{
    const struct cap *cap = invocation_extra(inv, 0);
    if (!cap_is(cap, SEL4_CAP_TAG_UNTYPED) || cap->size_bits != POOL_BITS || cap->device != 0) {
        return invocation_capability(inv, 1);
    }
    return derivation_has_children(k, inv->extra[0]) ? SEL4_ERROR_REVOKE_FIRST : SEL4_ERROR_NONE;
}

enum sel4_error asid_control_decode(struct kernel *k, struct invocation *inv)
{
    if (inv->operation != SEL4_INVOCATION_ASID_CONTROL_MAKE_POOL) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (!invocation_has(inv, 2, 2)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    unsigned pool = 0;
    while (pool < SEL4_ASID_POOLS && k->asid_pools[pool] != 0) {
        pool++;
    }
    if (pool == SEL4_ASID_POOLS) {
        return SEL4_ERROR_DELETE_FIRST;
    }
    struct cte *slot = NULL;
    enum sel4_error error = check_untyped(k, inv);
    if (error == SEL4_ERROR_NONE) {
        error = invocation_empty_slot(k, &slot, inv,
                                      (struct slot_name){.root = invocation_extra(inv, 1),
                                                         .index = invocation_word(k, inv, 0),
                                                         .depth = invocation_word(k, inv, 1)});
    }
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    struct cap *untyped = &inv->extra[0]->cap;
    struct cap cap = cap_make(SEL4_CAP_TAG_ASID_POOL, cap_paddr(untyped), POOL_BITS);
    cap.data = (uint64_t)pool * SEL4_ASIDS_PER_POOL;
    memset(cap_object(k, untyped), 0, UINT64_C(1) << POOL_BITS);
    // All of it is used: nothing else can be made of this untyped while the pool lives.
    untyped->data = UINT64_C(1) << POOL_BITS;
    k->asid_pools[pool] = cap_paddr(untyped);
    derivation_create(k, slot, cap, inv->extra[0]);
    return SEL4_ERROR_NONE;
}

enum sel4_error asid_pool_decode(struct kernel *k, struct invocation *inv)
{
    const struct cap *pool = &inv->slot->cap;
    if (inv->operation != SEL4_INVOCATION_ASID_POOL_ASSIGN) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (!invocation_has(inv, 0, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    struct cap *pml4 = &inv->extra[0]->cap;
    if (!cap_is(pml4, SEL4_CAP_TAG_PML4) || cap_mapped_asid(pml4) != 0) {
        return invocation_capability(inv, 1);
    }
    uint64_t *entries = cap_object(k, pool);
    unsigned i = pool->data == 0 ? 1 : 0; // ASID 0 is nobody's
    while (i < SEL4_ASIDS_PER_POOL && entries[i] != 0) {
        i++;
    }
    if (i == SEL4_ASIDS_PER_POOL) {
        return SEL4_ERROR_DELETE_FIRST;
    }
    entries[i] = cap_paddr(pml4);
    cap_set_mapping(pml4, (unsigned)pool->data + i, 0);
    return SEL4_ERROR_NONE;
}
