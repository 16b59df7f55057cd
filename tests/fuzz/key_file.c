// SPDX-License-Identifier: BSD-2-Clause

// Key files: base64 has one text for one byte string, and an accepted key survives writing.

#include "key_file.h"

#include "base64.h"

#include "fuzz.h"

#include <string.h>

static void check_base64(struct bytes input)
{
    static uint8_t raw[3072];
    static char digits[4096];
    size_t len;
    struct text again = text_of(digits, sizeof digits);
    if (input.len <= sizeof digits && base64_decode(raw, sizeof raw, &len, input)) {
        base64_encode(&again, (struct bytes){raw, len});
        FUZZ_CHECK(bytes_equal(text_bytes(&again), input));
    }
}

static void check_private(struct bytes input)
{
    char pem[KEY_FILE_MAX];
    struct text out = text_of(pem, sizeof pem);
    uint8_t seed[CRYPTO_SEED];
    uint8_t again[CRYPTO_SEED];
    if (key_file_private(seed, input, NULL) == STATUS_OK) {
        key_file_write_private(&out, seed);
        FUZZ_CHECK(!out.cut && key_file_private(again, text_bytes(&out), NULL) == STATUS_OK);
        FUZZ_CHECK(memcmp(seed, again, sizeof seed) == 0);
    }
}

static void check_public(struct bytes input)
{
    char pem[KEY_FILE_MAX];
    struct text out = text_of(pem, sizeof pem);
    uint8_t key[CRYPTO_KEY];
    uint8_t again[CRYPTO_KEY];
    if (key_file_public(key, input, NULL) == STATUS_OK) {
        FUZZ_CHECK(crypto_ed25519_key_sound(key));
        key_file_write_public(&out, key);
        FUZZ_CHECK(!out.cut && key_file_public(again, text_bytes(&out), NULL) == STATUS_OK);
        FUZZ_CHECK(memcmp(key, again, sizeof key) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes input = {at, len};
    uint8_t signature[CRYPTO_SIGNATURE];
    struct diag diag = {0};
    check_base64(input);
    check_private(input);
    check_public(input);
    enum status status = key_file_signature(signature, input, &diag);
    FUZZ_CHECK(diag.status == status);
    return 0;
}
