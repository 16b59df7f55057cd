// SPDX-License-Identifier: BSD-2-Clause
//
// Entry of the root task: RDI holds the boot info, there is no stack. The page below the stack is
// the guard that root_main unmaps.

        .section .text.start, "ax", @progbits
        .global _start
        .type _start, @function
_start:
        lea     root_stack_top(%rip), %rsp
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

        .section .note.GNU-stack, "", @progbits
