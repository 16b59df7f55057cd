// SPDX-License-Identifier: BSD-2-Clause
#include "trust.h"

#include "name.h"
#include "number.h"

// The keys that count are those left after three sieves, applied one after the other to the listed
// signers. A sieve refuses the package only when it leaves no key at all, so that a signature by a
// useless key changes nothing: the decision is monotone in the signatures.
struct sieve {
    bool (*keeps)(const struct trust_key *key, const struct package *package);
    enum status status; // when nothing is kept
};

static bool not_revoked(const struct trust_key *key, const struct package *package)
{
    (void)package;
    return key->state != TRUST_REVOKED;
}

static bool in_scope(const struct trust_key *key, const struct package *package)
{
    for (size_t i = 0; i < key->name_count; i++) {
        if (name_matches(key->names[i], package_name(package))) {
            return true;
        }
    }
    return false;
}

static bool in_window(const struct trust_key *key, const struct package *package)
{
    return package->counter >= key->counter_low && package->counter <= key->counter_high;
}

static bool has_signed(const struct package *package, const uint8_t key[static CRYPTO_KEY])
{
    for (size_t i = 0; i < package->slot_count; i++) {
        if (memcmp(package->slots[i].key, key, CRYPTO_KEY) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t listed_signers(const struct trust *trust, const struct package *package)
{
    uint64_t set = 0;
    for (size_t i = 0; i < trust->key_count; i++) {
        if (has_signed(package, trust->keys[i].key)) {
            set |= UINT64_C(1) << i;
        }
    }
    return set;
}

static const struct sieve sieves[] = {
    {not_revoked, STATUS_KEY_REVOKED},
    {in_scope, STATUS_KEY_SCOPE},
    {in_window, STATUS_KEY_WINDOW},
};

// Drops keys from `set`. When none is left, the first that was dropped is the diag's subject.
static enum status sift(uint64_t *set, const struct sieve *sieve, const struct package *package,
                        const struct trust *trust, struct diag *diag)
{
    uint64_t kept = 0;
    const struct trust_key *dropped = NULL;
    for (size_t i = 0; i < trust->key_count; i++) {
        const struct trust_key *key = &trust->keys[i];
        if ((*set >> i & 1) == 0) {
            continue;
        }
        if (sieve->keeps(key, package)) {
            kept |= UINT64_C(1) << i;
        } else if (dropped == NULL) {
            dropped = key;
        }
    }
    if (kept == 0 && dropped != NULL) {
        return diag_fail_about(diag, sieve->status, "signing key", package->counter, dropped->id);
    }
    *set = kept;
    return STATUS_OK;
}

static enum status find_signers(uint64_t *out, const struct package *package,
                                const struct trust *trust, struct diag *diag)
{
    uint64_t set = listed_signers(trust, package);
    if (set == 0) {
        return diag_fail(diag, STATUS_SIGNER_UNKNOWN, "signatures", package->slot_count);
    }
    for (size_t i = 0; i < sizeof sieves / sizeof sieves[0]; i++) {
        enum status status = sift(&set, &sieves[i], package, trust, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *out = set;
    return STATUS_OK;
}

// The most specific rule; two rules with one rank cannot both match, for they would be equal.
static const struct trust_rule *find_rule(const struct trust *trust, struct bytes name)
{
    const struct trust_rule *best = NULL;
    for (size_t i = 0; i < trust->rule_count; i++) {
        const struct trust_rule *rule = &trust->rules[i];
        if (name_matches(rule->names, name) &&
            (best == NULL || name_pattern_rank(rule->names) > name_pattern_rank(best->names))) {
            best = rule;
        }
    }
    return best;
}

static enum status check_threshold(const struct trust_decision *decision, struct diag *diag)
{
    if (decision->signer_count >= decision->rule->threshold) {
        return STATUS_OK;
    }
    return diag_fail_detail(diag, STATUS_THRESHOLD, "signing keys", decision->signer_count,
                            decision->rule->threshold);
}

static enum status check_floor(const struct trust_rule *rule, const struct package *package,
                               const struct high_water *marks, struct diag *diag)
{
    uint64_t mark = marks == NULL ? 0 : high_water_of(marks, package_name(package));
    uint64_t floor = rule->floor > mark ? rule->floor : mark;
    if (package->counter >= floor) {
        return STATUS_OK;
    }
    return diag_fail_detail(diag, STATUS_ROLLBACK, "counter", package->counter, floor);
}

static enum status check_denied(const struct package *package, const struct trust *trust,
                                struct diag *diag)
{
    for (size_t i = 0; i < trust->denied_count; i++) {
        if (memcmp(trust->denied[i], package->id, CRYPTO_DIGEST) == 0) {
            return diag_fail(diag, STATUS_PACKAGE_DENIED, "deny list", i);
        }
    }
    return STATUS_OK;
}

enum status trust_decide(struct trust_decision *out, const struct package *package,
                         const struct trust *trust, struct diag *diag)
{
    struct trust_decision decision = {0};
    enum status status = find_signers(&decision.signers, package, trust, diag);
    if (status != STATUS_OK) {
        return status;
    }
    decision.signer_count = number_ones(decision.signers);
    decision.rule = find_rule(trust, package_name(package));
    if (decision.rule == NULL) {
        return diag_fail_about(diag, STATUS_NO_RULE, "name", 0, package_name(package));
    }
    status = check_threshold(&decision, diag);
    if (status == STATUS_OK) {
        status = check_floor(decision.rule, package, trust->marks, diag);
    }
    if (status == STATUS_OK) {
        status = check_denied(package, trust, diag);
    }
    if (status == STATUS_OK) {
        *out = decision;
    }
    return status;
}
