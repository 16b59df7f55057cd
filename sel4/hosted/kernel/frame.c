// SPDX-License-Identifier: BSD-2-Clause

// Frames: mapping, unmapping, address (seL4 manual, 7.1). The entry is the only state besides the
// cap; a cap that says "mapped" where the entry points elsewhere is stale and does nothing.

#include "internal.h"

struct mapping {
    uint64_t root;
    uint64_t vaddr;
    unsigned level;
    uint64_t *entry;
    uint64_t value;
};

static uint64_t size_of(const struct cap *frame)
{
    return UINT64_C(1) << frame->size_bits;
}

// Read-only or read-write for the user; anything less is for the kernel only, so that the mapping
// succeeds and every access faults.
static uint64_t entry_value(const struct cap *frame, uint64_t mask)
{
    uint64_t rights = frame->rights & mask;
    uint64_t value = cap_paddr(frame) | PAGE_PRESENT;
    value |= frame->size_bits > 12 ? PAGE_LARGE : 0;
    if ((rights & SEL4_RIGHT_READ) != 0) {
        value |= PAGE_USER | ((rights & SEL4_RIGHT_WRITE) != 0 ? PAGE_WRITE : 0);
    }
    return value;
}

// A mapped cap may only be mapped again at its place, to change rights.
static enum sel4_error check_place(struct invocation *inv, const struct mapping *map)
{
    const struct cap *frame = &inv->slot->cap;
    if (cap_mapped_asid(frame) != 0) {
        if (cap_mapped_asid(frame) != cap_mapped_asid(invocation_extra(inv, 0))) {
            return invocation_capability(inv, 1);
        }
        return cap_mapped_vaddr(frame) == map->vaddr ? SEL4_ERROR_NONE
                                                     : invocation_argument(inv, 0);
    }
    uint64_t size = size_of(frame);
    if (map->vaddr >= SEL4_USER_TOP || size > SEL4_USER_TOP - map->vaddr) {
        return invocation_argument(inv, 0);
    }
    return (map->vaddr & (size - 1)) == 0 ? SEL4_ERROR_NONE : SEL4_ERROR_ALIGNMENT_ERROR;
}

static enum sel4_error check_entry(struct kernel *k, struct invocation *inv, struct mapping *map)
{
    unsigned missing = 0;
    map->entry = vspace_entry(k, map->root, map->vaddr, map->level, &missing);
    if (map->entry == NULL) {
        return invocation_missing(inv, false, 12 + 9 * (uint64_t)(missing - 1));
    }
    bool table = map->level > 1 && (*map->entry & (PAGE_PRESENT | PAGE_LARGE)) == PAGE_PRESENT;
    return table ? SEL4_ERROR_DELETE_FIRST : SEL4_ERROR_NONE;
}

static enum sel4_error map_frame(struct kernel *k, struct invocation *inv)
{
    if (!invocation_has(inv, 3, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    struct cap *frame = &inv->slot->cap;
    struct mapping map = {.vaddr = invocation_word(k, inv, 0),
                          .level = (frame->size_bits - 12U) / 9 + 1,
                          .value = entry_value(frame, invocation_word(k, inv, 1))};
    enum sel4_error error = vspace_check(k, inv, 0, &map.root);
    if (error == SEL4_ERROR_NONE) {
        error = check_place(inv, &map);
    }
    if (error == SEL4_ERROR_NONE) {
        error = check_entry(k, inv, &map);
    }
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    cap_set_mapping(frame, cap_mapped_asid(invocation_extra(inv, 0)), map.vaddr);
    bool changed = (*map.entry & PAGE_PRESENT) != 0; // what was not there is in no TLB
    *map.entry = map.value;
    if (changed) {
        k->machine->operations->flush(k->machine, map.root, map.vaddr, size_of(frame));
    }
    return SEL4_ERROR_NONE;
}

enum sel4_error frame_decode(struct kernel *k, struct invocation *inv)
{
    struct cap *frame = &inv->slot->cap;
    switch (inv->operation) {
    case SEL4_INVOCATION_PAGE_MAP:
        return map_frame(k, inv);
    case SEL4_INVOCATION_PAGE_UNMAP:
        vspace_unmap_frame(k, frame);
        cap_set_mapping(frame, 0, 0);
        return SEL4_ERROR_NONE;
    case SEL4_INVOCATION_PAGE_GET_ADDRESS:
        inv->result[0] = cap_paddr(frame);
        inv->result_len = 1;
        return SEL4_ERROR_NONE;
    case SEL4_INVOCATION_PAGE_MAP_IO:
        // Nobody has an I/O space: the board has no remapping hardware.
        return invocation_has(inv, 2, 1) ? invocation_capability(inv, 1)
                                         : SEL4_ERROR_TRUNCATED_MESSAGE;
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}
