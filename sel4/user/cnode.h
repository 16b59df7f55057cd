// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of a CNode.

#include "sel4_cap.h"
#include "sel4_kernel.h"

// A slot: looked up from the CNode cap `root` over `depth` bits of `index`.
struct cnode_slot {
    cap_slot root;
    uint64_t index;
    uint8_t depth; // 1..64
};

// A capability made from another.
struct cnode_derive {
    struct cnode_slot to; // empty
    struct cnode_slot from;
    uint8_t rights; // enum sel4_right; ignored by mutate
    uint64_t data;  // a badge or CNode data (sel4_cnode_data); ignored by copy
};

enum status cnode_copy(struct sel4_kernel *kernel, const struct cnode_derive *derive,
                       struct diag *diag) MUST_CHECK;
enum status cnode_mint(struct sel4_kernel *kernel, const struct cnode_derive *derive,
                       struct diag *diag) MUST_CHECK;
// Moves the capability and gives it new data.
enum status cnode_mutate(struct sel4_kernel *kernel, const struct cnode_derive *derive,
                         struct diag *diag) MUST_CHECK;

// Deletes everything derived from the capability; it stays.
enum status cnode_revoke(struct sel4_kernel *kernel, struct cnode_slot slot,
                         struct diag *diag) MUST_CHECK;
enum status cnode_delete(struct sel4_kernel *kernel, struct cnode_slot slot,
                         struct diag *diag) MUST_CHECK;
