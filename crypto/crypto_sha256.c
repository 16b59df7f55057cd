// SPDX-License-Identifier: BSD-2-Clause
#include "crypto.h"

#include <sodium.h>

_Static_assert(sizeof(struct crypto_sha256) >= sizeof(crypto_hash_sha256_state), "room");

void crypto_sha256(uint8_t out[static CRYPTO_DIGEST], struct bytes data)
{
    crypto_hash_sha256(out, data.at, data.len);
}

void crypto_sha256_start(struct crypto_sha256 *state)
{
    crypto_hash_sha256_init((void *)state->opaque);
}

void crypto_sha256_add(struct crypto_sha256 *state, struct bytes data)
{
    crypto_hash_sha256_update((void *)state->opaque, data.at, data.len);
}

void crypto_sha256_end(uint8_t out[static CRYPTO_DIGEST], struct crypto_sha256 *state)
{
    crypto_hash_sha256_final((void *)state->opaque, out);
}
