// SPDX-License-Identifier: BSD-2-Clause
#include "memory.h"

struct memory memory_of(const struct sel4_bootinfo *bootinfo)
{
    struct memory memory = {0};
    uint64_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    for (uint64_t i = 0; i < count && i < SEL4_BOOTINFO_MAX_UNTYPEDS; i++) {
        const struct sel4_untyped_desc *desc = &bootinfo->untyped_list[i];
        memory.blocks[memory.count++] = (struct memory_block){
            .untyped = bootinfo->untyped.start + i,
            .size_bits = desc->size_bits,
            .device = desc->is_device != 0,
            .paddr = desc->paddr,
        };
    }
    return memory;
}

// Where the next object of 2^size_bits bytes would start.
static uint64_t aligned(const struct memory_block *block, uint8_t size_bits)
{
    uint64_t mask = (UINT64_C(1) << size_bits) - 1;
    return (block->used + mask) & ~mask;
}

static bool has_room(const struct memory_block *block, uint8_t size_bits, uint32_t count)
{
    uint64_t size = UINT64_C(1) << block->size_bits;
    uint64_t start = aligned(block, size_bits);
    return start <= size && count <= (size - start) >> size_bits;
}

enum status memory_take(cap_slot *untyped, struct memory *memory, uint8_t size_bits, uint32_t count,
                        struct diag *diag)
{
    struct memory_block *best = NULL;
    for (unsigned i = 0; i < memory->count; i++) {
        struct memory_block *block = &memory->blocks[i];
        if (!block->device && has_room(block, size_bits, count) &&
            (best == NULL || block->size_bits < best->size_bits)) {
            best = block;
        }
    }
    if (best == NULL) {
        return diag_fail(diag, STATUS_OUT_OF_UNTYPED, "object size bits", size_bits);
    }
    best->used = aligned(best, size_bits) + ((uint64_t)count << size_bits);
    *untyped = best->untyped;
    return STATUS_OK;
}

uint64_t memory_left(const struct memory *memory)
{
    uint64_t left = 0;
    for (unsigned i = 0; i < memory->count; i++) {
        const struct memory_block *block = &memory->blocks[i];
        left += block->device ? 0 : (UINT64_C(1) << block->size_bits) - block->used;
    }
    return left;
}

struct memory_block *memory_device(struct memory *memory, uint64_t paddr, uint64_t len)
{
    for (unsigned i = 0; i < memory->count; i++) {
        struct memory_block *block = &memory->blocks[i];
        uint64_t size = UINT64_C(1) << block->size_bits;
        bool begins = paddr >= block->paddr && paddr - block->paddr >= block->used;
        if (block->device && begins && len <= size && paddr - block->paddr <= size - len) {
            return block;
        }
    }
    return NULL;
}
