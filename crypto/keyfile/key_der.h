// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Ed25519 keys in DER (RFC 8410, RFC 5958). Every accepted form has a fixed length and fixed bytes
// around the key, which are compared; nothing here is a general ASN.1 parser.

#include "crypto.h"
#include "diag.h"

enum { KEY_DER_PRIVATE = 48, KEY_DER_PUBLIC = 44 };

// PKCS#8 v1, or v2 with the public key, which must belong to the seed. Errors: KEY_DER,
// KEY_ALGORITHM, KEY_LENGTH, KEY_TRAILING, KEY_PUB_MISMATCH. `seed` is untouched on failure.
MUST_CHECK enum status key_der_private(uint8_t seed[static CRYPTO_SEED], struct bytes der,
                                       struct diag *diag);

// SubjectPublicKeyInfo. Errors as above, and KEY_WEAK.
MUST_CHECK enum status key_der_public(uint8_t key[static CRYPTO_KEY], struct bytes der,
                                      struct diag *diag);

// The forms that openssl writes: PKCS#8 v1 and SubjectPublicKeyInfo. A private one is the caller's
// to wipe.
void key_der_write_private(uint8_t der[static KEY_DER_PRIVATE],
                           const uint8_t seed[static CRYPTO_SEED]);
void key_der_write_public(uint8_t der[static KEY_DER_PUBLIC], const uint8_t key[static CRYPTO_KEY]);
