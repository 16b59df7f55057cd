// SPDX-License-Identifier: BSD-2-Clause
#include "package_digest.h"

#include "package_layout.h"

void package_digest_page(uint8_t out[static CRYPTO_DIGEST], uint64_t index, struct bytes page)
{
    crypto_blake2b(out, (struct crypto_domain){"kpkg.v1.page", index, 0}, page);
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
