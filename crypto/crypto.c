// SPDX-License-Identifier: BSD-2-Clause
#include "crypto.h"

#include "reader.h"

#include <sodium.h>

_Static_assert(sizeof(struct crypto_blake2b) >= sizeof(crypto_generichash_blake2b_state), "room");
_Static_assert(CRYPTO_KEY == crypto_sign_ed25519_PUBLICKEYBYTES, "key");
_Static_assert(CRYPTO_SEED == crypto_sign_ed25519_SEEDBYTES, "seed");
_Static_assert(CRYPTO_SIGNATURE == crypto_sign_ed25519_BYTES, "signature");

// BLAKE2b's parameters for a domain.
struct parameters {
    uint8_t salt[crypto_generichash_blake2b_SALTBYTES];
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES];
};

static struct parameters parameters_of(struct crypto_domain domain)
{
    struct parameters p = {{0}, {0}};
    for (size_t i = 0; i < sizeof p.personal && domain.name[i] != '\0'; i++) {
        p.personal[i] = (uint8_t)domain.name[i];
    }
    reader_put_le64(p.salt, domain.a);
    reader_put_le64(p.salt + 8, domain.b);
    return p;
}

void crypto_blake2b(uint8_t out[static CRYPTO_DIGEST], struct crypto_domain domain,
                    struct bytes data)
{
    struct parameters p = parameters_of(domain);
    crypto_generichash_blake2b_salt_personal(out, CRYPTO_DIGEST, data.at, data.len, NULL, 0, p.salt,
                                             p.personal);
}

void crypto_blake2b_start(struct crypto_blake2b *state, struct crypto_domain domain)
{
    struct parameters p = parameters_of(domain);
    crypto_generichash_blake2b_init_salt_personal((void *)state->opaque, NULL, 0, CRYPTO_DIGEST,
                                                  p.salt, p.personal);
}

void crypto_blake2b_add(struct crypto_blake2b *state, struct bytes data)
{
    crypto_generichash_blake2b_update((void *)state->opaque, data.at, data.len);
}

void crypto_blake2b_end(uint8_t out[static CRYPTO_DIGEST], struct crypto_blake2b *state)
{
    crypto_generichash_blake2b_final((void *)state->opaque, out, CRYPTO_DIGEST);
}

static const uint8_t identity[32] = {1};

static bool decodes(const uint8_t point[static 32])
{
    uint8_t sum[32];
    return crypto_core_ed25519_add(sum, point, identity) == 0;
}

// For a point that decodes: whether its encoding is the only one, which libsodium's own encoding of
// point + 0 tells, and eight times the point is not 0.
static bool canonical_and_large(const uint8_t point[static 32])
{
    uint8_t sum[32];
    if (crypto_core_ed25519_add(sum, point, identity) != 0 || memcmp(sum, point, 32) != 0) {
        return false;
    }
    for (int doubling = 0; doubling < 3; doubling++) {
        uint8_t half[32];
        memcpy(half, sum, 32);
        if (crypto_core_ed25519_add(sum, half, half) != 0) {
            return false;
        }
    }
    return memcmp(sum, identity, 32) != 0;
}

static bool scalar_below_order(const uint8_t scalar[static 32])
{
    uint8_t wide[64] = {0};
    uint8_t reduced[32];
    memcpy(wide, scalar, 32);
    crypto_core_ed25519_scalar_reduce(reduced, wide);
    return memcmp(reduced, scalar, 32) == 0;
}

// Why a signature that libsodium refuses is refused; only the name depends on it.
static enum status refusal(const uint8_t signature[static CRYPTO_SIGNATURE],
                           const uint8_t key[static CRYPTO_KEY])
{
    if (!canonical_and_large(key)) {
        return STATUS_SIG_KEY;
    }
    if (!scalar_below_order(signature + 32) ||
        (decodes(signature) && !canonical_and_large(signature))) {
        return STATUS_SIG_NONCANONICAL;
    }
    return STATUS_SIG_INVALID;
}

enum status crypto_ed25519_verify(const uint8_t signature[static CRYPTO_SIGNATURE],
                                  struct bytes message, const uint8_t key[static CRYPTO_KEY])
{
    if (crypto_sign_ed25519_verify_detached(signature, message.at, message.len, key) == 0) {
        return STATUS_OK;
    }
    return refusal(signature, key);
}

bool crypto_ed25519_key_sound(const uint8_t key[static CRYPTO_KEY])
{
    return crypto_core_ed25519_is_valid_point(key) == 1;
}

_Static_assert(sizeof(struct crypto_signer) == crypto_sign_ed25519_SECRETKEYBYTES, "signer");

void crypto_signer_make(struct crypto_signer *signer, const uint8_t seed[static CRYPTO_SEED])
{
    uint8_t key[CRYPTO_KEY];
    crypto_sign_ed25519_seed_keypair(key, signer->secret, seed);
}

const uint8_t *crypto_signer_key(const struct crypto_signer *signer)
{
    return signer->secret + CRYPTO_SEED;
}

void crypto_signer_sign(uint8_t signature[static CRYPTO_SIGNATURE], struct bytes message,
                        const struct crypto_signer *signer)
{
    crypto_sign_ed25519_detached(signature, NULL, message.at, message.len, signer->secret);
}

void crypto_ed25519_public_key(uint8_t key[static CRYPTO_KEY],
                               const uint8_t seed[static CRYPTO_SEED])
{
    struct crypto_signer signer;
    crypto_signer_make(&signer, seed);
    memcpy(key, crypto_signer_key(&signer), CRYPTO_KEY);
    crypto_wipe(&signer, sizeof signer);
}

void crypto_ed25519_sign(uint8_t signature[static CRYPTO_SIGNATURE], struct bytes message,
                         const uint8_t seed[static CRYPTO_SEED])
{
    struct crypto_signer signer;
    crypto_signer_make(&signer, seed);
    crypto_signer_sign(signature, message, &signer);
    crypto_wipe(&signer, sizeof signer);
}

void crypto_wipe(void *at, size_t len)
{
    sodium_memzero(at, len);
}
