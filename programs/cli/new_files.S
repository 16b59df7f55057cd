/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that `kpkg new` writes, as they stand in new/. */
    .section .rodata
    .macro file name, path
    .globl new_files_\name, new_files_\name\()_end
new_files_\name:
    .incbin "\path"
new_files_\name\()_end:
    .endm
    file cmake, "new/CMakeLists.txt.in"
    file program, "new/program.c.in"
    file manifest, "new/manifest.toml.in"
    file system, "new/system.toml.in"
    file trust, "new/trust.toml.in"
    file gitignore, "new/gitignore.in"
    file taplo, "new/taplo.toml.in"
    .section .note.GNU-stack, "", @progbits
