// SPDX-License-Identifier: BSD-2-Clause
#include "key_pem.h"

#include "base64.h"
#include "crypto.h"
#include "key_line.h"

enum { BODY_MAX = KEY_PEM_MAX / 3 * 4 }; // base64 digits

// "-----BEGIN LABEL-----": the label, empty when the line is no such boundary.
static struct bytes boundary_label(struct bytes line, const char *keyword)
{
    struct bytes dashes = bytes_text("-----");
    struct bytes word = bytes_text(keyword);
    size_t around = 2 * dashes.len + word.len;
    if (line.len <= around || !bytes_starts_with(line, dashes) ||
        !bytes_equal(bytes_part(line, line.len - dashes.len, dashes.len), dashes) ||
        !bytes_equal(bytes_part(line, dashes.len, word.len), word)) {
        return (struct bytes){line.at, 0};
    }
    return bytes_part(line, dashes.len + word.len, line.len - around);
}

static enum status check_begin(struct bytes line, const char *label, struct diag *diag)
{
    struct bytes found = boundary_label(line, "BEGIN ");
    if (bytes_is(found, label)) {
        return STATUS_OK;
    }
    bool encrypted = bytes_is(found, "ENCRYPTED PRIVATE KEY");
    diag_fail(diag, encrypted ? STATUS_KEY_ENCRYPTED : STATUS_KEY_PEM, "PEM label", 0);
    diag_subject(diag, found);
    return encrypted ? STATUS_KEY_ENCRYPTED : STATUS_KEY_PEM;
}

// Joins the lines up to the END line, which must close `label`.
static enum status take_body(struct text *body, struct bytes *rest, const char *label,
                             struct diag *diag)
{
    while (rest->len > 0) {
        struct bytes line = key_line_take(rest);
        if (line.len > 0 && line.at[0] == '-') {
            return bytes_is(boundary_label(line, "END "), label)
                       ? STATUS_OK
                       : diag_fail(diag, STATUS_KEY_PEM, "PEM end", 0);
        }
        text_put_bytes(body, line);
    }
    return diag_fail(diag, STATUS_KEY_PEM, "PEM end", 0);
}

enum status key_pem_read(struct key_pem *out, struct bytes file, const char *label,
                         struct diag *diag)
{
    char digits[BODY_MAX];
    struct text body = text_of(digits, sizeof digits);
    struct bytes rest = file;
    enum status status = check_begin(key_line_take(&rest), label, diag);
    if (status == STATUS_OK) {
        status = take_body(&body, &rest, label, diag);
    }
    if (status == STATUS_OK && rest.len > 0) {
        status = diag_fail(diag, STATUS_KEY_TRAILING, "file", file.len - rest.len);
    }
    if (status == STATUS_OK && body.cut) {
        status = diag_fail(diag, STATUS_KEY_LENGTH, "PEM body", 0);
    }
    if (status == STATUS_OK &&
        !base64_decode(out->content, sizeof out->content, &out->len, text_bytes(&body))) {
        status = diag_fail(diag, STATUS_KEY_BASE64, "PEM body", 0);
    }
    crypto_wipe(digits, sizeof digits);
    return status;
}

static void put_boundary(struct text *out, const char *keyword, const char *label)
{
    text_put(out, "-----");
    text_put(out, keyword);
    text_put(out, label);
    text_put(out, "-----\n");
}

// 48 bytes make a line of 64 digits.
void key_pem_write(struct text *out, const char *label, struct bytes der)
{
    put_boundary(out, "BEGIN ", label);
    for (size_t i = 0; i < der.len; i += 48) {
        size_t len = der.len - i < 48 ? der.len - i : 48;
        base64_encode(out, bytes_part(der, i, len));
        text_char(out, '\n');
    }
    put_boundary(out, "END ", label);
}
