// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The hidden area: the only part of a stub's address space that does not belong to seL4 user code.
// It lies where neither Linux's layout nor seL4 programs put anything: Microkit's stacks take the
// very top of the user addresses. Its first page holds `syscall; trap`, run by the machine; the
// rest is the stack on which Linux writes signal frames.

#include <stdint.h>

#define HIDDEN      UINT64_C(0x6ffffffe0000)
#define HIDDEN_CALL HIDDEN       // the system call instruction
#define HIDDEN_TRAP (HIDDEN + 2) // the trap after it
#define HIDDEN_END  (HIDDEN + HIDDEN_SIZE)
#define USER_END    UINT64_C(0x7ffffffff000) // end of the addresses Linux lets user code map

enum {
    HIDDEN_SIZE = 0x20000,
    HIDDEN_STACK = 0x1000, // offset of the signal stack
};

// Fills the area, mapped writable at its address.
void hidden_fill(uint8_t *at);
// Installs the seccomp program (filter.h) in the calling process and goes to the trap: the process
// runs nothing else from then on. Returns only if Linux refuses the program.
void hidden_enter(uint64_t secret);
