// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Small packages in memory, valid or broken on purpose. Keys are made here from one letter each, so
// that no private key lies in the repository.

#include "package.h"

enum {
    FIXTURE_BINARY = 2 * BOUND_PAGE + 100, // three pages, the last one padded
    FIXTURE_MAX = 6 * BOUND_PAGE,
    FIXTURE_MANIFEST_AT = 4 * BOUND_PAGE,
};

struct fixture {
    _Alignas(BOUND_PAGE) uint8_t file[FIXTURE_MAX];
    size_t len;
};

void fixture_seed(uint8_t seed[static CRYPTO_SEED], char letter);
void fixture_key(uint8_t key[static CRYPTO_KEY], char letter);

// "com.example.test", counter 12, signed by each letter of `signers`.
void fixture_build(struct fixture *f, const char *signers);

// Removes all signatures and signs again, whatever the header says.
void fixture_sign(struct fixture *f, const char *signers);

// Recomputes leaves, table digest and manifest digest over what the file holds now, then signs:
// what a malicious signer would send.
void fixture_seal(struct fixture *f, const char *signers);

struct bytes fixture_bytes(const struct fixture *f);
