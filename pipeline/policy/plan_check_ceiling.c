// SPDX-License-Identifier: BSD-2-Clause
#include "name.h"
#include "plan_check_parts.h"

// Nothing is granted by fewer keys than the rule's threshold wants (spec/package.md, 6). A key
// counts only where it signed, and only for what its own ceiling covers.

static const struct trust_ceiling *ceiling_of(const struct verified *verified, size_t key)
{
    bool signs = key < verified->trust->key_count && verified->decision.signers >> key & 1;
    return signs ? verified->trust->keys[key].ceiling : NULL;
}

static bool grants_name(const struct bytes *patterns, size_t count, struct bytes package)
{
    bool granted = false;
    for (size_t i = 0; i < count; i++) {
        granted = granted || name_matches(patterns[i], package);
    }
    return granted;
}

// Each number needs enough keys of its own: they need not be the same ones.
bool plan_check_ceiling(const struct policy_instance *instance, const struct plan_target *target)
{
    uint32_t memory = 0, radix = 0, threads = 0, priority = 0, max_priority = 0;
    uint32_t least = instance->verified->decision.rule->threshold;
    uint64_t bytes = 1ULL << target->untyped_bits, wanted = 1;
    for (size_t i = 0; i < instance->manifest->cap_count; i++) {
        const struct manifest_cap *cap = &instance->manifest->caps[i];
        bytes += cap->role == MANIFEST_OWN ? cap->size.value : 0;
        wanted += cap->kind == MANIFEST_SPAWN ? cap->most.value : 0;
    }
    for (size_t key = 0; key < BOUND_KEYS; key++) {
        const struct trust_ceiling *c = ceiling_of(instance->verified, key);
        if (c != NULL) {
            memory += bytes <= c->memory;
            radix += target->cnode_bits <= c->cnode_bits;
            threads += c->threads >= wanted;
            priority += target->priority <= c->priority_max;
            max_priority += target->max_priority <= c->priority_max;
        }
    }
    return least != 0 && memory >= least && radix >= least && threads >= least &&
           priority >= least && max_priority >= least;
}

static bool grants_line(const struct trust_ceiling *c, uint64_t line)
{
    bool granted = false;
    for (size_t i = 0; i < c->irq_count; i++) {
        granted = granted || c->irqs[i] == line;
    }
    return granted;
}

static bool grants_ports(const struct trust_ceiling *c, uint64_t first, uint64_t last)
{
    bool granted = false;
    for (size_t i = 0; i < c->port_count; i++) {
        granted = granted || (c->ports[i].first <= first && c->ports[i].last >= last);
    }
    return granted;
}

static bool grants(const struct trust_ceiling *c, const struct manifest_cap *cap)
{
    switch (cap->kind) {
    case MANIFEST_IRQ:
        return grants_line(c, cap->at.value);
    case MANIFEST_IOPORT:
        return grants_ports(c, cap->at.value, cap->last.value);
    case MANIFEST_DEVICE:
        return c->dma;
    case MANIFEST_SPAWN:
        return grants_name(c->spawns, c->spawn_count, cap->peer.package);
    default:
        return grants_name(c->endpoints, c->endpoint_count, cap->peer.package);
    }
}

static bool is_hardware(const struct manifest_cap *cap)
{
    return cap->kind == MANIFEST_IRQ || cap->kind == MANIFEST_IOPORT ||
           cap->kind == MANIFEST_DEVICE;
}

uint64_t plan_check_ceiling_keys(const struct verified *verified, const struct manifest_cap *cap)
{
    uint64_t keys = 0;
    for (size_t key = 0; key < BOUND_KEYS; key++) {
        const struct trust_ceiling *c = ceiling_of(verified, key);
        if (c != NULL && grants(c, cap)) {
            keys |= 1ULL << key;
        }
    }
    return cap->owner && !is_hardware(cap) ? verified->decision.signers : keys;
}

static uint32_t least_for(const struct trust_rule *rule, const struct manifest_cap *cap)
{
    static const enum trust_class classes[] = {[MANIFEST_IRQ] = TRUST_IRQ,
                                               [MANIFEST_IOPORT] = TRUST_IOPORT,
                                               [MANIFEST_DEVICE] = TRUST_DMA};
    return is_hardware(cap) ? rule->threshold_for[classes[cap->kind]] : rule->threshold;
}

bool plan_check_ceiling_enough(const struct verified *verified, const struct manifest_cap *cap,
                               uint64_t keys)
{
    uint32_t count = 0;
    for (size_t key = 0; key < BOUND_KEYS; key++) {
        count += (keys >> key & 1) != 0;
    }
    return count != 0 && count >= least_for(verified->decision.rule, cap);
}
