// SPDX-License-Identifier: BSD-2-Clause

// Trust files: what trust_read accepts keeps every rule of spec/package.md 7.

#include "trust.h"
#include "name.h"

#include "fuzz.h"

static void check_key(const struct trust *t, const struct trust_key *key)
{
    FUZZ_CHECK(name_is_label(key->id) && crypto_ed25519_key_sound(key->key));
    FUZZ_CHECK(key->name_count > 0 && key->counter_low <= key->counter_high);
    FUZZ_CHECK(key->ceiling == NULL ||
               (key->ceiling >= t->ceilings && key->ceiling < t->ceilings + t->ceiling_count));
    for (size_t i = 0; i < key->name_count; i++) {
        FUZZ_CHECK(name_pattern_check(key->names[i], NULL) == STATUS_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static _Alignas(16) uint8_t memory[4 << 20];
    struct arena arena = arena_of(memory, sizeof memory);
    struct trust trust;
    struct diag diag = {0};
    enum status status = trust_read(&trust, (struct bytes){at, len}, &arena, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(diag.status == status && diag.what != NULL);
        return 0;
    }
    FUZZ_CHECK(trust.key_count >= 1 && trust.key_count <= BOUND_KEYS);
    FUZZ_CHECK(trust.rule_count >= 1 && trust.rule_count <= BOUND_RULES);
    for (size_t i = 0; i < trust.key_count; i++) {
        check_key(&trust, &trust.keys[i]);
    }
    for (size_t i = 0; i < trust.rule_count; i++) {
        FUZZ_CHECK(name_pattern_check(trust.rules[i].names, NULL) == STATUS_OK);
        FUZZ_CHECK(trust.rules[i].threshold >= 1 && trust.rules[i].threshold <= trust.key_count);
    }
    return 0;
}
