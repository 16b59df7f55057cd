// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations that shape an address space: ASIDs, paging structures, frames.

#include "sel4_cap.h"
#include "sel4_kernel.h"

// Makes a new PML4 an address space.
enum status vspace_assign(struct sel4_kernel *kernel, cap_slot pool, cap_slot vspace,
                          struct diag *diag) MUST_CHECK;

// What is mapped where. A paging structure covers the span around `vaddr`; a frame starts there.
struct vspace_map {
    cap_slot object;
    cap_slot vspace;
    uint64_t vaddr;
    uint8_t rights; // frames only: read, or read and write
    bool uncached;  // frames only: device memory
};

// `type` is PDPT, PAGE_DIRECTORY or PAGE_TABLE.
enum status vspace_map_table(struct sel4_kernel *kernel, enum sel4_object type,
                             const struct vspace_map *map, struct diag *diag) MUST_CHECK;

// Write-back cached unless it is to be uncached. Replaces the mapping of another 4 KiB frame at
// that address.
enum status vspace_map_frame(struct sel4_kernel *kernel, const struct vspace_map *map,
                             struct diag *diag) MUST_CHECK;
enum status vspace_unmap_frame(struct sel4_kernel *kernel, cap_slot frame,
                               struct diag *diag) MUST_CHECK;
