// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Every digest and signed message of the format, for reader and writer alike (spec/package.md 4).

#include "crypto.h"

enum {
    PACKAGE_DIGEST_MESSAGE = 96,     // bytes of a signed message
    PACKAGE_DIGEST_MESSAGE_ID = 32,  // offset of the package id in it
    PACKAGE_DIGEST_MESSAGE_KEY = 64, // offset of the signer's public key in it
};

// Leaves `first`.. of the page table to `out`, one for each of the whole pages in `pages`, padding
// included.
void package_digest_pages(uint8_t *out, uint64_t first, struct bytes pages);

// How many of `pages` from the start are those that leaves `first`.. of `table` name.
uint64_t package_digest_match(struct bytes table, uint64_t first, struct bytes pages);

// The root over the page table of a binary of `binary_len` bytes.
void package_digest_table(uint8_t out[static CRYPTO_DIGEST], uint64_t binary_len,
                          struct bytes table);

// Over the exact bytes, without padding.
void package_digest_manifest(uint8_t out[static CRYPTO_DIGEST], struct bytes manifest);

// The package id: the digest of the header at the start of `page0`. It does not depend on the
// signatures.
void package_digest_id(uint8_t out[static CRYPTO_DIGEST], struct bytes page0);

// The 96 bytes that `key` signs for the package `id`.
void package_digest_message(uint8_t out[static PACKAGE_DIGEST_MESSAGE],
                            const uint8_t id[static CRYPTO_DIGEST],
                            const uint8_t key[static CRYPTO_KEY]);
