// SPDX-License-Identifier: BSD-2-Clause
// Compiled once for each vector width: BLAKE2B_LANES is 4 (AVX2) or 8 (AVX-512), BLAKE2B_NAME the
// function.
#include "blake2b_lanes.h"

#include "bounds.h"

enum { LANES = BLAKE2B_LANES, BLOCK = 128, WORDS = 16, ROUNDS = 12, CHAIN = 8 };

typedef uint64_t lanes __attribute__((vector_size(LANES * 8)));

static const uint64_t initial[CHAIN] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint8_t sigma[ROUNDS][WORDS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

static inline lanes broadcast(uint64_t word)
{
    return word - (lanes){0};
}

static inline lanes rotate(lanes x, unsigned by)
{
    return x >> by | x << (64 - by);
}

static inline __attribute__((always_inline)) void mix(lanes v[WORDS], const uint8_t at[4], lanes x,
                                                      lanes y)
{
    lanes a = v[at[0]], b = v[at[1]], c = v[at[2]], d = v[at[3]];
    a += b + x;
    d = rotate(d ^ a, 32);
    c += d;
    b = rotate(b ^ c, 24);
    a += b + y;
    d = rotate(d ^ a, 16);
    c += d;
    b = rotate(b ^ c, 63);
    v[at[0]] = a, v[at[1]] = b, v[at[2]] = c, v[at[3]] = d;
}

// The 16 message words of a block, word by word across the pages.
static inline void load(lanes message[WORDS], const uint8_t *block)
{
    for (unsigned w = 0; w < WORDS; w++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            uint64_t word;
            memcpy(&word, block + (size_t)lane * BOUND_PAGE + w * sizeof word, sizeof word);
            message[w][lane] = word;
        }
    }
}

static inline void compress(lanes chain[CHAIN], const lanes message[WORDS], uint64_t counted,
                            bool last)
{
    static const uint8_t columns[8][4] = {
        {0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
        {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14},
    };
    lanes v[WORDS];
    for (unsigned i = 0; i < CHAIN; i++) {
        v[i] = chain[i];
        v[i + CHAIN] = broadcast(initial[i]);
    }
    v[12] ^= broadcast(counted);
    v[14] ^= broadcast(last ? UINT64_MAX : 0);
#pragma GCC unroll 12
    for (unsigned round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 8
        for (unsigned g = 0; g < 8; g++) {
            mix(v, columns[g], message[sigma[round][2 * g]], message[sigma[round][2 * g + 1]]);
        }
    }
    for (unsigned i = 0; i < CHAIN; i++) {
        chain[i] ^= v[i] ^ v[i + CHAIN];
    }
}

// The chain's start: digest length, fan-out and depth 1, salt, personalisation (RFC 7693, 2.5;
// BLAKE2 paper, 2.8).
static void start(lanes chain[CHAIN], struct crypto_domain domain)
{
    uint64_t personal[2] = {0};
    for (size_t i = 0; i < sizeof personal && domain.name[i] != '\0'; i++) {
        personal[i / 8] |= (uint64_t)(uint8_t)domain.name[i] << (8 * (i % 8));
    }
    for (unsigned i = 0; i < CHAIN; i++) {
        chain[i] = broadcast(initial[i]);
    }
    chain[0] ^= broadcast(0x01010000 | CRYPTO_DIGEST);
    for (unsigned lane = 0; lane < LANES; lane++) {
        chain[4][lane] ^= domain.a + lane;
    }
    chain[5] ^= broadcast(domain.b);
    chain[6] ^= broadcast(personal[0]);
    chain[7] ^= broadcast(personal[1]);
}

void BLAKE2B_NAME(uint8_t *out, struct crypto_domain domain, const uint8_t *pages)
{
    lanes chain[CHAIN];
    start(chain, domain);
    for (uint64_t at = 0; at < BOUND_PAGE; at += BLOCK) {
        lanes message[WORDS];
        load(message, pages + at);
        compress(chain, message, at + BLOCK, at + BLOCK == BOUND_PAGE);
    }
    for (unsigned lane = 0; lane < LANES; lane++) {
        for (unsigned i = 0; i < CRYPTO_DIGEST / 8; i++) {
            uint64_t word = chain[i][lane];
            memcpy(out + (size_t)lane * CRYPTO_DIGEST + i * sizeof word, &word, sizeof word);
        }
    }
}
