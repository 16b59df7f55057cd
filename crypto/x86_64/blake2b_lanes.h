// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// BLAKE2b-256 (RFC 7693) of several pages at once, a page a vector lane: what libsodium computes
// one page after another. Only digests of public data go through here, on the host; the tests hold
// them equal to libsodium's.

#include "crypto.h"

enum { BLAKE2B_LANES_AVX2 = 4, BLAKE2B_LANES_AVX512 = 8 };

// The digests of as many pages as there are lanes, page i in the domain with `a` + i. The processor
// must have the instructions.
void blake2b_lanes_avx2(uint8_t *out, struct crypto_domain domain, const uint8_t *pages);
void blake2b_lanes_avx512(uint8_t *out, struct crypto_domain domain, const uint8_t *pages);
