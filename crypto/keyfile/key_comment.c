// SPDX-License-Identifier: BSD-2-Clause
#include "key_comment.h"

#include "base64.h"
#include "key_line.h"

enum {
    ALGORITHM = 2,
    KEY_NUMBER = 8,
    HEAD = ALGORITHM + KEY_NUMBER,
    RECORD_MAX = HEAD + CRYPTO_SIGNATURE,
};

bool key_comment_is(struct bytes file)
{
    return bytes_starts_with(file, bytes_text("untrusted comment:"));
}

// The record of the second line, which must have exactly `len` bytes; *rest is what follows it.
static enum status read_record(uint8_t record[static RECORD_MAX], size_t len, struct bytes *rest,
                               struct diag *diag)
{
    size_t found;
    (void)key_line_take(rest);
    struct bytes line = key_line_take(rest);
    if (line.len == 0) {
        return diag_fail(diag, STATUS_KEY_PEM, "second line", 0);
    }
    if (!base64_decode(record, RECORD_MAX, &found, line)) {
        return diag_fail(diag, STATUS_KEY_BASE64, "second line", 0);
    }
    if (found != len) {
        return diag_fail(diag, STATUS_KEY_LENGTH, "second line", found);
    }
    return STATUS_OK;
}

static bool has_algorithm(const uint8_t *record, const char *name)
{
    return bytes_is((struct bytes){record, ALGORITHM}, name);
}

enum status key_comment_public(uint8_t key[static CRYPTO_KEY], struct bytes file, struct diag *diag)
{
    uint8_t record[RECORD_MAX];
    struct bytes rest = file;
    enum status status = read_record(record, HEAD + CRYPTO_KEY, &rest, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (!has_algorithm(record, "Ed")) {
        return diag_fail(diag, STATUS_KEY_ALGORITHM, "second line", 0);
    }
    if (rest.len > 0) {
        return diag_fail(diag, STATUS_KEY_TRAILING, "file", file.len - rest.len);
    }
    if (!crypto_ed25519_key_sound(record + HEAD)) {
        return diag_fail(diag, STATUS_KEY_WEAK, "public key", 0);
    }
    memcpy(key, record + HEAD, CRYPTO_KEY);
    return STATUS_OK;
}

// Nothing, or minisign's trusted comment with its signature.
static bool ends_well(struct bytes rest)
{
    if (rest.len == 0) {
        return true;
    }
    struct bytes comment = key_line_take(&rest);
    struct bytes line = key_line_take(&rest);
    uint8_t global[CRYPTO_SIGNATURE];
    size_t len;
    return bytes_starts_with(comment, bytes_text("trusted comment: ")) &&
           base64_decode(global, sizeof global, &len, line) && len == sizeof global &&
           rest.len == 0;
}

enum status key_comment_signature(uint8_t signature[static CRYPTO_SIGNATURE], struct bytes file,
                                  struct diag *diag)
{
    uint8_t record[RECORD_MAX];
    struct bytes rest = file;
    enum status status = read_record(record, RECORD_MAX, &rest, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (has_algorithm(record, "ED")) {
        return diag_fail(diag, STATUS_SIG_PREHASHED, "second line", 0);
    }
    if (!has_algorithm(record, "Ed")) {
        return diag_fail(diag, STATUS_KEY_ALGORITHM, "second line", 0);
    }
    if (!ends_well(rest)) {
        return diag_fail(diag, STATUS_KEY_TRAILING, "file", file.len - rest.len);
    }
    memcpy(signature, record + HEAD, CRYPTO_SIGNATURE);
    return STATUS_OK;
}
