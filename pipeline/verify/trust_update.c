// SPDX-License-Identifier: BSD-2-Clause
#include "trust_update.h"

void trust_update_message(uint8_t out[static TRUST_UPDATE_MESSAGE], struct bytes text,
                          uint64_t counter, const uint8_t key[static CRYPTO_KEY])
{
    struct bytes domain = bytes_text("kpkg.v1.sig.policy");
    memset(out, 0, TRUST_UPDATE_MESSAGE);
    memcpy(out, domain.at, domain.len);
    crypto_blake2b(out + 32, (struct crypto_domain){"kpkg.v1.policy", counter, 0}, text);
    memcpy(out + 64, key, CRYPTO_KEY);
}

static struct bytes record_at(struct bytes signatures, size_t i)
{
    return bytes_part(signatures, i * PACKAGE_SLOT, PACKAGE_SLOT);
}

static enum status check_record(const struct trust *next, struct bytes text, struct bytes record,
                                size_t index, struct diag *diag)
{
    uint8_t message[TRUST_UPDATE_MESSAGE];
    trust_update_message(message, text, next->counter, record.at);
    struct bytes signed_bytes = {message, sizeof message};
    if (crypto_ed25519_verify(record.at + CRYPTO_KEY, signed_bytes, record.at) != STATUS_OK) {
        return diag_fail(diag, STATUS_POLICY_SIGNATURE, "signature record", index);
    }
    return STATUS_OK;
}

static enum status check_records(const struct trust *next, struct bytes text,
                                 struct bytes signatures, struct diag *diag)
{
    size_t count = signatures.len / PACKAGE_SLOT;
    if (signatures.len % PACKAGE_SLOT != 0 || count > BOUND_KEYS) {
        return diag_fail(diag, STATUS_POLICY_SIGNATURE, "signature record", count);
    }
    for (size_t i = 0; i < count; i++) {
        struct bytes record = record_at(signatures, i);
        if (i > 0 && memcmp(record_at(signatures, i - 1).at, record.at, CRYPTO_KEY) >= 0) {
            return diag_fail(diag, STATUS_POLICY_SIGNATURE, "signature record", i);
        }
        enum status status = check_record(next, text, record, i, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

// The active root keys of `trust` that are among the records; they are distinct on both sides.
static size_t root_signers(const struct trust *trust, struct bytes signatures)
{
    size_t count = 0;
    for (size_t k = 0; k < trust->key_count; k++) {
        if ((trust->root_keys >> k & 1) == 0 || trust->keys[k].state != TRUST_ACTIVE) {
            continue;
        }
        for (size_t i = 0; i < signatures.len / PACKAGE_SLOT; i++) {
            count += memcmp(record_at(signatures, i).at, trust->keys[k].key, CRYPTO_KEY) == 0;
        }
    }
    return count;
}

// A trust file without root keys can be neither replaced nor a replacement.
static enum status check_root(const struct trust *trust, struct bytes signatures, struct diag *diag)
{
    size_t count = root_signers(trust, signatures);
    if (trust->root_threshold == 0 || count < trust->root_threshold) {
        diag_fail(diag, STATUS_POLICY_SIGNATURE, "root keys", count);
        diag_detail(diag, trust->root_threshold);
        return STATUS_POLICY_SIGNATURE;
    }
    return STATUS_OK;
}

enum status trust_update_check(const struct trust *next, struct bytes text, struct bytes signatures,
                               const struct trust *now, struct diag *diag)
{
    enum status status = check_records(next, text, signatures, diag);
    if (status == STATUS_OK) {
        status = check_root(now, signatures, diag);
    }
    if (status == STATUS_OK) {
        status = check_root(next, signatures, diag);
    }
    if (status == STATUS_OK && next->counter <= now->counter) {
        diag_fail(diag, STATUS_POLICY_ROLLBACK, "counter", next->counter);
        diag_detail(diag, now->counter);
        return STATUS_POLICY_ROLLBACK;
    }
    return status;
}
