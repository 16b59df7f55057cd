// SPDX-License-Identifier: BSD-2-Clause
#include "internal.h"

void *memory_at(const struct kernel *k, uint64_t paddr)
{
    return k->machine->memory + paddr;
}

uint64_t memory_paddr(const struct kernel *k, const void *at)
{
    return (uint64_t)((const uint8_t *)at - k->machine->memory);
}
