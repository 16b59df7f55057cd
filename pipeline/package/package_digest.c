// SPDX-License-Identifier: BSD-2-Clause
#include "package_digest.h"

#include "bounds.h"
#include "crypto_pages.h"
#include "package_layout.h"

enum { BATCH = 16 }; // pages hashed before they are compared: enough for the widest vectors

void package_digest_pages(uint8_t *out, uint64_t first, struct bytes pages)
{
    crypto_pages(out, (struct crypto_domain){"kpkg.v1.page", first, 0}, pages);
}

uint64_t package_digest_match(struct bytes table, uint64_t first, struct bytes pages)
{
    uint64_t count = pages.len / BOUND_PAGE;
    for (uint64_t done = 0; done < count; done += BATCH) {
        uint8_t leaves[BATCH * PACKAGE_LEAF];
        uint64_t now = count - done < BATCH ? count - done : BATCH;
        package_digest_pages(leaves, first + done,
                             bytes_part(pages, done * BOUND_PAGE, now * BOUND_PAGE));
        for (uint64_t i = 0; i < now; i++) {
            const uint8_t *want = table.at + (first + done + i) * PACKAGE_LEAF;
            if (memcmp(leaves + i * PACKAGE_LEAF, want, PACKAGE_LEAF) != 0) {
                return done + i;
            }
        }
    }
    return count;
}

void package_digest_table(uint8_t out[static CRYPTO_DIGEST], uint64_t binary_len,
                          struct bytes table)
{
    uint64_t pages = table.len / PACKAGE_LEAF;
    crypto_blake2b(out, (struct crypto_domain){"kpkg.v1.table", binary_len, pages}, table);
}

void package_digest_manifest(uint8_t out[static CRYPTO_DIGEST], struct bytes manifest)
{
    crypto_blake2b(out, (struct crypto_domain){"kpkg.v1.manifest", 0, 0}, manifest);
}

void package_digest_id(uint8_t out[static CRYPTO_DIGEST], struct bytes page0)
{
    crypto_blake2b(out, (struct crypto_domain){"kpkg.v1.id", 0, 0},
                   bytes_part(page0, 0, PACKAGE_HEADER));
}

void package_digest_message(uint8_t out[static PACKAGE_DIGEST_MESSAGE],
                            const uint8_t id[static CRYPTO_DIGEST],
                            const uint8_t key[static CRYPTO_KEY])
{
    struct bytes domain = bytes_text("kpkg.v1.sig.package");
    memset(out, 0, PACKAGE_DIGEST_MESSAGE);
    memcpy(out, domain.at, domain.len);
    memcpy(out + PACKAGE_DIGEST_MESSAGE_ID, id, CRYPTO_DIGEST);
    memcpy(out + PACKAGE_DIGEST_MESSAGE_KEY, key, CRYPTO_KEY);
}
