// SPDX-License-Identifier: BSD-2-Clause
#include "package_sign.h"

#include "package_write.h"

void package_sign_payload(uint8_t out[static PACKAGE_DIGEST_MESSAGE],
                          const uint8_t page0[static BOUND_PAGE],
                          const uint8_t key[static CRYPTO_KEY])
{
    uint8_t id[CRYPTO_DIGEST];
    package_digest_id(id, (struct bytes){page0, BOUND_PAGE});
    package_digest_message(out, id, key);
}

enum status package_sign(uint8_t page0[static BOUND_PAGE], const uint8_t seed[static CRYPTO_SEED],
                         struct diag *diag)
{
    struct package_slot slot;
    uint8_t payload[PACKAGE_DIGEST_MESSAGE];
    crypto_ed25519_public_key(slot.key, seed);
    package_sign_payload(payload, page0, slot.key);
    crypto_ed25519_sign(slot.signature, (struct bytes){payload, sizeof payload}, seed);
    return package_write_slot(page0, &slot, diag);
}

enum status package_sign_attach(uint8_t page0[static BOUND_PAGE],
                                const uint8_t payload[static PACKAGE_DIGEST_MESSAGE],
                                const uint8_t signature[static CRYPTO_SIGNATURE], struct diag *diag)
{
    struct package_slot slot;
    uint8_t ours[PACKAGE_DIGEST_MESSAGE];
    memcpy(slot.key, payload + PACKAGE_DIGEST_MESSAGE_KEY, CRYPTO_KEY);
    memcpy(slot.signature, signature, CRYPTO_SIGNATURE);
    package_sign_payload(ours, page0, slot.key);
    if (memcmp(ours, payload, sizeof ours) != 0) {
        return diag_fail(diag, STATUS_SIG_OTHER_PACKAGE, "payload", 0);
    }
    enum status status =
        crypto_ed25519_verify(signature, (struct bytes){ours, sizeof ours}, slot.key);
    if (status != STATUS_OK) {
        return diag_fail(diag, status, "signature", 0);
    }
    return package_write_slot(page0, &slot, diag);
}
