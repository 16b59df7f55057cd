// SPDX-License-Identifier: BSD-2-Clause
// One page after another, by libsodium: where no vector code is used.
#include "crypto_pages.h"

#include "bounds.h"

void crypto_pages(uint8_t *out, struct crypto_domain domain, struct bytes pages)
{
    for (size_t at = 0; at < pages.len; at += BOUND_PAGE) {
        crypto_blake2b(out, domain, bytes_part(pages, at, BOUND_PAGE));
        out += CRYPTO_DIGEST;
        domain.a++;
    }
}
