// SPDX-License-Identifier: BSD-2-Clause
//
// Entry of a program: RDI = start-up record, RSP = top of the stack (spec/target-abi.md).

        .section .text.start, "ax", @progbits
        .global _start
        .type _start, @function
_start:
        xor     %ebp, %ebp
        and     $-16, %rsp
        call    kpkg_start              // does not return
        ud2
        .size _start, . - _start

        .section .note.GNU-stack, "", @progbits
