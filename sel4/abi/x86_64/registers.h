// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The registers of an x86_64 user thread, in the order of seL4's user context (spec/target-abi.md).

#include <stdint.h>

enum register_index {
    REG_RIP,
    REG_RSP,
    REG_RFLAGS,
    REG_RAX,
    REG_RBX,
    REG_RCX,
    REG_RDX,
    REG_RSI,
    REG_RDI,
    REG_RBP,
    REG_R8,
    REG_R9,
    REG_R10,
    REG_R11,
    REG_R12,
    REG_R13,
    REG_R14,
    REG_R15,
    REG_FS_BASE,
    REG_GS_BASE,
    REG_COUNT,

    // The names that generic code uses; each architecture has them.
    REG_PC = REG_RIP,
    REG_SP = REG_RSP,
    REG_ARGUMENT = REG_RDI, // of the function that a thread begins in
    REG_CAP = REG_RDI,      // of a system call: the capability before it, the badge behind it
};

struct registers {
    uint64_t word[REG_COUNT];
};

_Static_assert(sizeof(struct registers) == 160, "twenty words");
