// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The boot bundle: what the image builder appends to the root task's ELF file as one page-aligned
// segment, and what the root task reads at boot. Every item starts on a page, so that the pages of
// a package are frames of the root task's image and can be mapped in place.
//
//   page 0   magic, version, item count, nonce, seed, then one entry per item: {u32 kind, u32
//   reserved, u64 offset, u64 len} page 1.. the items, zero-padded to pages: one trust file, one
//   system file, then packages in the system file's order

#include "bytes.h"
#include "diag.h"

enum bundle_kind { BUNDLE_TRUST = 1, BUNDLE_SYSTEM = 2, BUNDLE_PACKAGE = 3 };

struct bundle {
    uint8_t nonce[32]; // freshness, from who asked for the run; zero = none
    uint8_t nonce_len; // 0, or 16 to 32
    uint8_t seed[32];  // of the run's attestation key
    struct bytes trust, system;
    struct bytes
        packages[64]; // BOUND_TARGETS; borrowed; an empty one is a package that could not be read
    uint32_t package_count;
};

// The bytes that `bundle_write` needs.
size_t bundle_size(const struct bundle *bundle);

// Writes the bundle to `to` (bundle_size bytes, page-aligned when loaded).
void bundle_write(uint8_t *to, const struct bundle *bundle);

// Reads a bundle; all parts borrow from `from`.
enum status bundle_read(struct bundle *out, struct bytes from, struct diag *diag) MUST_CHECK;
