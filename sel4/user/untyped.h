// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of an untyped.

#include "sel4_kernel.h"

// `count` (1..256) equal objects, whose capabilities go to consecutive slots from `offset` of the
// CNode at `node`: looked up from the CNode cap `root` over `depth` bits of `index`; depth 0 is
// `root` itself.
struct untyped_run {
    enum sel4_object type;
    uint8_t size_bits; // of untypeds, CNodes (radix) and scheduling contexts; others ignore it
    uint32_t count;
    cap_slot root;
    uint64_t index;
    uint8_t depth;
    uint64_t offset;
};

enum status untyped_retype(struct sel4_kernel *kernel, cap_slot untyped,
                           const struct untyped_run *run, struct diag *diag) MUST_CHECK;

// What the kernel says about an untyped and a slot.
struct untyped_room {
    bool taken; // the slot holds a capability; nothing is said about the untyped
    uint64_t
        bytes; // free in the untyped: all of them when nothing is left of what was made from it
};

// Asks for more than an untyped of 2^size_bits bytes can have, which the kernel refuses with the
// number of bytes that are free, or because the slot that `slot` names is not empty (type,
// size_bits and count of it are ignored).
enum status untyped_room(struct untyped_room *room, struct sel4_kernel *kernel, cap_slot untyped,
                         uint8_t size_bits, const struct untyped_run *slot) MUST_CHECK;
