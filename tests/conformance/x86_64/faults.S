// SPDX-License-Identifier: BSD-2-Clause
// Small programs whose first instruction of interest faults; RDI is their argument. `fault_after` makes a system call
// that no kernel knows, so that a handler sees that a thread went on.

    .macro program name
    .globl \name
\name:
    .endm

    program fault_read
    mov (%rdi), %rax
    jmp fault_after

    program fault_write
    mov %rax, (%rdi)
    jmp fault_after

    program fault_jump
    jmp *%rdi

    program fault_noncanonical
    mov (%rdi), %rax
    jmp fault_after

    program fault_divide
    xor %edx, %edx
    xor %ecx, %ecx
    mov $1, %eax
    div %ecx
    jmp fault_after

    program fault_undefined
    ud2
    jmp fault_after

    program fault_privileged
    cli
    jmp fault_after

    program fault_port
    mov $0x80, %edx
    in %dx, %al
    jmp fault_after

    program fault_syscall
    mov %rdi, %rdx
    xor %eax, %eax
    syscall
    jmp fault_after

    program fault_sse
    pxor %xmm0, %xmm0
    jmp fault_after

    program fault_after
    mov $0x4af7e4, %edx
    syscall
    ud2

    .section .note.GNU-stack, "", @progbits
