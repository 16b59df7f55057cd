// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What whoever asks for a run puts into its boot image: a nonce, so that the log can be told from
// an older one, and the seed of the key that signs the log.

#include "crypto.h"
#include "diag.h"

struct run_request_options {
    const char *nonce;   // hex, 16 to 32 bytes; NULL = none
    const char *run_key; // a private key file; NULL = a new key
    bool fixed_seed;     // without run_key: the seed is zero, and signatures prove nothing
};

struct run_request {
    uint8_t nonce[32];
    uint8_t nonce_len;
    uint8_t seed[CRYPTO_SEED];
};

// The caller wipes `out`.
enum status run_request_make(struct run_request *out, const struct run_request_options *options,
                             struct diag *diag) MUST_CHECK;
