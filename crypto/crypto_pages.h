// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Digests of many pages. The host hashes several at a time where the processor can (x86_64/), the
// target one after another; the digests are the same.

#include "crypto.h"

// For page i of `pages` (a multiple of BOUND_PAGE bytes), crypto_blake2b in `domain` with `a` + i,
// to out[i].
void crypto_pages(uint8_t *out, struct crypto_domain domain, struct bytes pages);
