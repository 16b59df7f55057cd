// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The boot bundle: what the image builder appends to the root task's ELF file as one page-aligned
// segment, and what the root task reads at boot. Every item starts on a page, so that the pages of
// a package are frames of the root task's image and can be mapped in place. Integers are
// little-endian, everything not named is zero, and one content has one byte string:
//
//   0x00  magic 89 4B 50 42 4E 0D 0A 1A
//   0x08  u32 version = 1, u32 item count
//   0x10  u32 nonce length, u32 zero, nonce[32], seed[32]
//   0x58  kernel digest[32], root task digest[32]
//   0x98  u32 flags of the kernel: 1 = its SDK's files were read, 2 = a debug kernel, 4 = it
//         prints; u32 zero, the SDK's version[32] padded with zeros; all zero without flag 1
//   0xc0  one entry of 24 bytes per item: u32 kind, u32 zero, u64 offset, u64 length
//   0x1000.. the items in order, each padded to a page: one trust file, one system file, then the
//         packages in the order of the system file. A package with the bytes of an earlier one is
//         not there again: its entry repeats the earlier one's

#include "bounds.h"
#include "bytes.h"
#include "diag.h"

enum bundle_kind { BUNDLE_TRUST = 1, BUNDLE_SYSTEM = 2, BUNDLE_PACKAGE = 3 };

// How the kernel that the image is for was built, as the image builder read it in the SDK.
struct bundle_kernel {
    bool known; // all else is zero where it is not
    bool debug; // DEBUG_BUILD: the debug system calls exist
    bool printing;
    uint8_t sdk[32]; // the SDK's version: printable ASCII, padded with zeros
};

struct bundle {
    uint8_t nonce[32]; // freshness, from who asked for the run
    uint8_t nonce_len; // 0 = none, or 16 to 32
    uint8_t seed[32];  // of the run's attestation key
    // SHA-256 of the files of the kernel and of the root task (without this bundle), for the log:
    // the image builder's claim; zero = not said
    uint8_t kernel[32], root[32];
    struct bundle_kernel built;
    struct bytes trust, system;
    // Borrowed; an empty one is a package that could not be read.
    struct bytes packages[BOUND_TARGETS];
    uint32_t package_count;
};

// The bytes that `bundle_write` needs: a multiple of BOUND_PAGE.
size_t bundle_size(const struct bundle *bundle);

// Writes the bundle to `to` (bundle_size bytes, page-aligned when loaded).
void bundle_write(uint8_t *to, const struct bundle *bundle);

// Reads a bundle that is exactly `from`; all parts borrow from it. Anything that `bundle_write`
// does not write is BUNDLE, with the offset in `where`; on failure `out` is untouched.
enum status bundle_read(struct bundle *out, struct bytes from, struct diag *diag) MUST_CHECK;

// Erases the seed in the bytes of a bundle.
void bundle_forget(uint8_t *bundle);
