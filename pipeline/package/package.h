// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Bytes -> struct package: page 0 of a .kpkg file, read once and checked completely, without any
// trust. What it says is the sender's claim until verify/ has a struct verified. Layout and order
// of the checks: spec/package.md.

#include "bounds.h"
#include "crypto.h"
#include "package_layout.h"

enum {
    PACKAGE_VERSION = 1,
    PACKAGE_MACHINE_X86_64 = 62, // ELF's e_machine
    PACKAGE_ABI = 1,             // start contract of spec/target-abi.md
};

struct package_slot {
    uint8_t key[CRYPTO_KEY];
    uint8_t signature[CRYPTO_SIGNATURE];
};

// A private copy of everything page 0 says.
struct package {
    uint16_t machine; // ELF's e_machine
    uint32_t abi;
    uint64_t counter; // security counter
    uint64_t binary_len;
    uint8_t manifest_digest[CRYPTO_DIGEST];
    uint8_t table_digest[CRYPTO_DIGEST];
    uint8_t name[BOUND_NAME + 1]; // NUL padded
    uint8_t id[CRYPTO_DIGEST];    // package id: digest of the header
    size_t slot_count;
    struct package_slot slots[BOUND_SIGNATURES]; // ascending by key
    struct package_layout layout;
};

// Stage page0 but for the signatures' validity. `page0` is the start of the file, one page unless
// the file is shorter; the file has `file_len` bytes and its binary may have `binary_max`.
MUST_CHECK enum status package_read(struct package *out, struct bytes page0, uint64_t file_len,
                                    uint64_t binary_max, struct diag *diag);

// The same without looking at the signature slots (`slot_count` is 0): for tools that handle a
// package before it is signed.
MUST_CHECK enum status package_read_header(struct package *out, struct bytes page0,
                                           uint64_t file_len, uint64_t binary_max,
                                           struct diag *diag);

// The name, borrowed from `package`.
struct bytes package_name(const struct package *package);
