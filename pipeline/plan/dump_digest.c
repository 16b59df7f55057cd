// SPDX-License-Identifier: BSD-2-Clause
#include "crypto.h"
#include "dump.h"

static void into_hash(void *to, struct bytes piece)
{
    crypto_sha256_add(to, piece);
}

void dump_digest(uint8_t out[static 32], const struct plan *plan)
{
    struct crypto_sha256 hasher;
    crypto_sha256_start(&hasher);
    dump_json(&(struct text_sink){into_hash, &hasher}, plan);
    crypto_sha256_end(out, &hasher);
}

void dump_digest_target(uint8_t out[static 32], const struct plan *plan, uint32_t target)
{
    struct crypto_sha256 hasher;
    crypto_sha256_start(&hasher);
    dump_json_target(&(struct text_sink){into_hash, &hasher}, plan, target);
    crypto_sha256_end(out, &hasher);
}
