// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The root task's CSpace in two levels, so that it can hold every target's capabilities in a CNode
// that is made from that target's memory and goes with it:
//
//   top CNode (guard 39, radix 8)   slot 0      the boot CNode: boot CPtrs keep their numbers
//                                   slot 1 + t  the holder of target t
//                                   slot 255    a CNode that is being looked at
//
// A CPtr is top slot << 17 | slot below. Every slot of it can be named for CNode operations as 64
// bits from the top CNode.

#include "cnode.h"
#include "sel4_bootinfo.h"

enum {
    CSPACE_TOP_BITS = 8,
    CSPACE_LOW_BITS = SEL4_ROOT_CNODE_BITS,
    CSPACE_TOP_GUARD = SEL4_WORD_BITS - CSPACE_TOP_BITS - CSPACE_LOW_BITS,
    CSPACE_VIEW = (1 << CSPACE_TOP_BITS) - 1,
    CSPACE_TOP_DEPTH = SEL4_WORD_BITS - CSPACE_LOW_BITS, // bits that name a slot of the top CNode
};

struct cspace {
    cap_slot top;  // capability to the top CNode, in the boot CNode
    cap_slot next; // first boot slot not handed out yet
    cap_slot end;
    cap_slot spare; // one empty slot for a capability in passing
};

// Takes the empty slots of the boot CNode. Before cspace_open the boot CNode is the whole CSpace.
struct cspace cspace_of(const struct sel4_bootinfo *bootinfo);

// Makes the top CNode from `untyped` and moves the calling thread, the root task, onto it.
enum status cspace_open(struct cspace *cspace, struct sel4_kernel *kernel, cap_slot untyped,
                        struct diag *diag) MUST_CHECK;

// Hands out `count` consecutive empty boot slots. They never come back.
enum status cspace_take(cap_slot *first, struct cspace *cspace, uint32_t count,
                        struct diag *diag) MUST_CHECK;

// The slot that a CPtr names, for CNode operations.
struct cnode_slot cspace_slot(const struct cspace *cspace, cap_slot cptr);

// The slot of the top CNode that holds a target's holder, and a CPtr into that holder.
struct cnode_slot cspace_holder(const struct cspace *cspace, uint32_t target);
cap_slot cspace_held(uint32_t target, uint32_t slot);

// The slot of the top CNode for a CNode capability of CSPACE_LOW_BITS, guard included, that is only
// looked through; and a CPtr into that CNode.
struct cnode_slot cspace_view(const struct cspace *cspace);
cap_slot cspace_viewed(uint32_t slot);
