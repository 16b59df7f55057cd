// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// All cryptography of the project, as thin calls into libsodium. No function here allocates, fails
// for lack of anything, or needs sodium_init: without it libsodium runs its portable code, which is
// what the target wants. Hosts call crypto_start() first and get the vector code.

#include "bytes.h"
#include "status.h"

enum {
    CRYPTO_DIGEST = 32,    // BLAKE2b-256 and SHA-256
    CRYPTO_KEY = 32,       // an Ed25519 public key, which is also its own id
    CRYPTO_SEED = 32,      // an Ed25519 private key (RFC 8032)
    CRYPTO_SIGNATURE = 64, // R || S
};

// What a digest is of: a domain of at most 16 characters and two numbers, mixed in as BLAKE2b's
// personalisation and salt, so that equal data in different places has different digests.
struct crypto_domain {
    const char *name;
    uint64_t a;
    uint64_t b;
};

// H(domain, a, b, data) of spec/package.md: BLAKE2b-256 with personal = the name padded with NUL,
// salt = LE64(a) || LE64(b), no key.
void crypto_blake2b(uint8_t out[static CRYPTO_DIGEST], struct crypto_domain domain,
                    struct bytes data);

// The same over data that arrives in parts. `end` leaves the state unusable.
struct crypto_blake2b {
    _Alignas(64) uint8_t opaque[384];
};
void crypto_blake2b_start(struct crypto_blake2b *state, struct crypto_domain domain);
void crypto_blake2b_add(struct crypto_blake2b *state, struct bytes data);
void crypto_blake2b_end(uint8_t out[static CRYPTO_DIGEST], struct crypto_blake2b *state);

// SHA-256 (FIPS 180-4), for records that other tools must be able to recompute.
void crypto_sha256(uint8_t out[static CRYPTO_DIGEST], struct bytes data);

struct crypto_sha256 {
    _Alignas(8) uint8_t opaque[104];
};
void crypto_sha256_start(struct crypto_sha256 *state);
void crypto_sha256_add(struct crypto_sha256 *state, struct bytes data);
void crypto_sha256_end(uint8_t out[static CRYPTO_DIGEST], struct crypto_sha256 *state);

// Plain Ed25519 (RFC 8032), cofactorless, strict. Which of the reasons is reported when several
// hold: SIG_KEY (the key is no point, not canonical or of small order), SIG_NONCANONICAL (S >= L,
// or R not canonical or of small order), SIG_INVALID (everything else).
MUST_CHECK enum status crypto_ed25519_verify(const uint8_t signature[static CRYPTO_SIGNATURE],
                                             struct bytes message,
                                             const uint8_t key[static CRYPTO_KEY]);

// Whether `key` may be trusted at all: canonical and of prime order. Stricter than
// crypto_ed25519_verify, which has to accept what some signer unknown to us may use.
bool crypto_ed25519_key_sound(const uint8_t key[static CRYPTO_KEY]);

// RFC 8032, 5.1.5.
void crypto_ed25519_public_key(uint8_t key[static CRYPTO_KEY],
                               const uint8_t seed[static CRYPTO_SEED]);
// A private key made ready for many signatures: the seed, then the public key. A secret.
struct crypto_signer {
    uint8_t secret[CRYPTO_SEED + CRYPTO_KEY];
};
void crypto_signer_make(struct crypto_signer *signer, const uint8_t seed[static CRYPTO_SEED]);
const uint8_t *crypto_signer_key(const struct crypto_signer *signer);
void crypto_signer_sign(uint8_t signature[static CRYPTO_SIGNATURE], struct bytes message,
                        const struct crypto_signer *signer);

// The same for one signature.
void crypto_ed25519_sign(uint8_t signature[static CRYPTO_SIGNATURE], struct bytes message,
                         const uint8_t seed[static CRYPTO_SEED]);

// Clears a secret; the compiler may not drop it.
void crypto_wipe(void *at, size_t len);
