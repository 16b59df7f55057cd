// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Fault messages (MCS): the label is the fault, the words are message registers. A handler receives
// them like a Call on its endpoint, with the badge of the handler cap.

enum sel4_fault {
    SEL4_FAULT_NULL,
    SEL4_FAULT_CAP,
    SEL4_FAULT_UNKNOWN_SYSCALL,
    SEL4_FAULT_USER_EXCEPTION,
    SEL4_FAULT_DEBUG_EXCEPTION,
    SEL4_FAULT_TIMEOUT,
    SEL4_FAULT_VM,
};

enum sel4_vm_fault {
    SEL4_VM_FAULT_IP,
    SEL4_VM_FAULT_ADDRESS,
    SEL4_VM_FAULT_PREFETCH,
    SEL4_VM_FAULT_FSR, // x86 page-fault error code
    SEL4_VM_FAULT_LENGTH,
};

// The length is that of the look-up failure: 4..7. Kernels before 16.0.0 always send type 1.
enum sel4_cap_fault {
    SEL4_CAP_FAULT_IP,
    SEL4_CAP_FAULT_CPTR,
    SEL4_CAP_FAULT_IN_RECEIVE,
    SEL4_CAP_FAULT_LOOKUP_TYPE,    // enum sel4_lookup_failure
    SEL4_CAP_FAULT_LOOKUP_DETAILS, // up to three words
};

enum sel4_unknown_syscall {
    SEL4_UNKNOWN_SYSCALL_RAX,
    SEL4_UNKNOWN_SYSCALL_RBX,
    SEL4_UNKNOWN_SYSCALL_RCX,
    SEL4_UNKNOWN_SYSCALL_RDX,
    SEL4_UNKNOWN_SYSCALL_RSI,
    SEL4_UNKNOWN_SYSCALL_RDI,
    SEL4_UNKNOWN_SYSCALL_RBP,
    SEL4_UNKNOWN_SYSCALL_R8,
    SEL4_UNKNOWN_SYSCALL_R9,
    SEL4_UNKNOWN_SYSCALL_R10,
    SEL4_UNKNOWN_SYSCALL_R11,
    SEL4_UNKNOWN_SYSCALL_R12,
    SEL4_UNKNOWN_SYSCALL_R13,
    SEL4_UNKNOWN_SYSCALL_R14,
    SEL4_UNKNOWN_SYSCALL_R15,
    SEL4_UNKNOWN_SYSCALL_IP,
    SEL4_UNKNOWN_SYSCALL_RSP,
    SEL4_UNKNOWN_SYSCALL_RFLAGS,
    SEL4_UNKNOWN_SYSCALL_NUMBER,
    SEL4_UNKNOWN_SYSCALL_LENGTH,
};

enum sel4_user_exception {
    SEL4_USER_EXCEPTION_IP,
    SEL4_USER_EXCEPTION_RSP,
    SEL4_USER_EXCEPTION_RFLAGS,
    SEL4_USER_EXCEPTION_VECTOR,
    SEL4_USER_EXCEPTION_CODE,
    SEL4_USER_EXCEPTION_LENGTH,
};

// Length 1 when the thread has lost its scheduling context.
enum sel4_timeout {
    SEL4_TIMEOUT_BADGE,
    SEL4_TIMEOUT_CONSUMED, // microseconds
    SEL4_TIMEOUT_LENGTH,
};

// Length 2 for single step and breakpoint instruction.
enum sel4_debug_exception {
    SEL4_DEBUG_EXCEPTION_IP,
    SEL4_DEBUG_EXCEPTION_REASON, // enum sel4_debug_reason
    SEL4_DEBUG_EXCEPTION_ADDRESS,
    SEL4_DEBUG_EXCEPTION_NUMBER,
    SEL4_DEBUG_EXCEPTION_LENGTH,
};

enum sel4_debug_reason {
    SEL4_DEBUG_REASON_DATA,
    SEL4_DEBUG_REASON_INSTRUCTION,
    SEL4_DEBUG_REASON_STEP,
    SEL4_DEBUG_REASON_SOFTWARE,
};
