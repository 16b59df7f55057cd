// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// ELF64 bytes -> struct elf_image: what of a static executable is loaded where (spec/policy.md,
// section Binary). Every rule has its own ELF_* status; after them nothing about the file is left
// to decide for who maps it: segments ascend, share no page in memory or in the file, and an image
// page that is mapped in place holds nothing but its segment.

#include "bounds.h"
#include "diag.h"

// Where programs may lie: above the first 2 MiB (no null page, no large page to split), below what
// the spawner uses.
#define ELF_VADDR_LEAST 0x200000ULL
#define ELF_VADDR_END   0x10000000ULL

// A PT_LOAD of at least one byte. Every segment is readable; write and execute exclude each other.
struct elf_segment {
    uint64_t vaddr;
    uint64_t memsz;
    uint64_t offset; // in the binary; equals vaddr modulo the page size
    uint64_t filesz; // at most memsz; the rest is zero
    bool write;
    bool execute;
};

struct elf_image {
    uint64_t entry;
    size_t count;
    struct elf_segment segments[BOUND_SEGMENTS]; // ascending
};

// Reads `binary`, an executable for `machine` (the header's e_machine). Untouched `image` on
// failure. The diag's `where` is a file offset for header fields, else the index of the program
// header.
MUST_CHECK enum status elf_image_read(struct elf_image *image, struct bytes binary,
                                      uint16_t machine, struct diag *diag);
