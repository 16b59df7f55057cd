// SPDX-License-Identifier: BSD-2-Clause
// As many pages at once as the processor has lanes for, the rest by libsodium.
#include "crypto_pages.h"

#include "blake2b_lanes.h"
#include "bounds.h"

#include <sys/platform/x86.h>

struct lanes {
    size_t pages;
    void (*digest)(uint8_t *out, struct crypto_domain domain, const uint8_t *pages);
};

// Of what glibc found at its start: asking the processor takes long under a hypervisor.
static struct lanes widest(void)
{
    if (CPU_FEATURE_ACTIVE(AVX512F)) {
        return (struct lanes){BLAKE2B_LANES_AVX512, blake2b_lanes_avx512};
    }
    if (CPU_FEATURE_ACTIVE(AVX2)) {
        return (struct lanes){BLAKE2B_LANES_AVX2, blake2b_lanes_avx2};
    }
    return (struct lanes){0, NULL};
}

void crypto_pages(uint8_t *out, struct crypto_domain domain, struct bytes pages)
{
    struct lanes lanes = widest();
    while (lanes.pages != 0 && pages.len >= lanes.pages * BOUND_PAGE) {
        lanes.digest(out, domain, pages.at);
        out += lanes.pages * CRYPTO_DIGEST;
        domain.a += lanes.pages;
        pages = bytes_part(pages, lanes.pages * BOUND_PAGE, pages.len - lanes.pages * BOUND_PAGE);
    }
    for (; pages.len != 0; pages = bytes_part(pages, BOUND_PAGE, pages.len - BOUND_PAGE)) {
        crypto_blake2b(out, domain, bytes_part(pages, 0, BOUND_PAGE));
        out += CRYPTO_DIGEST;
        domain.a++;
    }
}
