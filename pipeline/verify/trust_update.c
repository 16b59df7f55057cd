// SPDX-License-Identifier: BSD-2-Clause
#include "trust_update.h"

#include "text.h"

void trust_update_message(uint8_t out[static TRUST_UPDATE_MESSAGE], struct bytes text,
                          uint64_t counter, const uint8_t key[static CRYPTO_KEY])
{
    struct bytes domain = bytes_text("kpkg.v1.sig.policy");
    memset(out, 0, TRUST_UPDATE_MESSAGE);
    memcpy(out, domain.at, domain.len);
    crypto_blake2b(out + PACKAGE_DIGEST_MESSAGE_ID,
                   (struct crypto_domain){"kpkg.v1.policy", counter, 0}, text);
    memcpy(out + PACKAGE_DIGEST_MESSAGE_KEY, key, CRYPTO_KEY);
}

static struct bytes record_at(struct bytes signatures, size_t i)
{
    return bytes_part(signatures, i * PACKAGE_SLOT, PACKAGE_SLOT);
}

static enum status check_order(struct bytes signatures, size_t i)
{
    if (i == 0) {
        return STATUS_OK;
    }
    int order = memcmp(record_at(signatures, i - 1).at, record_at(signatures, i).at, CRYPTO_KEY);
    return order < 0 ? STATUS_OK : order == 0 ? STATUS_SIG_DUPLICATE : STATUS_SIG_ORDER;
}

static enum status check_record(const struct trust *next, struct bytes text, struct bytes record)
{
    uint8_t message[TRUST_UPDATE_MESSAGE];
    trust_update_message(message, text, next->counter, record.at);
    struct bytes signed_bytes = {message, sizeof message};
    return crypto_ed25519_verify(record.at + CRYPTO_KEY, signed_bytes, record.at);
}

enum status trust_update_signatures(const struct trust *next, struct bytes text,
                                    struct bytes signatures, struct diag *diag)
{
    size_t count = signatures.len / PACKAGE_SLOT;
    if (signatures.len % PACKAGE_SLOT != 0 || count > BOUND_KEYS) {
        return diag_fail(diag, STATUS_POLICY_SIGNATURE, "not records of 96 bytes, at most 64", 0);
    }
    for (size_t i = 0; i < count; i++) {
        enum status status = check_order(signatures, i);
        if (status == STATUS_OK) {
            status = check_record(next, text, record_at(signatures, i));
        }
        if (status != STATUS_OK) {
            return diag_fail(diag, status, "signature record", i);
        }
    }
    return STATUS_OK;
}

static bool may_sign(const struct trust *trust, size_t key)
{
    return (trust->root_keys >> key & 1) != 0 && trust->keys[key].state == TRUST_ACTIVE;
}

uint64_t trust_update_signers(const struct trust *trust, struct bytes signatures)
{
    uint64_t signers = 0;
    for (size_t i = 0; i < signatures.len / PACKAGE_SLOT; i++) {
        const uint8_t *signer = record_at(signatures, i).at;
        for (size_t k = 0; k < trust->key_count; k++) {
            bool same = memcmp(signer, trust->keys[k].key, CRYPTO_KEY) == 0;
            signers |= (uint64_t)(same && may_sign(trust, k)) << k;
        }
    }
    return signers;
}

// One of the two files whose root keys have to agree.
struct side {
    const struct trust *trust;
    const char *file;
    const char *missing;
};

// The subject: ids of those that could sign and have not.
static enum status fail_short(const struct side *side, uint64_t signers, size_t lacking,
                              struct diag *diag)
{
    char ids[DIAG_SUBJECT];
    struct text t = text_of(ids, sizeof ids);
    for (size_t k = 0; k < side->trust->key_count; k++) {
        if (may_sign(side->trust, k) && (signers >> k & 1) == 0) {
            text_put(&t, t.len == 0 ? "" : " ");
            text_put_bytes(&t, side->trust->keys[k].id);
        }
    }
    diag_fail(diag, STATUS_POLICY_SIGNATURE, side->missing, lacking);
    diag_detail(diag, side->trust->root_threshold);
    diag_subject(diag, text_bytes(&t));
    return STATUS_POLICY_SIGNATURE;
}

// A trust file without root keys can be neither replaced nor a replacement.
static enum status check_root(const struct side *side, struct bytes signatures, struct diag *diag)
{
    uint64_t signers = trust_update_signers(side->trust, signatures);
    size_t count = 0;
    for (size_t k = 0; k < BOUND_KEYS; k++) {
        count += signers >> k & 1;
    }
    if (side->trust->root_threshold == 0) {
        return diag_fail(diag, STATUS_POLICY_NO_ROOT, side->file, 0);
    }
    if (count < side->trust->root_threshold) {
        return fail_short(side, signers, side->trust->root_threshold - count, diag);
    }
    return STATUS_OK;
}

enum status trust_update_check(const struct trust *next, struct bytes text, struct bytes signatures,
                               const struct trust *now, struct diag *diag)
{
    const struct side old = {now, "the file in use", "root keys in use still to sign:"};
    const struct side new = {next, "the new file", "root keys of the new file still to sign:"};
    enum status status = trust_update_signatures(next, text, signatures, diag);
    if (status == STATUS_OK) {
        status = check_root(&old, signatures, diag);
    }
    if (status == STATUS_OK) {
        status = check_root(&new, signatures, diag);
    }
    if (status == STATUS_OK && next->counter <= now->counter) {
        diag_fail(diag, STATUS_POLICY_ROLLBACK, "counter", next->counter);
        diag_detail(diag, now->counter);
        return STATUS_POLICY_ROLLBACK;
    }
    return status;
}
