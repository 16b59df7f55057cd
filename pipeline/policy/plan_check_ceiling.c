// SPDX-License-Identifier: BSD-2-Clause
#include "name.h"
#include "plan_check_parts.h"

static const struct trust_ceiling *ceiling_of(const struct verified *verified, size_t key)
{
    bool signs = key < verified->trust->key_count && verified->decision.signers >> key & 1;
    return signs ? verified->trust->keys[key].ceiling : NULL;
}

static bool grants_peer(const struct trust_ceiling *c, struct bytes package)
{
    bool granted = false;
    for (size_t i = 0; i < c->endpoint_count; i++) {
        granted = granted || name_matches(c->endpoints[i], package);
    }
    return granted;
}

// Each number needs enough keys of its own: they need not be the same ones.
bool plan_check_ceiling(const struct policy_instance *instance, const struct plan_target *target)
{
    uint32_t memory = 0, radix = 0, threads = 0, priority = 0, max_priority = 0;
    uint32_t least = instance->verified->decision.rule->threshold;
    for (size_t key = 0; key < BOUND_KEYS; key++) {
        const struct trust_ceiling *c = ceiling_of(instance->verified, key);
        if (c != NULL) {
            memory += 1ULL << target->untyped_bits <= c->memory;
            radix += target->cnode_bits <= c->cnode_bits;
            threads += c->threads >= 1;
            priority += target->priority <= c->priority_max;
            max_priority += target->max_priority <= c->priority_max;
        }
    }
    return least != 0 && memory >= least && radix >= least && threads >= least &&
           priority >= least && max_priority >= least;
}

uint64_t plan_check_ceiling_keys(const struct verified *verified, const struct manifest_cap *cap)
{
    uint64_t keys = 0;
    for (size_t key = 0; key < BOUND_KEYS; key++) {
        const struct trust_ceiling *c = ceiling_of(verified, key);
        if (c != NULL && grants_peer(c, cap->peer.package)) {
            keys |= 1ULL << key;
        }
    }
    return cap->owner ? verified->decision.signers : keys;
}

bool plan_check_ceiling_enough(const struct verified *verified, uint64_t keys)
{
    uint32_t count = 0;
    for (size_t key = 0; key < BOUND_KEYS; key++) {
        count += (keys >> key & 1) != 0;
    }
    return count != 0 && count >= verified->decision.rule->threshold;
}
