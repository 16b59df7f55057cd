// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One PEM block (RFC 7468) and nothing else: LF or CR LF, canonical base64, no text around it.

#include "diag.h"
#include "text.h"

// Room for the content of any key that people have: RSA with 8192 bits needs less.
enum { KEY_PEM_MAX = 6144 };

struct key_pem {
    uint8_t content[KEY_PEM_MAX];
    size_t len;
};

// The decoded content of a file that is one block with this label. The caller wipes it when it is
// secret, also after a failure. Errors: KEY_ENCRYPTED, KEY_PEM (another label, or no block),
// KEY_BASE64, KEY_LENGTH, KEY_TRAILING.
MUST_CHECK enum status key_pem_read(struct key_pem *out, struct bytes file, const char *label,
                                    struct diag *diag);

// Appends the block, lines of 64 digits.
void key_pem_write(struct text *out, const char *label, struct bytes der);
