// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Key and signature files of the tools that people have: openssl, signify, minisign
// (spec/package.md 8). The form is found by the content, never by the file's name.

#include "crypto.h"
#include "diag.h"
#include "text.h"

// Room for the largest file that is written.
enum { KEY_FILE_MAX = 256 };

// PEM "PRIVATE KEY". The caller wipes `seed`.
MUST_CHECK enum status key_file_private(uint8_t seed[static CRYPTO_SEED], struct bytes file,
                                        struct diag *diag);

// PEM "PUBLIC KEY", or a public key of signify or minisign.
MUST_CHECK enum status key_file_public(uint8_t key[static CRYPTO_KEY], struct bytes file,
                                       struct diag *diag);

// 64 raw bytes (openssl pkeyutl), or a signature of signify or minisign -l. Not verified here.
MUST_CHECK enum status key_file_signature(uint8_t signature[static CRYPTO_SIGNATURE],
                                          struct bytes file, struct diag *diag);

// Refuses the mode bits of a private key's file that others than its owner may read or write.
// Error: KEY_PERMISSIONS.
MUST_CHECK enum status key_file_mode(uint32_t mode, struct diag *diag);

// What openssl writes for the same key, byte for byte.
void key_file_write_private(struct text *out, const uint8_t seed[static CRYPTO_SEED]);
void key_file_write_public(struct text *out, const uint8_t key[static CRYPTO_KEY]);
