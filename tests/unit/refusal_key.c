// SPDX-License-Identifier: BSD-2-Clause
#include "refusal.h"

#include "base64.h"
#include "key_der.h"
#include "key_file.h"
#include "key_pem.h"
#include "package_sign.h"
#include "support/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// DER of the key 'a', with bytes replaced, cut off or added, in PEM.
struct der_fault {
    enum status status;
    const char *fault;
    size_t len; // of the DER, the extra bytes being zero
    size_t at;
    const char *bytes;
    size_t byte_count;
};

#define EDIT(status, fault, len, at, bytes)                                                        \
    {                                                                                              \
        STATUS_##status, fault, len, at, bytes, sizeof bytes - 1                                   \
    }

static const struct der_fault private_faults[] = {
    EDIT(KEY_DER, "no bytes", 0, 0, ""),
    EDIT(KEY_DER, "no sequence", 48, 0, "\x31"),
    EDIT(KEY_DER, "indefinite length", 48, 1, "\x80"),
    EDIT(KEY_DER, "version 2", 48, 4, "\2"),
    EDIT(KEY_DER, "algorithm is no sequence", 48, 5, "\x04"),
    EDIT(KEY_ALGORITHM, "X25519", 48, 11, "\x6e"),
    EDIT(KEY_ALGORITHM, "Ed448", 48, 11, "\x71"),
    EDIT(KEY_ALGORITHM, "algorithm with parameters", 48, 6, "\7"),
    EDIT(KEY_DER, "inner string is no string", 48, 14, "\5"),
    EDIT(KEY_LENGTH, "seed cut off", 47, 0, ""),
    EDIT(KEY_LENGTH, "seed of 31 bytes", 47, 1, "\x2d"),
    EDIT(KEY_LENGTH, "long length cut off", 2, 1, "\x82"),
    EDIT(KEY_LENGTH, "version 2 without its public key", 48, 4, "\1"),
    EDIT(KEY_TRAILING, "byte after the sequence", 49, 0, ""),
    EDIT(KEY_TRAILING, "byte in the sequence", 49, 1, "\x2f"),
};

static const struct der_fault public_faults[] = {
    EDIT(KEY_DER, "no sequence", 44, 0, "\x31"),
    EDIT(KEY_ALGORITHM, "X25519", 44, 8, "\x6e"),
    EDIT(KEY_DER, "unused bits", 44, 11, "\1"),
    EDIT(KEY_LENGTH, "cut off", 43, 0, ""),
    EDIT(KEY_LENGTH, "key of 31 bytes", 43, 1, "\x29"),
    EDIT(KEY_TRAILING, "byte after the sequence", 45, 0, ""),
    EDIT(KEY_WEAK, "zeros", 44, 12,
         "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
};

static char buffer[KEY_FILE_MAX];

static struct bytes pem_of(const char *label, const uint8_t *der, size_t len)
{
    struct text out = text_of(buffer, sizeof buffer);
    key_pem_write(&out, label, (struct bytes){der, len});
    assert_false(out.cut);
    return text_bytes(&out);
}

static void expect_private(const char *fault, enum status wanted, struct bytes file)
{
    uint8_t seed[CRYPTO_SEED];
    struct diag diag = {0};
    refusal_expect(fault, wanted, key_file_private(seed, file, &diag), &diag);
}

static void expect_public(const char *fault, enum status wanted, struct bytes file)
{
    uint8_t key[CRYPTO_KEY];
    struct diag diag = {0};
    refusal_expect(fault, wanted, key_file_public(key, file, &diag), &diag);
}

static void expect_signature(const char *fault, enum status wanted, struct bytes file)
{
    uint8_t signature[CRYPTO_SIGNATURE];
    struct diag diag = {0};
    refusal_expect(fault, wanted, key_file_signature(signature, file, &diag), &diag);
}

static void ders(void)
{
    for (size_t i = 0; i < sizeof private_faults / sizeof private_faults[0]; i++) {
        const struct der_fault *fault = &private_faults[i];
        uint8_t seed[CRYPTO_SEED], der[64] = {0};
        fixture_seed(seed, 'a');
        key_der_write_private(der, seed);
        memcpy(der + fault->at, fault->bytes, fault->byte_count);
        expect_private(fault->fault, fault->status, pem_of("PRIVATE KEY", der, fault->len));
    }
    for (size_t i = 0; i < sizeof public_faults / sizeof public_faults[0]; i++) {
        const struct der_fault *fault = &public_faults[i];
        uint8_t key[CRYPTO_KEY], der[64] = {0};
        fixture_key(key, 'a');
        key_der_write_public(der, key);
        memcpy(der + fault->at, fault->bytes, fault->byte_count);
        expect_public(fault->fault, fault->status, pem_of("PUBLIC KEY", der, fault->len));
    }
}

// PKCS#8 v2 of the key 'a' with the public key of `letter`.
static size_t write_version_2(uint8_t der[static 83], char letter)
{
    uint8_t seed[CRYPTO_SEED];
    fixture_seed(seed, 'a');
    key_der_write_private(der, seed);
    der[1] = 0x51;
    der[4] = 1;
    memcpy(der + 48, "\x81\x21\x00", 3);
    fixture_key(der + 51, letter);
    return 83;
}

static void embedded_public_keys(void)
{
    uint8_t der[84] = {0}, seed[CRYPTO_SEED], wanted[CRYPTO_SEED];
    size_t len = write_version_2(der, 'a');
    fixture_seed(wanted, 'a');
    assert_int_equal(key_file_private(seed, pem_of("PRIVATE KEY", der, len), NULL), STATUS_OK);
    assert_memory_equal(seed, wanted, sizeof seed);

    len = write_version_2(der, 'b');
    expect_private("another public key", STATUS_KEY_PUB_MISMATCH, pem_of("PRIVATE KEY", der, len));
    len = write_version_2(der, 'a');
    der[48] = 0xa0;
    expect_private("attributes", STATUS_KEY_DER, pem_of("PRIVATE KEY", der, len));
    len = write_version_2(der, 'a');
    der[1]++;
    expect_private("byte after the public key", STATUS_KEY_TRAILING,
                   pem_of("PRIVATE KEY", der, len + 1));
}

#define BEGIN "-----BEGIN PRIVATE KEY-----\n"
#define END   "-----END PRIVATE KEY-----\n"
#define BODY  "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

struct text_fault {
    enum status status;
    const char *fault;
    const char *file;
};

static const struct text_fault pem_faults[] = {
    {STATUS_KEY_PEM, "empty file", ""},
    {STATUS_KEY_PEM, "text before the block", "key:\n" BEGIN BODY END},
    {STATUS_KEY_PEM, "public key",
     "-----BEGIN PUBLIC KEY-----\n" BODY "-----END PUBLIC KEY-----\n"},
    {STATUS_KEY_PEM, "OpenSSH key", "-----BEGIN OPENSSH PRIVATE KEY-----\n" BODY},
    {STATUS_KEY_PEM, "minisign secret key",
     "untrusted comment: minisign encrypted secret key\nRWQ=\n"},
    {STATUS_KEY_PEM, "no end", BEGIN BODY},
    {STATUS_KEY_PEM, "another end", BEGIN BODY "-----END PUBLIC KEY-----\n"},
    {STATUS_KEY_PEM, "a begin instead of the end", BEGIN BODY BEGIN},
    {STATUS_KEY_PEM, "four dashes", "----BEGIN PRIVATE KEY----\n" BODY END},
    {STATUS_KEY_ENCRYPTED, "PKCS#8 with a password",
     "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" BODY "-----END ENCRYPTED PRIVATE KEY-----\n"},
    {STATUS_KEY_TRAILING, "second block", BEGIN BODY END BEGIN BODY END},
    {STATUS_KEY_TRAILING, "blank line at the end", BEGIN BODY END "\n"},
    {STATUS_KEY_BASE64, "no digit", BEGIN "MC4*\n" END},
    {STATUS_KEY_BASE64, "space", BEGIN " " BODY END},
    {STATUS_KEY_BASE64, "length of 3", BEGIN "MC4\n" END},
    {STATUS_KEY_BASE64, "padding in the middle", BEGIN "MC==MC4C\n" END},
    {STATUS_KEY_BASE64, "three signs of padding", BEGIN "M===\n" END},
    {STATUS_KEY_BASE64, "unused bits that are not zero", BEGIN "MC5=\n" END},
    {STATUS_KEY_BASE64, "unused bits of one byte", BEGIN "MD==\n" END},
};

static void pems(void)
{
    for (size_t i = 0; i < sizeof pem_faults / sizeof pem_faults[0]; i++) {
        const struct text_fault *fault = &pem_faults[i];
        expect_private(fault->fault, fault->status, bytes_text(fault->file));
    }
    static char huge[20000];
    memset(huge, 'A', sizeof huge);
    memcpy(huge, BEGIN, strlen(BEGIN));
    huge[60] = '\n';
    memcpy(huge + sizeof huge - sizeof END - 1, "\n" END, sizeof END + 1);
    expect_private("more than any key", STATUS_KEY_LENGTH, bytes_text(huge));
}

// `algorithm`, a key number and `payload`, as signify and minisign write them, and `tail`.
static struct bytes comment_file(const char *algorithm, struct bytes payload, const char *tail)
{
    uint8_t record[10 + CRYPTO_SIGNATURE + 1] = {0};
    struct text out = text_of(buffer, sizeof buffer);
    memcpy(record, algorithm, 2);
    memcpy(record + 10, payload.at, payload.len);
    text_put(&out, "untrusted comment: made by a test\n");
    base64_encode(&out, (struct bytes){record, 10 + payload.len});
    text_put(&out, tail);
    assert_false(out.cut);
    return text_bytes(&out);
}

static void comment_files(void)
{
    uint8_t key[CRYPTO_KEY], raw[CRYPTO_SIGNATURE + 1] = {0};
    struct bytes good = {key, sizeof key};
    struct bytes signature = {raw, CRYPTO_SIGNATURE};
    fixture_key(key, 'a');
    const char *comment = "untrusted comment: only this line\n";
    expect_public("no second line", STATUS_KEY_PEM, bytes_text(comment));
    expect_public("no base64", STATUS_KEY_BASE64, bytes_text("untrusted comment: x\nRWQ\n"));
    expect_public("short key", STATUS_KEY_LENGTH,
                  comment_file("Ed", bytes_part(good, 0, 31), "\n"));
    expect_public("signature for a key", STATUS_KEY_LENGTH, comment_file("Ed", signature, "\n"));
    expect_public("another algorithm", STATUS_KEY_ALGORITHM, comment_file("Ec", good, "\n"));
    expect_public("line after the key", STATUS_KEY_TRAILING, comment_file("Ed", good, "\n\n"));
    expect_public("key of small order", STATUS_KEY_WEAK,
                  comment_file("Ed", (struct bytes){raw, CRYPTO_KEY}, "\n"));
    expect_signature("prehashed", STATUS_SIG_PREHASHED, comment_file("ED", signature, "\n"));
    expect_signature("another algorithm", STATUS_KEY_ALGORITHM,
                     comment_file("Ec", signature, "\n"));
    expect_signature("one byte too many", STATUS_KEY_LENGTH,
                     comment_file("Ed", (struct bytes){raw, sizeof raw}, "\n"));
    expect_signature("untrusted tail", STATUS_KEY_TRAILING,
                     comment_file("Ed", signature, "\ncomment: x\nAAAA\n"));
    expect_signature("raw, 63 bytes", STATUS_KEY_LENGTH, bytes_part(signature, 0, 63));
    expect_signature("raw, 65 bytes", STATUS_KEY_LENGTH, (struct bytes){raw, sizeof raw});
}

static void modes(void)
{
    static const uint32_t open_modes[] = {0640, 0604, 0620, 0602, 0100644};
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        struct diag diag = {0};
        enum status found = key_file_mode(open_modes[i], &diag);
        refusal_expect("file that others can read", STATUS_KEY_PERMISSIONS, found, &diag);
    }
    assert_int_equal(key_file_mode(0600, NULL), STATUS_OK);
    assert_int_equal(key_file_mode(0100400, NULL), STATUS_OK);
}

static void attached_signatures(void)
{
    static struct fixture f;
    struct diag diag = {0};
    uint8_t payload[PACKAGE_DIGEST_MESSAGE], signature[CRYPTO_SIGNATURE], key[CRYPTO_KEY];
    uint8_t seed[CRYPTO_SEED];
    fixture_build(&f, "");
    fixture_key(key, 'a');
    fixture_seed(seed, 'a');
    package_sign_payload(payload, f.file, key);
    crypto_ed25519_sign(signature, (struct bytes){payload, sizeof payload}, seed);
    f.file[0x10]++;
    enum status found = package_sign_attach(f.file, payload, signature, &diag);
    refusal_expect("payload of another counter", STATUS_SIG_OTHER_PACKAGE, found, &diag);
    f.file[0x10]--;
    payload[0] ^= 1;
    found = package_sign_attach(f.file, payload, signature, &diag);
    refusal_expect("payload of another domain", STATUS_SIG_OTHER_PACKAGE, found, &diag);
    payload[0] ^= 1;
    signature[0] ^= 1;
    found = package_sign_attach(f.file, payload, signature, &diag);
    refusal_expect("signature that does not verify", STATUS_SIG_INVALID, found, &diag);

    fixture_build(&f, "abcdefghijklmnop");
    fixture_seed(seed, 'q');
    found = package_sign(f.file, seed, &diag);
    refusal_expect("a seventeenth signer", STATUS_SIG_FULL, found, &diag);
    fixture_seed(seed, 'a');
    found = package_sign(f.file, seed, &diag);
    refusal_expect("signing twice", STATUS_SIG_DUPLICATE, found, &diag);
}

void refusal_key(void **state)
{
    (void)state;
    ders();
    embedded_public_keys();
    pems();
    comment_files();
    modes();
    attached_signatures();
}
