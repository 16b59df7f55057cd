// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The two-line files of signify and minisign: "untrusted comment: ...", then base64 of algorithm[2]
// || key number[8] || payload. The key number is never used to find a key.

#include "crypto.h"
#include "diag.h"

// By its first words; what follows may still be refused.
bool key_comment_is(struct bytes file);

// Errors: KEY_PEM (no second line), KEY_BASE64, KEY_LENGTH, KEY_ALGORITHM, KEY_TRAILING, KEY_WEAK.
MUST_CHECK enum status key_comment_public(uint8_t key[static CRYPTO_KEY], struct bytes file,
                                          struct diag *diag);

// A signature of `signify -S` or `minisign -S -l`; minisign's trusted comment may follow and is not
// looked at. Errors as above, and SIG_PREHASHED for minisign's default mode.
MUST_CHECK enum status key_comment_signature(uint8_t signature[static CRYPTO_SIGNATURE],
                                             struct bytes file, struct diag *diag);
