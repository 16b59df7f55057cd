// SPDX-License-Identifier: BSD-2-Clause
#include "trust.h"

#include "support/fixture.h"
#include "support/trust_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct trust_fixture t;

// The example of spec/package.md.
static const char example[] = "schema = 1\n"
                              "counter = 7\n"
                              "deny = [\"@#\"]\n"
                              "[root]\n"
                              "keys = [\"ops-a\", \"ops-b\"]\n"
                              "threshold = 2\n"
                              "[[key]]\n"
                              "id = \"ops-a\"\n"
                              "ed25519 = \"@a\"\n"
                              "names = [\"*\"]\n"
                              "[[key]]\n"
                              "id = \"ops-b\"\n"
                              "ed25519 = \"@b\"\n"
                              "state = \"retired\"\n"
                              "names = [\"*\"]\n"
                              "counters = [0, 12]\n"
                              "[[key]]\n"
                              "id = \"netvendor-2026\"\n"
                              "ed25519 = \"@c\"\n"
                              "state = \"active\"\n"
                              "names = [\"net.*\", \"net\"]\n"
                              "counters = [3, 4000]\n"
                              "ceiling = \"net-driver\"\n"
                              "[[rule]]\n"
                              "names = \"net.driver.*\"\n"
                              "threshold = 1\n"
                              "threshold-for = { irq = 2, ioport = 3, dma = 2 }\n"
                              "floor = 12\n"
                              "[[rule]]\n"
                              "names = \"*\"\n"
                              "threshold = 2\n"
                              "[ceiling.net-driver]\n"
                              "memory = \"8MiB\"\n"
                              "cnode-bits = 8\n"
                              "threads = 4\n"
                              "priority-max = 120\n"
                              "endpoints = [\"net.*\", \"kpkg.root\"]\n"
                              "irq = [10, 11]\n"
                              "ioport = [\"0xc000-0xc03f\", \"0x60-0x60\"]\n"
                              "dma = true\n";

static void every_value_is_read(void **state)
{
    (void)state;
    struct diag diag = {0};
    uint8_t key[CRYPTO_KEY];
    assert_int_equal(trust_fixture_read(&t, example, &diag), STATUS_OK);
    const struct trust *trust = &t.trust;
    assert_int_equal(trust->counter, 7);
    assert_int_equal(trust->root_keys, 3);
    assert_int_equal(trust->root_threshold, 2);
    assert_int_equal(trust->denied_count, 1);
    assert_int_equal(trust->key_count, 3);
    assert_int_equal(trust->keys[0].counter_high, UINT64_MAX);
    assert_int_equal(trust->keys[1].state, TRUST_RETIRED);
    const struct trust_key *vendor = &trust->keys[2];
    fixture_key(key, 'c');
    assert_memory_equal(vendor->key, key, sizeof key);
    assert_true(bytes_is(vendor->id, "netvendor-2026"));
    assert_int_equal(vendor->name_count, 2);
    assert_true(bytes_is(vendor->names[1], "net"));
    assert_int_equal(vendor->counter_low, 3);
    assert_int_equal(vendor->counter_high, 4000);
    assert_int_equal(trust->rule_count, 2);
    assert_int_equal(trust->rules[0].floor, 12);
    assert_int_equal(trust->rules[0].threshold_for[TRUST_IRQ], 2);
    assert_int_equal(trust->rules[0].threshold_for[TRUST_IOPORT], 3);
    assert_int_equal(trust->rules[1].threshold_for[TRUST_DMA], 2);
}

static void a_ceiling_is_read(void **state)
{
    (void)state;
    assert_int_equal(trust_fixture_read(&t, example, NULL), STATUS_OK);
    assert_int_equal(t.trust.ceiling_count, 1);
    const struct trust_ceiling *ceiling = t.trust.keys[2].ceiling;
    assert_ptr_equal(ceiling, &t.trust.ceilings[0]);
    assert_null(t.trust.keys[0].ceiling);
    assert_true(bytes_is(ceiling->name, "net-driver"));
    assert_int_equal(ceiling->memory, 8 << 20);
    assert_int_equal(ceiling->cnode_bits, 8);
    assert_int_equal(ceiling->threads, 4);
    assert_int_equal(ceiling->priority_max, 120);
    assert_int_equal(ceiling->endpoint_count, 2);
    assert_true(bytes_is(ceiling->endpoints[1], "kpkg.root"));
    assert_int_equal(ceiling->irq_count, 2);
    assert_int_equal(ceiling->irqs[1], 11);
    assert_int_equal(ceiling->port_count, 2);
    assert_int_equal(ceiling->ports[0].first, 0xc000);
    assert_int_equal(ceiling->ports[0].last, 0xc03f);
    assert_int_equal(ceiling->ports[1].last, 0x60);
    assert_true(ceiling->dma);
}

static void a_full_arena_is_no_memory(void **state)
{
    (void)state;
    static _Alignas(16) uint8_t memory[65536];
    struct trust trust;
    struct trust before;
    memset(&trust, 0x5a, sizeof trust);
    memcpy(&before, &trust, sizeof trust);
    assert_int_equal(trust_fixture_read(&t, example, NULL), STATUS_OK);
    struct bytes text = bytes_text(t.text);
    size_t size = 0;
    enum status status = STATUS_NO_MEMORY;
    for (; status == STATUS_NO_MEMORY && size < sizeof memory; size += 64) {
        assert_memory_equal(&trust, &before, sizeof trust);
        struct arena arena = arena_of(memory, size);
        status = trust_read(&trust, text, &arena, NULL);
    }
    assert_int_equal(status, STATUS_OK);
}

// What the signers of `set` (bit i: key 'a' + i) get for com.example.test with this counter.
static enum status decide(struct trust_decision *out, unsigned set, uint64_t counter)
{
    struct package package = {.name = "com.example.test", .counter = counter};
    for (unsigned i = 0; i < 6; i++) {
        if ((set >> i & 1) != 0) {
            fixture_key(package.slots[package.slot_count++].key, (char)('a' + i));
        }
    }
    return trust_decide(out, &package, &t.trust, NULL);
}

static const char *const mixed_keys =
    "[[key]]\nid = \"a\"\ned25519 = \"@a\"\nnames = [\"*\"]\n"
    "[[key]]\nid = \"b\"\ned25519 = \"@b\"\nnames = [\"com.*\"]\ncounters = [5, 20]\n"
    "[[key]]\nid = \"c\"\ned25519 = \"@c\"\nnames = [\"*\"]\nstate = \"revoked\"\n"
    "[[key]]\nid = \"d\"\ned25519 = \"@d\"\nnames = [\"net.*\"]\n"
    "[[key]]\nid = \"e\"\ned25519 = \"@e\"\nnames = [\"*\"]\nstate = \"retired\"\n"
    "counters = [0, 9]\n";

static void check_supersets(unsigned set, uint64_t counter)
{
    struct trust_decision fewer, more;
    if (decide(&fewer, set, counter) != STATUS_OK) {
        return;
    }
    for (unsigned added = 0; added < 6; added++) {
        assert_int_equal(decide(&more, set | 1U << added, counter), STATUS_OK);
        assert_int_equal(fewer.signers & ~more.signers, 0);
        assert_true(more.signer_count >= fewer.signer_count);
        assert_ptr_equal(more.rule, fewer.rule);
    }
}

// Of every set of signers, listed and not: one more valid signature never takes anything away.
static void authority_is_monotone_in_the_signatures(void **state)
{
    (void)state;
    size_t accepted = 0;
    for (unsigned threshold = 1; threshold <= 4; threshold++) {
        char text[2048];
        (void)snprintf(text, sizeof text,
                       "schema = 1\ncounter = 1\n[[rule]]\nnames = \"*\"\nthreshold = %u\n"
                       "floor = 2\n%s",
                       threshold, mixed_keys);
        assert_int_equal(trust_fixture_read(&t, text, NULL), STATUS_OK);
        for (uint64_t counter = 0; counter <= 24; counter++) {
            for (unsigned set = 0; set < 1U << 6; set++) {
                struct trust_decision decision;
                accepted += decide(&decision, set, counter) == STATUS_OK;
                check_supersets(set, counter);
            }
        }
    }
    assert_true(accepted > 100);
}

static void retired_keys_verify_in_their_window(void **state)
{
    (void)state;
    char text[2048];
    struct trust_decision decision;
    (void)snprintf(text, sizeof text,
                   "schema = 1\ncounter = 1\n[[rule]]\nnames = \"*\"\nthreshold = 1\n%s",
                   mixed_keys);
    assert_int_equal(trust_fixture_read(&t, text, NULL), STATUS_OK);
    assert_int_equal(decide(&decision, 1U << 4, 9), STATUS_OK);
    assert_int_equal(decision.signers, 1U << 4);
    assert_int_equal(decide(&decision, 1U << 4, 10), STATUS_KEY_WINDOW);
}

static void marks_only_rise(void **state)
{
    (void)state;
    struct high_water marks = {0};
    struct bytes name = bytes_text("com.example.test");
    assert_int_equal(high_water_of(&marks, name), 0);
    assert_int_equal(high_water_raise(&marks, name, 5), STATUS_OK);
    assert_int_equal(high_water_raise(&marks, name, 4), STATUS_OK);
    assert_int_equal(high_water_of(&marks, name), 5);
    assert_int_equal(high_water_of(&marks, bytes_text("com.example")), 0);
    for (char other = 'a'; marks.count < BOUND_TARGETS; other++) {
        struct bytes more = {(const uint8_t *)&other, 1};
        assert_int_equal(high_water_raise(&marks, more, 1), STATUS_OK);
    }
    assert_int_equal(high_water_raise(&marks, bytes_text("one.too.many"), 1), STATUS_NO_MEMORY);
    assert_int_equal(high_water_raise(&marks, name, 6), STATUS_OK);
    assert_int_equal(high_water_of(&marks, name), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_read),
        cmocka_unit_test(a_ceiling_is_read),
        cmocka_unit_test(a_full_arena_is_no_memory),
        cmocka_unit_test(authority_is_monotone_in_the_signatures),
        cmocka_unit_test(retired_keys_verify_in_their_window),
        cmocka_unit_test(marks_only_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
