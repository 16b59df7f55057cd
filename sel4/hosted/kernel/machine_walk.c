// SPDX-License-Identifier: BSD-2-Clause

// The processor's walk through four levels of x86-64 page tables, from the tables that the kernel
// half wrote. Only the kernel half writes them, so an entry that is present points into physical
// memory or to a device; user code has no cap to write a table with.

#include "internal.h"

bool machine_walk(const struct machine *m, uint64_t root, uint64_t vaddr, struct machine_page *page)
{
    uint64_t table = root;
    if (vaddr >= SEL4_USER_TOP) {
        return false;
    }
    for (unsigned at = 4; at > 0; at--) {
        uint64_t entry = *vspace_index(m->memory, table, vaddr, at);
        if ((entry & PAGE_PRESENT) == 0) {
            return false;
        }
        table = entry & PAGE_ADDRESS;
        if (at > 1 && (entry & PAGE_LARGE) == 0) {
            continue;
        }
        bool user = (entry & PAGE_USER) != 0;
        page->size_bits = (uint8_t)vspace_shift(at);
        page->vaddr = vaddr & ~((UINT64_C(1) << vspace_shift(at)) - 1);
        page->paddr = table;
        page->readable = user;
        page->writable = user && (entry & PAGE_WRITE) != 0;
        page->device = table >= m->memory_size;
        return true;
    }
    return false;
}
