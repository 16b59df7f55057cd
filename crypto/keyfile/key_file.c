// SPDX-License-Identifier: BSD-2-Clause
#include "key_file.h"

#include "key_comment.h"
#include "key_der.h"
#include "key_pem.h"

enum { MODE_OTHERS = 077 }; // group and others, any access

static const char private_label[] = "PRIVATE KEY";
static const char public_label[] = "PUBLIC KEY";

enum status key_file_private(uint8_t seed[static CRYPTO_SEED], struct bytes file, struct diag *diag)
{
    struct key_pem pem;
    enum status status = key_pem_read(&pem, file, private_label, diag);
    if (status == STATUS_OK) {
        status = key_der_private(seed, (struct bytes){pem.content, pem.len}, diag);
    }
    crypto_wipe(&pem, sizeof pem);
    return status;
}

enum status key_file_public(uint8_t key[static CRYPTO_KEY], struct bytes file, struct diag *diag)
{
    struct key_pem pem;
    if (key_comment_is(file)) {
        return key_comment_public(key, file, diag);
    }
    enum status status = key_pem_read(&pem, file, public_label, diag);
    if (status != STATUS_OK) {
        return status;
    }
    return key_der_public(key, (struct bytes){pem.content, pem.len}, diag);
}

enum status key_file_signature(uint8_t signature[static CRYPTO_SIGNATURE], struct bytes file,
                               struct diag *diag)
{
    if (key_comment_is(file)) {
        return key_comment_signature(signature, file, diag);
    }
    if (file.len != CRYPTO_SIGNATURE) {
        return diag_fail(diag, STATUS_KEY_LENGTH, "signature", file.len);
    }
    memcpy(signature, file.at, CRYPTO_SIGNATURE);
    return STATUS_OK;
}

enum status key_file_mode(uint32_t mode, struct diag *diag)
{
    if ((mode & MODE_OTHERS) != 0) {
        return diag_fail(diag, STATUS_KEY_PERMISSIONS, "file mode", mode & 07777);
    }
    return STATUS_OK;
}

void key_file_write_private(struct text *out, const uint8_t seed[static CRYPTO_SEED])
{
    uint8_t der[KEY_DER_PRIVATE];
    key_der_write_private(der, seed);
    key_pem_write(out, private_label, (struct bytes){der, sizeof der});
    crypto_wipe(der, sizeof der);
}

void key_file_write_public(struct text *out, const uint8_t key[static CRYPTO_KEY])
{
    uint8_t der[KEY_DER_PUBLIC];
    key_der_write_public(der, key);
    key_pem_write(out, public_label, (struct bytes){der, sizeof der});
}
