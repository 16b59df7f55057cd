// SPDX-License-Identifier: BSD-2-Clause
// SHA-256 by the processor where it can, else by libsodium, which computes it in C.
#include "crypto.h"

#include "sha256_blocks.h"

#include <sodium.h>

struct hasher {
    uint32_t words[SHA256_WORDS];
    uint64_t len; // bytes so far
    uint8_t rest[SHA256_BLOCK];
};
_Static_assert(sizeof(struct crypto_sha256) >= sizeof(struct hasher), "room");
_Static_assert(sizeof(struct crypto_sha256) >= sizeof(crypto_hash_sha256_state), "room");

static void start(struct hasher *h)
{
    static const uint32_t initial[SHA256_WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(h->words, initial, sizeof initial);
    h->len = 0;
}

static void add(struct hasher *h, struct bytes data)
{
    size_t held = h->len % SHA256_BLOCK, room = SHA256_BLOCK - held;
    h->len += data.len;
    if (data.len < room) {
        memcpy(h->rest + held, data.at, data.len);
        return;
    }
    if (held != 0) {
        memcpy(h->rest + held, data.at, room);
        sha256_blocks(h->words, h->rest, 1);
        data = bytes_part(data, room, data.len - room);
    }
    size_t whole = data.len / SHA256_BLOCK;
    sha256_blocks(h->words, data.at, whole);
    memcpy(h->rest, data.at + whole * SHA256_BLOCK, data.len % SHA256_BLOCK);
}

static void put_big_endian(uint8_t *to, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)(value >> 8 * (len - 1 - i));
    }
}

// A bit, zeros, and the length in bits end the last block.
static void end(uint8_t out[static CRYPTO_DIGEST], struct hasher *h)
{
    uint8_t ending[SHA256_BLOCK + 8 + 1] = {0x80};
    size_t held = h->len % SHA256_BLOCK;
    size_t len = (held < SHA256_BLOCK - 8 ? SHA256_BLOCK : 2 * SHA256_BLOCK) - held;
    put_big_endian(ending + len - 8, h->len * 8, 8);
    add(h, (struct bytes){ending, len});
    for (size_t i = 0; i < SHA256_WORDS; i++) {
        put_big_endian(out + 4 * i, h->words[i], 4);
    }
}

void crypto_sha256_start(struct crypto_sha256 *state)
{
    if (sha256_blocks_supported()) {
        start((struct hasher *)(void *)state->opaque);
    } else {
        crypto_hash_sha256_init((void *)state->opaque);
    }
}

void crypto_sha256_add(struct crypto_sha256 *state, struct bytes data)
{
    if (data.len == 0) {
        return;
    }
    if (sha256_blocks_supported()) {
        add((struct hasher *)(void *)state->opaque, data);
    } else {
        crypto_hash_sha256_update((void *)state->opaque, data.at, data.len);
    }
}

void crypto_sha256_end(uint8_t out[static CRYPTO_DIGEST], struct crypto_sha256 *state)
{
    if (sha256_blocks_supported()) {
        end(out, (struct hasher *)(void *)state->opaque);
    } else {
        crypto_hash_sha256_final((void *)state->opaque, out);
    }
}

void crypto_sha256(uint8_t out[static CRYPTO_DIGEST], struct bytes data)
{
    struct crypto_sha256 state;
    crypto_sha256_start(&state);
    crypto_sha256_add(&state, data);
    crypto_sha256_end(out, &state);
}
