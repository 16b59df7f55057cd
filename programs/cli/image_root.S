/* SPDX-License-Identifier: BSD-2-Clause */
/* The root task's ELF file, carried as bytes. */
    .section .rodata
    .balign 4096
    .globl image_root_start, image_root_end
image_root_start:
    .incbin ROOT_ELF
image_root_end:
    .section .note.GNU-stack, "", @progbits
