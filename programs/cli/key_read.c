// SPDX-License-Identifier: BSD-2-Clause

// Key, payload and signature files, in the forms of key_file.h (spec/package.md, 8). What was read
// is wiped in all cases: any of these files may hold a private key by mistake.

#include "key_read.h"

#include "file.h"
#include "key_file.h"

enum { KEY_MAX = 65536 };

enum status key_read_private(uint8_t seed[static CRYPTO_SEED], const char *path, struct diag *diag)
{
    struct file_content file = {0};
    enum status status = file_read(&file, path, KEY_MAX, diag);
    if (status == STATUS_OK) {
        status = key_file_private(seed, file_bytes(&file), diag);
    }
    // Last: it is no use to protect what is no private key.
    if (status == STATUS_OK) {
        status = key_file_mode(file.mode, diag);
        if (status != STATUS_OK) {
            crypto_wipe(seed, CRYPTO_SEED);
        }
    }
    file_wipe(&file);
    return status;
}

// A file that is no public key may still hold one: a private key does.
static enum status public_part(uint8_t key[static CRYPTO_KEY], struct bytes file, struct diag *diag)
{
    uint8_t seed[CRYPTO_SEED];
    enum status status = key_file_private(seed, file, diag);
    if (status == STATUS_OK) {
        crypto_ed25519_public_key(key, seed);
        crypto_wipe(seed, sizeof(seed));
    }
    return status;
}

static bool contains(struct bytes text, const char *word)
{
    struct bytes wanted = bytes_text(word);
    for (size_t i = 0; i + wanted.len <= text.len; i++) {
        if (bytes_equal(bytes_part(text, i, wanted.len), wanted)) {
            return true;
        }
    }
    return false;
}

enum status key_read_public(uint8_t key[static CRYPTO_KEY], bool *secret, const char *path,
                            struct diag *diag)
{
    struct file_content file;
    enum status status = file_read(&file, path, KEY_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_private = contains(file_bytes(&file), "PRIVATE KEY-----");
    status = is_private ? public_part(key, file_bytes(&file), diag)
                        : key_file_public(key, file_bytes(&file), diag);
    file_wipe(&file);
    if (status == STATUS_OK) {
        *secret = is_private;
    }
    return status;
}

enum status key_read_payload(uint8_t payload[static PACKAGE_DIGEST_MESSAGE], const char *path,
                             struct diag *diag)
{
    struct file_content content;
    enum status status = file_read(&content, path, KEY_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (content.len == PACKAGE_DIGEST_MESSAGE) {
        memcpy(payload, content.at, PACKAGE_DIGEST_MESSAGE);
    } else {
        status = diag_fail(diag, STATUS_SIG_OTHER_PACKAGE, "payload length", content.len);
    }
    file_free(&content);
    return status;
}

enum status key_read_signature(uint8_t signature[static CRYPTO_SIGNATURE], const char *path,
                               struct diag *diag)
{
    struct file_content file;
    enum status status = file_read(&file, path, KEY_MAX, diag);
    if (status == STATUS_OK) {
        status = key_file_signature(signature, file_bytes(&file), diag);
        file_wipe(&file);
    }
    return status;
}
