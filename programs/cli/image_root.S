/* SPDX-License-Identifier: BSD-2-Clause */
/* The root task's ELF file, carried as bytes, with its SHA-256. */
#include "root_digest.h"

    .section .rodata
    .balign 4096
    .globl image_root_start, image_root_end
image_root_start:
    .incbin ROOT_ELF
image_root_end:
    .globl image_root_digest
image_root_digest:
    .byte ROOT_DIGEST
    .section .note.GNU-stack, "", @progbits
