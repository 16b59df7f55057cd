// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Adding a signature to page 0: with the private key at hand, or made elsewhere (openssl, an HSM,
// signify, minisign -l) over the 96 bytes of the payload.

#include "package.h"
#include "package_digest.h"

// The payload for an offline signer with the public key `key`.
void package_sign_payload(uint8_t out[static PACKAGE_DIGEST_MESSAGE],
                          const uint8_t page0[static BOUND_PAGE],
                          const uint8_t key[static CRYPTO_KEY]);

// Signs and inserts. Errors: those of package_write_slot.
MUST_CHECK enum status package_sign(uint8_t page0[static BOUND_PAGE],
                                    const uint8_t seed[static CRYPTO_SEED], struct diag *diag);

// Inserts a signature over `payload` once it has been checked. Errors: SIG_OTHER_PACKAGE when the
// payload is not one of this package, those of crypto_ed25519_verify and of package_write_slot.
MUST_CHECK enum status package_sign_attach(uint8_t page0[static BOUND_PAGE],
                                           const uint8_t payload[static PACKAGE_DIGEST_MESSAGE],
                                           const uint8_t signature[static CRYPTO_SIGNATURE],
                                           struct diag *diag);
