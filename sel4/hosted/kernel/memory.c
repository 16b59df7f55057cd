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

bool memory_backed(const struct kernel *k, uint64_t paddr, uint64_t len)
{
    const struct machine *m = k->machine;
    if (len <= m->memory_size && paddr <= m->memory_size - len) {
        return true;
    }
    return m->device_size != 0 && paddr >= m->device_base && len <= m->device_size &&
           paddr - m->device_base <= m->device_size - len;
}
