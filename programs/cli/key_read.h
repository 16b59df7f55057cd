// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Key files, and what goes to and comes from an offline signer, by their path.

#include "crypto.h"
#include "diag.h"
#include "package_digest.h"

// A private key, whose file only its owner may read or write. The caller wipes `seed` after a
// success; a failure leaves none in it.
enum status key_read_private(uint8_t seed[static CRYPTO_SEED], const char *path,
                             struct diag *diag) MUST_CHECK;

// A public key, or the public part of a private key when `*secret` says so.
enum status key_read_public(uint8_t key[static CRYPTO_KEY], bool *secret, const char *path,
                            struct diag *diag) MUST_CHECK;

// What `kpkg payload` or `kpkg trust payload` wrote. SIG_OTHER_PACKAGE when it has another length.
enum status key_read_payload(uint8_t payload[static PACKAGE_DIGEST_MESSAGE], const char *path,
                             struct diag *diag) MUST_CHECK;

enum status key_read_signature(uint8_t signature[static CRYPTO_SIGNATURE], const char *path,
                               struct diag *diag) MUST_CHECK;
