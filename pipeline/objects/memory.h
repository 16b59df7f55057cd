// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The untypeds that the kernel gives at boot, handed out once and for good: what a target gets it
// keeps over all its incarnations, so nothing fragments and there is nothing to free. The kernel
// places objects in an untyped with a bump pointer; `used` follows it.

#include "sel4_bootinfo.h"
#include "untyped.h"

struct memory_block {
    cap_slot untyped;
    uint8_t size_bits;
    bool device;    // else RAM
    uint64_t paddr; // of its start
    uint64_t used;  // bytes, from its start
};

struct memory {
    struct memory_block blocks[SEL4_BOOTINFO_MAX_UNTYPEDS];
    unsigned count;
};

// All untypeds that boot info lists, device memory among them; nothing of them is used.
struct memory memory_of(const struct sel4_bootinfo *bootinfo);

// The smallest untyped that still has room for `count` objects of 2^size_bits bytes; its bump
// pointer is moved past them, as the caller is about to make them. The kernel zeroes an untyped at
// its first use, so small is quick.
enum status memory_take(cap_slot *untyped, struct memory *memory, uint8_t size_bits, uint32_t count,
                        struct diag *diag) MUST_CHECK;

// The untyped that has all of a piece of device memory, from where its bump pointer stands on; NULL
// when there is none. Who makes objects from it moves the pointer.
struct memory_block *memory_device(struct memory *memory, uint64_t paddr, uint64_t len);

// Bytes of RAM that are still untyped.
uint64_t memory_left(const struct memory *memory);
