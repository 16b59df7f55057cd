// SPDX-License-Identifier: BSD-2-Clause
#include "crypto.h"

#include "crypto_random.h"
#include "crypto_start.h"
#include "support/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

static void assert_hex(const uint8_t *found, size_t len, const char *hex)
{
    uint8_t wanted[64];
    hex_decode(wanted, len, hex);
    assert_memory_equal(found, wanted, len);
}

// Wanted values: Python's hashlib.blake2b(digest_size=32, person=..., salt=...).
static void blake2b_separates_domains(void **state)
{
    (void)state;
    uint8_t digest[CRYPTO_DIGEST];
    uint8_t counting[256];
    for (size_t i = 0; i < sizeof counting; i++) {
        counting[i] = (uint8_t)i;
    }
    crypto_blake2b(digest, (struct crypto_domain){"kpkg.v1.page", 17, 0}, bytes_text("abc"));
    assert_hex(digest, 32, "9d871324d429d9624fb10bed843fa636624d7d0a53bcd2681371566f4ff57827");
    crypto_blake2b(digest, (struct crypto_domain){"kpkg.v1.manifest", 0, 0}, bytes_text(""));
    assert_hex(digest, 32, "ca89ee2e5db29196e008de91375f493a0766924a45ed3c8dec1ea75e7c2519e7");
    crypto_blake2b(digest, (struct crypto_domain){"sixteen-letters!", UINT64_MAX, 1},
                   (struct bytes){counting, sizeof counting});
    assert_hex(digest, 32, "61008f16c55ee79f92217acf7b45c8a3d1e5576ba5b73c9dca94a9dd886672b2");
}

static void parts_hash_as_the_whole(void **state)
{
    (void)state;
    uint8_t data[1000];
    uint8_t whole[CRYPTO_DIGEST];
    uint8_t parts[CRYPTO_DIGEST];
    struct crypto_domain domain = {"test", 1, 2};
    memset(data, 'x', sizeof data);
    struct bytes all = {data, sizeof data};
    for (size_t cut = 0; cut <= sizeof data; cut += 111) {
        struct crypto_blake2b blake2b;
        crypto_blake2b_start(&blake2b, domain);
        crypto_blake2b_add(&blake2b, bytes_part(all, 0, cut));
        crypto_blake2b_add(&blake2b, bytes_part(all, cut, sizeof data - cut));
        crypto_blake2b_end(parts, &blake2b);
        crypto_blake2b(whole, domain, all);
        assert_memory_equal(whole, parts, sizeof whole);

        struct crypto_sha256 sha256;
        crypto_sha256_start(&sha256);
        crypto_sha256_add(&sha256, bytes_part(all, 0, cut));
        crypto_sha256_add(&sha256, bytes_part(all, cut, sizeof data - cut));
        crypto_sha256_end(parts, &sha256);
        crypto_sha256(whole, all);
        assert_memory_equal(whole, parts, sizeof whole);
    }
}

// FIPS 180-4, example 1.
// The processor's instructions against libsodium: every length over some blocks, taken in two parts
// that end anywhere in a block.
static void sha256_is_that_of_libsodium(void **state)
{
    (void)state;
    enum { MOST = 300 };
    static const size_t cuts[] = {0, 1, 55, 56, 63, 64, 65, 128, MOST};
    uint8_t data[MOST], want[CRYPTO_DIGEST], got[CRYPTO_DIGEST];
    randombytes_buf(data, sizeof data);
    for (size_t len = 0; len <= MOST; len++) {
        struct bytes all = {data, len};
        crypto_hash_sha256(want, data, len);
        crypto_sha256(got, all);
        assert_memory_equal(got, want, sizeof want);
        for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
            size_t cut = cuts[i] < len ? cuts[i] : len;
            struct crypto_sha256 hasher;
            crypto_sha256_start(&hasher);
            crypto_sha256_add(&hasher, bytes_part(all, 0, cut));
            crypto_sha256_add(&hasher, bytes_part(all, cut, len - cut));
            crypto_sha256_end(got, &hasher);
            assert_memory_equal(got, want, sizeof want);
        }
    }
}

static void sha256_of_abc(void **state)
{
    (void)state;
    uint8_t digest[CRYPTO_DIGEST];
    crypto_sha256(digest, bytes_text("abc"));
    assert_hex(digest, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

struct vector {
    const char *seed;
    const char *key;
    const char *message;
    const char *signature;
};

// RFC 8032, 7.1, tests 1 to 3.
static const struct vector rfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void ed25519_follows_rfc8032(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rfc8032 / sizeof rfc8032[0]; i++) {
        uint8_t seed[CRYPTO_SEED], key[CRYPTO_KEY], signature[CRYPTO_SIGNATURE], message[2];
        size_t len = strlen(rfc8032[i].message) / 2;
        hex_decode(seed, sizeof seed, rfc8032[i].seed);
        hex_decode(message, len, rfc8032[i].message);
        crypto_ed25519_public_key(key, seed);
        assert_hex(key, sizeof key, rfc8032[i].key);
        crypto_ed25519_sign(signature, (struct bytes){message, len}, seed);
        assert_hex(signature, sizeof signature, rfc8032[i].signature);
        assert_int_equal(crypto_ed25519_verify(signature, (struct bytes){message, len}, key),
                         STATUS_OK);
        assert_true(crypto_ed25519_key_sound(key));
    }
}

static enum status verify_hex(const char *signature_r, const char *signature_s, const char *key)
{
    uint8_t signature[CRYPTO_SIGNATURE], point[CRYPTO_KEY];
    hex_decode(signature, 32, signature_r);
    hex_decode(signature + 32, 32, signature_s);
    hex_decode(point, sizeof point, key);
    return crypto_ed25519_verify(signature, bytes_text("r"), point);
}

#define SOUND_KEY "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define SOUND_R   "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
#define SOUND_S   "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
#define ZERO      "0000000000000000000000000000000000000000000000000000000000000000"

// The encodings of the eight points of small order and of some that are no canonical point.
static const char *const unsound_points[] = {
    ZERO,
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void unsound_points_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unsound_points / sizeof unsound_points[0]; i++) {
        uint8_t key[CRYPTO_KEY];
        hex_decode(key, sizeof key, unsound_points[i]);
        assert_false(crypto_ed25519_key_sound(key));
        assert_int_equal(verify_hex(SOUND_R, SOUND_S, unsound_points[i]), STATUS_SIG_KEY);
        assert_int_equal(verify_hex(unsound_points[i], SOUND_S, SOUND_KEY),
                         STATUS_SIG_NONCANONICAL);
    }
}

static void a_key_off_the_curve_is_named(void **state)
{
    (void)state;
    const char *off = "0200000000000000000000000000000000000000000000000000000000000000";
    assert_int_equal(verify_hex(SOUND_R, SOUND_S, off), STATUS_SIG_KEY);
}

// L = 2^252 + 27742317777372353535851937790883648493, little-endian.
static void scalars_from_the_order_up_are_named(void **state)
{
    (void)state;
    const char *order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    const char *below = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    const char *most = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    assert_int_equal(verify_hex(SOUND_R, order, SOUND_KEY), STATUS_SIG_NONCANONICAL);
    assert_int_equal(verify_hex(SOUND_R, most, SOUND_KEY), STATUS_SIG_NONCANONICAL);
    assert_int_equal(verify_hex(SOUND_R, below, SOUND_KEY), STATUS_SIG_INVALID);
}

static void field(uint8_t *out, size_t len, FILE *file)
{
    char line[512], hex[400];
    do {
        assert_non_null(fgets(line, sizeof line, file));
    } while (sscanf(line, "%*[a-z_] = %399[0-9a-f]", hex) != 1);
    hex_decode(out, len, hex);
}

// Libraries disagree about this signature; both sides of kpkg must give the same answer.
static void a_mixed_order_key_is_refused(void **state)
{
    (void)state;
    uint8_t message[96], key[CRYPTO_KEY], signature[CRYPTO_SIGNATURE];
    FILE *file = fopen(TEST_DATA "/../golden/vectors/ed25519-cofactor.txt", "r");
    assert_non_null(file);
    field(message, sizeof message, file);
    field(key, sizeof key, file);
    field(signature, sizeof signature, file);
    fclose(file);
    assert_int_equal(crypto_ed25519_verify(signature, (struct bytes){message, sizeof message}, key),
                     STATUS_SIG_INVALID);
    assert_false(crypto_ed25519_key_sound(key));
}

static void wiped_is_zero(void **state)
{
    (void)state;
    uint8_t a[32];
    crypto_random(a, sizeof a);
    crypto_wipe(a, sizeof a);
    assert_true(bytes_all_zero((struct bytes){a, sizeof a}));
}

static int start(void **state)
{
    (void)state;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blake2b_separates_domains),
        cmocka_unit_test(parts_hash_as_the_whole),
        cmocka_unit_test(sha256_of_abc),
        cmocka_unit_test(sha256_is_that_of_libsodium),
        cmocka_unit_test(ed25519_follows_rfc8032),
        cmocka_unit_test(unsound_points_are_named),
        cmocka_unit_test(a_key_off_the_curve_is_named),
        cmocka_unit_test(scalars_from_the_order_up_are_named),
        cmocka_unit_test(a_mixed_order_key_is_refused),
        cmocka_unit_test(wiped_is_zero),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
