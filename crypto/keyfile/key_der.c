// SPDX-License-Identifier: BSD-2-Clause
#include "key_der.h"

// SEQUENCE { OBJECT IDENTIFIER 1.3.101.112 }
static const uint8_t algorithm[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
// OCTET STRING { OCTET STRING seed[32] }
static const uint8_t seed_head[] = {0x04, 0x22, 0x04, 0x20};
// [1] IMPLICIT BIT STRING key[32]
static const uint8_t embedded_head[] = {0x81, 0x21, 0x00};
// BIT STRING key[32]
static const uint8_t key_head[] = {0x03, 0x21, 0x00};

static const uint8_t private_head[] = {0x30, 0x2e, 0x02, 0x01, 0x00};
static const uint8_t public_head[] = {0x30, 0x2a};

#define AS_BYTES(array)                                                                            \
    (struct bytes)                                                                                 \
    {                                                                                              \
        array, sizeof array                                                                        \
    }

static struct bytes after(struct bytes whole, size_t len)
{
    return bytes_part(whole, len, whole.len - len);
}

// The content of the outer SEQUENCE, whose length must be that of the file.
static enum status open_sequence(struct bytes *out, struct bytes der, struct diag *diag)
{
    size_t head = 2;
    if (der.len < head || der.at[0] != 0x30) {
        return diag_fail(diag, STATUS_KEY_DER, "DER", 0);
    }
    size_t len = der.at[1];
    if (len == 0x81 || len == 0x82) {
        head += len - 0x80;
        if (der.len < head) {
            return diag_fail(diag, STATUS_KEY_LENGTH, "DER", der.len);
        }
        len = head == 3 ? der.at[2] : (size_t)der.at[2] << 8 | der.at[3];
    } else if (len >= 0x80) {
        return diag_fail(diag, STATUS_KEY_DER, "DER", 1);
    }
    if (der.len - head < len) {
        return diag_fail(diag, STATUS_KEY_LENGTH, "DER", der.len);
    }
    if (der.len - head > len) {
        return diag_fail(diag, STATUS_KEY_TRAILING, "DER", head + len);
    }
    *out = after(der, head);
    return STATUS_OK;
}

static enum status skip_algorithm(struct bytes *rest, struct diag *diag)
{
    if (bytes_starts_with(*rest, AS_BYTES(algorithm))) {
        *rest = after(*rest, sizeof algorithm);
        return STATUS_OK;
    }
    bool some_algorithm = rest->len > 0 && rest->at[0] == 0x30;
    return diag_fail(diag, some_algorithm ? STATUS_KEY_ALGORITHM : STATUS_KEY_DER, "algorithm", 0);
}

// `head` and 32 bytes at the start of *rest.
static enum status take_key(const uint8_t **key, struct bytes *rest, struct bytes head,
                            struct diag *diag)
{
    if (rest->len < head.len + 32) {
        return diag_fail(diag, STATUS_KEY_LENGTH, "key", rest->len);
    }
    if (!bytes_starts_with(*rest, head)) {
        return diag_fail(diag, STATUS_KEY_DER, "key", 0);
    }
    *key = rest->at + head.len;
    *rest = after(*rest, head.len + 32);
    return STATUS_OK;
}

static enum status check_embedded(struct bytes *rest, const uint8_t *seed, struct diag *diag)
{
    const uint8_t *found = NULL;
    uint8_t wanted[CRYPTO_KEY];
    enum status status = take_key(&found, rest, AS_BYTES(embedded_head), diag);
    if (status != STATUS_OK) {
        return status;
    }
    crypto_ed25519_public_key(wanted, seed);
    if (memcmp(found, wanted, sizeof wanted) != 0) {
        return diag_fail(diag, STATUS_KEY_PUB_MISMATCH, "public key", 0);
    }
    return STATUS_OK;
}

static enum status check_end(struct bytes rest, struct diag *diag)
{
    return rest.len == 0 ? STATUS_OK : diag_fail(diag, STATUS_KEY_TRAILING, "key", rest.len);
}

// INTEGER 0 or 1: PKCS#8 v1 or v2.
static enum status take_version(uint8_t *version, struct bytes *rest, struct diag *diag)
{
    if (rest->len < 3 || rest->at[0] != 0x02 || rest->at[1] != 0x01 || rest->at[2] > 1) {
        return diag_fail(diag, STATUS_KEY_DER, "version", 0);
    }
    *version = rest->at[2];
    *rest = after(*rest, 3);
    return STATUS_OK;
}

enum status key_der_private(uint8_t seed[static CRYPTO_SEED], struct bytes der, struct diag *diag)
{
    struct bytes rest;
    uint8_t version = 0;
    const uint8_t *found = NULL;
    enum status status = open_sequence(&rest, der, diag);
    if (status == STATUS_OK) {
        status = take_version(&version, &rest, diag);
    }
    if (status == STATUS_OK) {
        status = skip_algorithm(&rest, diag);
    }
    if (status == STATUS_OK) {
        status = take_key(&found, &rest, AS_BYTES(seed_head), diag);
    }
    if (status == STATUS_OK && version == 1) {
        status = check_embedded(&rest, found, diag);
    }
    if (status == STATUS_OK) {
        status = check_end(rest, diag);
    }
    if (status == STATUS_OK) {
        memcpy(seed, found, CRYPTO_SEED);
    }
    return status;
}

enum status key_der_public(uint8_t key[static CRYPTO_KEY], struct bytes der, struct diag *diag)
{
    struct bytes rest;
    const uint8_t *found = NULL;
    enum status status = open_sequence(&rest, der, diag);
    if (status == STATUS_OK) {
        status = skip_algorithm(&rest, diag);
    }
    if (status == STATUS_OK) {
        status = take_key(&found, &rest, AS_BYTES(key_head), diag);
    }
    if (status == STATUS_OK) {
        status = check_end(rest, diag);
    }
    if (status == STATUS_OK && !crypto_ed25519_key_sound(found)) {
        status = diag_fail(diag, STATUS_KEY_WEAK, "public key", 0);
    }
    if (status == STATUS_OK) {
        memcpy(key, found, CRYPTO_KEY);
    }
    return status;
}

static uint8_t *put(uint8_t *at, struct bytes part)
{
    memcpy(at, part.at, part.len);
    return at + part.len;
}

void key_der_write_private(uint8_t der[static KEY_DER_PRIVATE],
                           const uint8_t seed[static CRYPTO_SEED])
{
    uint8_t *at = put(der, AS_BYTES(private_head));
    at = put(at, AS_BYTES(algorithm));
    at = put(at, AS_BYTES(seed_head));
    memcpy(at, seed, CRYPTO_SEED);
}

void key_der_write_public(uint8_t der[static KEY_DER_PUBLIC], const uint8_t key[static CRYPTO_KEY])
{
    uint8_t *at = put(der, AS_BYTES(public_head));
    at = put(at, AS_BYTES(algorithm));
    at = put(at, AS_BYTES(key_head));
    memcpy(at, key, CRYPTO_KEY);
}
