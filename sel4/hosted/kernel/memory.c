// SPDX-License-Identifier: BSD-2-Clause

// Physical addresses and the monitor's pointers to the same bytes. No check: a paddr comes from a
// cap or a page table, both made by the kernel half.

#include "internal.h"

void *memory_at(const struct kernel *k, uint64_t paddr)
{
    return k->machine->memory + paddr;
}

uint64_t memory_paddr(const struct kernel *k, const void *at)
{
    return (uint64_t)((const uint8_t *)at - k->machine->memory);
}
