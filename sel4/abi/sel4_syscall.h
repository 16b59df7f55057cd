// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// System-call numbers, as the kernel compares them: all 64 bits of RDX, two's complement. The
// numbers up to Yield hold for every MCS kernel; the debug calls exist only in kernels built with
// printing or debugging, elsewhere they are unknown system calls (a fault of the caller).

enum sel4_syscall {
    SEL4_SYSCALL_CALL = -1,
    SEL4_SYSCALL_REPLY_RECV = -2,
    SEL4_SYSCALL_NB_SEND_RECV = -3,
    SEL4_SYSCALL_NB_SEND_WAIT = -4,
    SEL4_SYSCALL_SEND = -5,
    SEL4_SYSCALL_NB_SEND = -6,
    SEL4_SYSCALL_RECV = -7,
    SEL4_SYSCALL_NB_RECV = -8,
    SEL4_SYSCALL_WAIT = -9,
    SEL4_SYSCALL_NB_WAIT = -10,
    SEL4_SYSCALL_YIELD = -11,
    SEL4_SYSCALL_DEBUG_PUT_CHAR = -12,       // needs printing
    SEL4_SYSCALL_DEBUG_DUMP_SCHEDULER = -13, // needs printing
    SEL4_SYSCALL_DEBUG_HALT = -14,           // this and the next three need a debug build
    SEL4_SYSCALL_DEBUG_CAP_IDENTIFY = -15,
    SEL4_SYSCALL_DEBUG_SNAPSHOT = -16,
    SEL4_SYSCALL_DEBUG_NAME_THREAD = -17,
};
