// SPDX-License-Identifier: BSD-2-Clause
//
// Entry of the root task: RDI holds the boot info, there is no stack. The page below the stack is
// the guard that root_main unmaps. libsodium's archive is compiled with stack protection, which
// reads its canary at FS:0x28.

        .section .text.start, "ax", @progbits
        .global _start
        .type _start, @function
_start:
        lea     root_stack_top(%rip), %rsp
        rdtsc
        shl     $32, %rdx
        or      %rdx, %rax
        lea     canary_block(%rip), %rbx
        mov     %rax, 0x28(%rbx)
        wrfsbase %rbx
        xor     %ebp, %ebp
        call    root_main
        ud2                             // root_main does not return
        .size _start, . - _start

        .section .bss.stack, "aw", @nobits
        .balign 4096
        .global root_stack_guard
root_stack_guard:
        .skip 4096
        .skip 256 * 1024
root_stack_top:
canary_block:
        .skip 64

        .section .note.GNU-stack, "", @progbits
