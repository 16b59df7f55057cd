// SPDX-License-Identifier: BSD-2-Clause

// Authority is monotone: a signature more, or a higher ceiling, never takes a capability away, and
// one less never adds one. Systems by chance: a driver that asks for something of every class, keys
// with ceilings of several levels each, thresholds, and signers; and the same with some of it
// raised.

#include "plan_check.h"
#include "support/system_fixture.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 500, KEYS = 3, CLASSES = 8, LEVELS = 3, TEXT = 8192 };

// Of each class of a ceiling, from less to more. The driver's requests lie between.
static const char *const levels[CLASSES][LEVELS] = {
    {"memory = \"128KiB\"", "memory = \"256KiB\"", "memory = \"1MiB\""},
    {"cnode-bits = 2", "cnode-bits = 4", "cnode-bits = 12"},
    {"threads = 0", "threads = 1", "threads = 4"},
    {"priority-max = 50", "priority-max = 100", "priority-max = 255"},
    {"endpoints = []", "endpoints = [\"com.example.log\"]", "endpoints = [\"*\"]"},
    {"irq = []", "irq = [4]", "irq = [4, 10]"},
    {"ioport = []", "ioport = [\"0x2f8-0x2ff\"]", "ioport = [\"0x2f0-0x2ff\"]"},
    {"dma = false", "dma = true", "dma = true"},
};

static const char manifests[] =
    "=== manifest z\nschema = 1\n[package]\nname = \"com.example.log\"\nversion = \"1.0.0\"\n"
    "counter = 1\n[binary]\npath = \"p.elf\"\n[cpu]\npriority = 100\nbudget = \"1ms\"\n"
    "period = \"10ms\"\n[memory]\nlimit = \"256KiB\"\n[endpoint.log]\nrole = \"serve\"\n"
    "allow = [\"com.example.*\"]\n"
    "=== manifest %\nschema = 1\n[package]\nname = \"com.example.driver\"\nversion = \"1.0.0\"\n"
    "counter = 1\n[binary]\npath = \"p.elf\"\n[cpu]\npriority = 100\nbudget = \"1ms\"\n"
    "period = \"10ms\"\n[memory]\nlimit = \"256KiB\"\n[endpoint.log]\nrole = \"call\"\n"
    "to = \"com.example.log/log\"\n[irq.uart]\nline = 4\n[ioport.regs]\n"
    "ports = \"0x2f8-0x2ff\"\n[device.timer]\naddress = \"0xfed00000\"\nsize = \"4KiB\"\n"
    "access = \"read-write\"\n";

struct grant {
    uint8_t level[KEYS][CLASSES];
    unsigned signers; // of the driver: bit i = key 'a' + i
};

static uint64_t seed = 1;

static uint32_t below(uint32_t end)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % end;
}

static void put_trust(struct text *t, const struct grant *g, uint32_t threshold)
{
    text_put(t, "=== trust\nschema = 1\ncounter = 1\n");
    for (unsigned i = 0; i <= KEYS; i++) {
        char name = i < KEYS ? (char)('a' + i) : 'z';
        text_put(t, "[[key]]\nid = \"");
        text_char(t, name);
        text_put(t, "\"\ned25519 = \"@");
        text_char(t, name);
        text_put(t, "\"\nnames = [\"*\"]\nceiling = \"");
        text_char(t, name);
        text_put(t, "\"\n");
    }
    text_put(t, "[[rule]]\nnames = \"*\"\nthreshold = 1\nthreshold-for = { irq = ");
    text_put_u64(t, threshold);
    text_put(t, ", dma = 2 }\n");
    for (unsigned i = 0; i <= KEYS; i++) {
        text_put(t, "[ceiling.");
        text_char(t, i < KEYS ? (char)('a' + i) : 'z');
        text_put(t, "]\n");
        for (unsigned k = 0; k < CLASSES; k++) {
            text_put(t, levels[k][i < KEYS ? g->level[i][k] : LEVELS - 1]);
            text_char(t, '\n');
        }
    }
}

static void put_manifests(struct text *t, unsigned signers)
{
    for (const char *at = manifests; *at != '\0'; at++) {
        for (unsigned i = 0; *at == '%' && i < KEYS; i++) {
            if (signers >> i & 1) {
                text_char(t, (char)('a' + i));
            }
        }
        if (*at != '%') {
            text_char(t, *at);
        }
    }
}

struct outcome {
    struct system_fixture fixture;
    struct diag refused[BOUND_TARGETS];
    struct plan plan;
};

static uint8_t memory[2][8 << 20];
static struct outcome outcomes[2];

static void compile(struct outcome *out, const struct grant *g, uint32_t threshold, uint8_t *room)
{
    char at[TEXT];
    struct text t = text_of(at, sizeof at);
    text_put(&t, "=== system\nschema = 1\nname = \"s\"\ntrust = \"t.toml\"\n"
                 "[[package]]\nfile = \"l.kpkg\"\n[[package]]\nfile = \"d.kpkg\"\n");
    put_trust(&t, g, threshold);
    put_manifests(&t, g->signers);
    assert_false(t.cut);
    system_fixture_read(&out->fixture, text_bytes(&t), arena_of(room, sizeof memory[0]));
    assert_int_equal(
        policy_compile(&out->plan, out->refused, &out->fixture.input, &out->fixture.arena, NULL),
        STATUS_OK);
    assert_int_equal(plan_check(&out->plan, &out->fixture.input, &out->fixture.arena, NULL),
                     STATUS_OK);
}

static struct grant random_grant(void)
{
    struct grant g = {.signers = 1 + below((1U << KEYS) - 1)};
    for (unsigned i = 0; i < KEYS; i++) {
        for (unsigned k = 0; k < CLASSES; k++) {
            g.level[i][k] = (uint8_t)(below(6) == 0 ? 0 : 1 + below(LEVELS - 1));
        }
    }
    return g;
}

static struct grant raised(const struct grant *g)
{
    struct grant more = *g;
    more.signers |= below(2) == 0 ? 1U << below(KEYS) : 0;
    for (unsigned i = 0; i < KEYS; i++) {
        for (unsigned k = 0; k < CLASSES; k++) {
            bool raise = below(3) == 0 && more.level[i][k] < LEVELS - 1;
            more.level[i][k] = (uint8_t)(more.level[i][k] + raise);
        }
    }
    return more;
}

// Each capability is there as well, in the same slot, with the same rights and at least the keys.
static void check_contains(const struct plan *more, const struct plan *fewer)
{
    assert_true(more->target_count >= fewer->target_count);
    for (uint32_t i = 0; i < fewer->target_count; i++) {
        const struct plan_target *a = &fewer->targets[i], *b = &more->targets[i];
        assert_int_equal(a->package_index, b->package_index);
        assert_int_equal(a->caps, b->caps);
        for (uint32_t k = 0; k < a->caps; k++) {
            const struct plan_cap *was = &fewer->caps[a->first_cap + k];
            const struct plan_cap *now = &more->caps[b->first_cap + k];
            assert_int_equal(was->kind, now->kind);
            assert_int_equal(was->type, now->type);
            assert_int_equal(was->rights, now->rights);
            assert_true(bytes_equal(plan_cap_object(fewer, was), plan_cap_object(more, now)));
            assert_int_equal(was->signers & ~now->signers, 0);
        }
    }
}

static void more_signers_and_ceilings_take_nothing_away(void **state)
{
    (void)state;
    unsigned refused = 0, granted = 0, gained = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct grant fewer = random_grant(), more = raised(&fewer);
        uint32_t threshold = 1 + below(2);
        compile(&outcomes[0], &fewer, threshold, memory[0]);
        compile(&outcomes[1], &more, threshold, memory[1]);
        bool had = outcomes[0].refused[1].status == STATUS_OK;
        bool has = outcomes[1].refused[1].status == STATUS_OK;
        assert_true(has || !had);
        check_contains(&outcomes[1].plan, &outcomes[0].plan);
        refused += !had && !has;
        granted += had;
        gained += has && !had;
    }
    assert_true(refused > ROUNDS / 20 && granted > ROUNDS / 20 && gained > ROUNDS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_signers_and_ceilings_take_nothing_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
