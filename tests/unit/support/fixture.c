// SPDX-License-Identifier: BSD-2-Clause
#include "fixture.h"

#include "package_digest.h"
#include "package_sign.h"
#include "package_write.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

static const char manifest[] = "schema = 1\n\n[package]\nname = \"com.example.test\"\n";

void fixture_seed(uint8_t seed[static CRYPTO_SEED], char letter)
{
    crypto_sha256(seed, (struct bytes){(const uint8_t *)&letter, 1});
}

void fixture_key(uint8_t key[static CRYPTO_KEY], char letter)
{
    uint8_t seed[CRYPTO_SEED];
    fixture_seed(seed, letter);
    crypto_ed25519_public_key(key, seed);
}

void fixture_build(struct fixture *f, const char *signers)
{
    uint8_t binary[FIXTURE_BINARY];
    uint64_t len;
    for (size_t i = 0; i < sizeof binary; i++) {
        binary[i] = (uint8_t)(i * 7 + i / 256);
    }
    const struct package_parts parts = {
        .name = bytes_text("com.example.test"),
        .counter = 12,
        .manifest = bytes_text(manifest),
        .binary = {binary, sizeof binary},
    };
    assert_int_equal(package_write_length(&len, &parts, NULL), STATUS_OK);
    assert_true(len <= sizeof f->file);
    assert_int_equal(package_write(f->file, &parts, NULL), STATUS_OK);
    f->len = len;
    fixture_sign(f, signers);
}

void fixture_sign(struct fixture *f, const char *signers)
{
    uint8_t seed[CRYPTO_SEED];
    memset(f->file + PACKAGE_SLOTS_AT, 0, PACKAGE_SLOTS_END - PACKAGE_SLOTS_AT);
    for (; *signers != '\0'; signers++) {
        fixture_seed(seed, *signers);
        assert_int_equal(package_sign(f->file, seed, NULL), STATUS_OK);
    }
}

void fixture_seal(struct fixture *f, const char *signers)
{
    struct bytes file = fixture_bytes(f);
    struct bytes manifest_now = {f->file + FIXTURE_MANIFEST_AT, strlen(manifest)};
    size_t table_at = FIXTURE_MANIFEST_AT + (manifest_now.len + 31) / 32 * 32;
    struct bytes pages = bytes_part(file, BOUND_PAGE, (size_t)3 * BOUND_PAGE);
    package_digest_pages(f->file + table_at, 0, pages);
    package_digest_manifest(f->file + 0x30, manifest_now);
    package_digest_table(f->file + 0x50, FIXTURE_BINARY,
                         bytes_part(file, table_at, (size_t)3 * PACKAGE_LEAF));
    fixture_sign(f, signers);
}

struct bytes fixture_bytes(const struct fixture *f)
{
    return (struct bytes){f->file, f->len};
}
