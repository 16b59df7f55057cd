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

// The bytes that are free in an untyped of 2^size_bits bytes: all of them when nothing is left of
// what was made from it. Asks for more than there is, which the kernel refuses with the number;
// `slots` names two empty slots (type, size_bits and count are ignored).
enum status untyped_free(uint64_t *bytes, struct sel4_kernel *kernel, cap_slot untyped,
                         uint8_t size_bits, const struct untyped_run *slots) MUST_CHECK;
