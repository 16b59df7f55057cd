// SPDX-License-Identifier: BSD-2-Clause
#include "sha256_blocks.h"

#include <immintrin.h>
#include <sys/platform/x86.h>

enum { GROUPS = 16 }; // four rounds in a group

static const uint32_t constants[GROUPS * 4] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

bool sha256_blocks_supported(void)
{
    return CPU_FEATURE_ACTIVE(SHA) && CPU_FEATURE_ACTIVE(SSE4_1);
}

// The next four words of the schedule, in place of those sixteen before; group i stands in w[i %
// 4].
static inline __m128i next_words(const __m128i w[static 4], int i)
{
    __m128i older = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
    __m128i between = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);
    return _mm_sha256msg2_epu32(_mm_add_epi32(older, between), w[(i + 3) % 4]);
}

// The instructions want the state as A B E F and C D G H, A and C highest.
static inline void take_block(__m128i *abef, __m128i *cdgh, const uint8_t *block)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i ab = *abef, cd = *cdgh, w[4];
    for (int i = 0; i < GROUPS; i++) {
        w[i % 4] =
            i >= 4 ? next_words(w, i)
                   : _mm_shuffle_epi8(
                         _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)), swap);
        __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(constants + 4 * i));
        __m128i sum = _mm_add_epi32(w[i % 4], k);
        cd = _mm_sha256rnds2_epu32(cd, ab, sum);
        ab = _mm_sha256rnds2_epu32(ab, cd, _mm_shuffle_epi32(sum, 0x0e));
    }
    *abef = _mm_add_epi32(*abef, ab);
    *cdgh = _mm_add_epi32(*cdgh, cd);
}

static inline __m128i gather(const uint32_t *high, const uint32_t *low)
{
    return _mm_set_epi32((int)high[0], (int)high[1], (int)low[0], (int)low[1]);
}

static inline void scatter(uint32_t *high, uint32_t *low, __m128i from)
{
    high[0] = (uint32_t)_mm_extract_epi32(from, 3);
    high[1] = (uint32_t)_mm_extract_epi32(from, 2);
    low[0] = (uint32_t)_mm_extract_epi32(from, 1);
    low[1] = (uint32_t)_mm_extract_epi32(from, 0);
}

void sha256_blocks(uint32_t state[static SHA256_WORDS], const uint8_t *blocks, size_t count)
{
    __m128i abef = gather(state, state + 4), cdgh = gather(state + 2, state + 6);
    for (size_t i = 0; i < count; i++) {
        take_block(&abef, &cdgh, blocks + i * SHA256_BLOCK);
    }
    scatter(state, state + 4, abef);
    scatter(state + 2, state + 6, cdgh);
}
