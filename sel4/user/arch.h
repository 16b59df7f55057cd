// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What differs between architectures on the calling side: the system-call instruction and the tick
// counter. A folder per architecture implements it; a test may answer it with plain data. What a
// register is for is named in sel4/abi/ARCH/registers.h.

#include <stddef.h>
#include <stdint.h>

// What a system call takes and gives in registers.
struct arch_message {
    uint64_t cap_or_badge; // in: the capability; out: the badge of what was delivered
    uint64_t info;         // message info, in and out
    uint64_t word[4];      // MR0..MR3, in and out
    uint64_t to;           // NBSendRecv: the capability that the message goes to; else ignored
};

// One system call. `number` is an enum sel4_syscall, `reply` the reply object of a receiving call
// (else ignored). Words that the kernel does not deliver keep their value.
void arch_syscall(struct arch_message *message, int64_t number, uint64_t reply);

// Length of the system-call instruction that `code` begins with; 0 where it begins with another.
size_t arch_syscall_length(const uint8_t *code, size_t len);

// Ticks since boot; the boot info says how many a microsecond has.
uint64_t arch_ticks(void);
