// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The root task's ELF file as seL4's boot code sees it: magic and class are checked, and every
// program header with a size in memory counts, whatever its type.

#include "diag.h"
#include "machine.h"

struct image {
    struct bytes file;
    uint64_t entry;
    uint64_t start; // lowest vaddr, page-aligned
    uint64_t end;   // rounded up to a page
};

// Reads and checks the headers of `file`, which `out` borrows. IMAGE when it cannot be a root task.
MUST_CHECK enum status image_measure(struct image *out, struct bytes file, struct diag *diag);

// Puts all segments into the machine's memory; `paddr` stands for vaddr `start`, and is zero.
MUST_CHECK enum status image_load(struct machine *machine, uint64_t paddr,
                                  const struct image *image, struct diag *diag);
