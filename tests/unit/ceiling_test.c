// SPDX-License-Identifier: BSD-2-Clause

// Laws of ceilings, over random manifests, ceilings and sets of signers: another signature, or a
// wider ceiling, never takes anything away, so leaving one out never adds anything. And the checker
// reads the rules as the compiler does.

#include "compile_ceiling.h"
#include "plan_check_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 5, CAPS = 6, RUNS = 20000, CNODE_BITS = 4 };

static uint64_t seed;

// splitmix64
static uint64_t random_below(uint64_t end)
{
    seed += 0x9e3779b97f4a7c15U;
    uint64_t z = seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return (z ^ z >> 31) % end;
}

static bool coin(void)
{
    return random_below(2) != 0;
}

// One package and what its keys may grant.
struct world {
    struct manifest manifest;
    struct manifest_cap caps[CAPS];
    struct trust trust;
    struct trust_key keys[KEYS];
    struct trust_ceiling ceilings[KEYS];
    struct bytes endpoints[KEYS][2];
    uint32_t irqs[KEYS][3];
    struct trust_ports ports[KEYS][2];
    struct trust_rule rule;
    struct verified verified;
    struct policy_instance instance;
    struct plan_target target;
};

static struct bytes random_peer(void)
{
    static const char *const peers[] = {"a.x", "a.y", "b", "kpkg.root"};
    return bytes_text(peers[random_below(4)]);
}

static struct bytes random_pattern(void)
{
    static const char *const patterns[] = {"a.x", "a.*", "b", "kpkg.root", "*"};
    return bytes_text(patterns[random_below(5)]);
}

static struct manifest_cap random_cap(void)
{
    static const enum manifest_role roles[] = {MANIFEST_SERVE, MANIFEST_WAIT,  MANIFEST_OWN,
                                               MANIFEST_DRIVE, MANIFEST_DRIVE, MANIFEST_DRIVE};
    struct manifest_cap cap = {.kind = (enum manifest_kind)random_below(6), .owner = true};
    cap.role = roles[cap.kind];
    cap.size.value = random_below(4) * BOUND_PAGE;
    cap.at.value = random_below(6);
    cap.last.value = cap.at.value + random_below(3);
    if (cap.kind <= MANIFEST_REGION && coin()) {
        cap.owner = false;
        cap.role = cap.kind == MANIFEST_ENDPOINT ? MANIFEST_CALL : cap.role;
        cap.role = cap.kind == MANIFEST_REGION ? MANIFEST_MAP : cap.role;
        cap.peer.package = random_peer();
    }
    return cap;
}

static void random_ceiling(struct world *w, size_t key)
{
    struct trust_ceiling *c = &w->ceilings[key];
    *c = (struct trust_ceiling){
        .memory = 16384 * (1 + random_below(3)),
        .cnode_bits = (uint32_t)(CNODE_BITS - 1 + random_below(3)),
        .threads = (uint32_t)random_below(4),
        .priority_max = (uint32_t)(99 + random_below(3)),
        .endpoints = w->endpoints[key],
        .endpoint_count = random_below(3),
        .irqs = w->irqs[key],
        .irq_count = random_below(4),
        .ports = w->ports[key],
        .port_count = random_below(3),
        .dma = coin(),
    };
    for (size_t i = 0; i < 2; i++) {
        w->endpoints[key][i] = random_pattern();
        w->ports[key][i].first = (uint16_t)random_below(6);
        w->ports[key][i].last = (uint16_t)(w->ports[key][i].first + random_below(6));
    }
    for (size_t i = 0; i < 3; i++) {
        w->irqs[key][i] = (uint32_t)random_below(6);
    }
}

static void random_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->manifest.caps = w->caps;
    w->manifest.cap_count = random_below(CAPS + 1);
    w->manifest.memory.limit.value = 16384;
    w->manifest.cpu.priority.value = 100;
    w->manifest.cpu.max_priority.value = random_below(2);
    for (size_t i = 0; i < w->manifest.cap_count; i++) {
        w->caps[i] = random_cap();
    }
    for (size_t key = 0; key < KEYS; key++) {
        random_ceiling(w, key);
        w->keys[key].ceiling = random_below(8) != 0 ? &w->ceilings[key] : NULL;
    }
    w->rule.threshold = (uint32_t)(1 + random_below(2));
    for (size_t i = 0; i < TRUST_CLASSES; i++) {
        w->rule.threshold_for[i] = w->rule.threshold + (uint32_t)random_below(2);
    }
    w->trust = (struct trust){.keys = w->keys, .key_count = KEYS};
    w->verified.trust = &w->trust;
    w->verified.decision.rule = &w->rule;
    w->verified.decision.signers = random_below(1U << KEYS);
    w->instance.verified = &w->verified;
    w->instance.manifest = &w->manifest;
    w->target = (struct plan_target){.untyped_bits = 14,
                                     .cnode_bits = CNODE_BITS,
                                     .priority = 100,
                                     .max_priority = (uint8_t)w->manifest.cpu.max_priority.value};
}

static bool is_granted(const struct world *w)
{
    struct diag diag = {0};
    enum status status = compile_ceiling(&w->instance, CNODE_BITS, &diag);
    assert_int_equal(status, diag.status);
    assert_true(status == STATUS_OK || status == STATUS_CEILING ||
                status == STATUS_CEILING_THRESHOLD);
    // Who falls short has signed.
    assert_true((diag.detail & ~w->verified.decision.signers) == 0);
    return status == STATUS_OK;
}

static void keys_of_caps(uint64_t keys[CAPS], const struct world *w)
{
    for (size_t i = 0; i < w->manifest.cap_count; i++) {
        keys[i] = compile_ceiling_signers(&w->instance, &w->caps[i]);
    }
}

// Nothing that was there before is gone.
static void expect_no_less(const struct world *w, bool granted, const uint64_t before[CAPS])
{
    uint64_t after[CAPS];
    keys_of_caps(after, w);
    assert_true(!granted || is_granted(w));
    for (size_t i = 0; i < w->manifest.cap_count; i++) {
        assert_true((before[i] & ~after[i]) == 0);
    }
}

static void widen(struct world *w, size_t key)
{
    struct trust_ceiling *c = &w->ceilings[key];
    switch (random_below(7)) {
    case 0:
        c->memory *= 2;
        break;
    case 1:
        c->cnode_bits++;
        break;
    case 2:
        c->threads++;
        break;
    case 3:
        c->priority_max++;
        break;
    case 4:
        c->endpoint_count += c->endpoint_count < 2;
        break;
    case 5:
        c->irq_count += c->irq_count < 3;
        c->dma = true;
        break;
    default:
        w->ports[key][0].last++;
    }
}

static void another_signature_takes_nothing_away(void **state)
{
    (void)state;
    static struct world w;
    unsigned granted_runs = 0, gained = 0;
    seed = 1;
    for (unsigned run = 0; run < RUNS; run++) {
        uint64_t before[CAPS];
        random_world(&w);
        bool granted = is_granted(&w);
        keys_of_caps(before, &w);
        w.verified.decision.signers |= UINT64_C(1) << random_below(KEYS);
        expect_no_less(&w, granted, before);
        granted_runs += granted;
        gained += !granted && is_granted(&w);
    }
    assert_true(granted_runs > RUNS / 100 && gained > RUNS / 200);
}

static void a_wider_ceiling_takes_nothing_away(void **state)
{
    (void)state;
    static struct world w;
    unsigned gained = 0;
    seed = 2;
    for (unsigned run = 0; run < RUNS; run++) {
        uint64_t before[CAPS];
        random_world(&w);
        bool granted = is_granted(&w);
        keys_of_caps(before, &w);
        widen(&w, random_below(KEYS));
        expect_no_less(&w, granted, before);
        gained += !granted && is_granted(&w);
    }
    assert_true(gained > RUNS / 1000);
}

static void the_checker_agrees(void **state)
{
    (void)state;
    static struct world w;
    seed = 3;
    for (unsigned run = 0; run < RUNS; run++) {
        random_world(&w);
        bool granted = plan_check_ceiling(&w.instance, &w.target);
        for (size_t i = 0; i < w.manifest.cap_count; i++) {
            uint64_t keys = plan_check_ceiling_keys(&w.verified, &w.caps[i]);
            assert_true(keys == compile_ceiling_signers(&w.instance, &w.caps[i]));
            bool enough = plan_check_ceiling_enough(&w.verified, &w.caps[i], keys);
            bool owner = w.caps[i].owner && w.caps[i].role != MANIFEST_DRIVE;
            granted = granted && (owner || enough);
        }
        assert_int_equal(granted, is_granted(&w));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_signature_takes_nothing_away),
        cmocka_unit_test(a_wider_ceiling_takes_nothing_away),
        cmocka_unit_test(the_checker_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
