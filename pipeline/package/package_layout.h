// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where the parts of a package lie. Everything follows from two lengths; nothing is stored twice.
//
//   page 0 | binary, padded to a page | manifest, padded to 32 | page table | padding to a page

#include "diag.h"

enum {
    PACKAGE_HEADER = 256,      // bytes of page 0 that the signatures cover
    PACKAGE_SLOT = 96,         // public key || signature
    PACKAGE_SLOTS_AT = 0x100,  // offset of slot 0
    PACKAGE_SLOTS_END = 0x700, // offset of the zero bytes that end page 0
    PACKAGE_LEAF = 32,         // bytes of one entry of the page table
    PACKAGE_BINARY_MIN = 64,   // an ELF header
};

#define PACKAGE_BINARY_MAX (UINT64_C(1) << 30)

struct package_layout {
    uint64_t pages;           // of the binary
    uint64_t manifest_offset; // page aligned; the binary starts at BOUND_PAGE
    uint64_t manifest_len;
    uint64_t table_offset;
    uint64_t table_len;
    uint64_t file_len; // exact
};

// The layout for a manifest and a binary of these lengths. Errors: MANIFEST_EMPTY,
// MANIFEST_TOO_LARGE, BINARY_TOO_SMALL, BINARY_TOO_LARGE (`detail` is the length).
MUST_CHECK enum status package_layout(struct package_layout *out, uint64_t manifest_len,
                                      uint64_t binary_len, uint64_t binary_max, struct diag *diag);

// The length of the largest package whose binary has at most `binary_max` bytes.
uint64_t package_layout_file_max(uint64_t binary_max);
