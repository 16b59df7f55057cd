// SPDX-License-Identifier: BSD-2-Clause
// Entry of a root task (RDI = boot info, no stack) and the one place that executes `syscall`.

    .globl _start
_start:
    lea main_stack_top(%rip), %rsp
    xor %ebp, %ebp
    call harness_start
    ud2

// void trap_enter(struct trap *): RBX keeps the pointer and RBP the stack, which the kernel returns as zero.
    .globl trap_enter
trap_enter:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r15
    mov %rdi, %rbx
    mov %rsp, %rbp
    mov 0(%rbx), %rdx
    mov 8(%rbx), %rdi
    mov 16(%rbx), %rsi
    mov 24(%rbx), %r10
    mov 32(%rbx), %r8
    mov 40(%rbx), %r9
    mov 48(%rbx), %r15
    mov 56(%rbx), %r12
    mov 64(%rbx), %r13
    mov 72(%rbx), %rax
    .globl trap_instruction
trap_instruction:
    syscall
    .globl trap_next
trap_next:
    mov %rdx, 0(%rbx)
    mov %rdi, 8(%rbx)
    mov %rsi, 16(%rbx)
    mov %r10, 24(%rbx)
    mov %r8, 32(%rbx)
    mov %r9, 40(%rbx)
    mov %r15, 48(%rbx)
    mov %r12, 56(%rbx)
    mov %r13, 64(%rbx)
    mov %rax, 72(%rbx)
    mov %rbp, 80(%rbx)
    mov %rcx, 88(%rbx)
    mov %r11, 96(%rbx)
    mov %rsp, 104(%rbx)
    mov %rbp, %rsp
    pop %r15
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    .bss
    .balign 16
    .skip 65536
main_stack_top:

    .section .note.GNU-stack, "", @progbits
