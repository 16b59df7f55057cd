// SPDX-License-Identifier: BSD-2-Clause
#include "crypto.h"
#include "dump.h"
#include "plan_check.h"
#include "support/system_fixture.h"
#include "text.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t memory[64 << 20];
static struct system_fixture fixture;

static void badges_have_three_parts(void **state)
{
    (void)state;
    assert_int_equal(plan_badge_of(PLAN_BADGE_CLIENT, 5, 7), 0x0300000500000007);
    assert_int_equal(plan_badge_of(PLAN_BADGE_TIMEOUT, 0xffffff, UINT32_MAX), 0x04ffffffffffffff);
}

// Worked out by hand: 32, then 2048 at 2048, two pages at 4096, 16 at 12288.
static void objects_lie_at_multiples_of_their_size(void **state)
{
    (void)state;
    struct plan_object objects[] = {
        {.type = PLAN_UNTYPED, .size_bits = 20, .count = 1},
        {.type = PLAN_REPLY, .size_bits = 5, .count = 1},
        {.type = PLAN_TCB, .size_bits = 11, .count = 1},
        {.type = PLAN_PACKAGE_PAGES, .size_bits = 12, .count = 9},
        {.type = PLAN_FRAME, .size_bits = 12, .count = 2},
        {.type = PLAN_ENDPOINT, .size_bits = 4, .count = 1},
    };
    struct plan plan = {.objects = objects, .object_count = 6};
    static const uint64_t used[] = {0, 0, 32, 4096, 4096, 12288, 12304};
    for (uint32_t count = 0; count <= 6; count++) {
        assert_int_equal(plan_untyped_use(&plan, 0, count), used[count]);
    }
    assert_int_equal(plan_untyped_use(&plan, 4, 1), 8192);
}

static void into_text(void *to, struct bytes piece)
{
    text_put_bytes(to, piece);
}

static struct bytes json_of(const struct plan *plan, uint32_t target)
{
    static char room[16 << 20];
    struct text out = text_of(room, sizeof room);
    struct text_sink sink = {into_text, &out};
    if (target == UINT32_MAX) {
        dump_json(&sink, plan);
    } else {
        dump_json_target(&sink, plan, target);
    }
    assert_false(out.cut);
    return text_bytes(&out);
}

// Names come from checked manifests; whatever they were, they stay inside their string.
static void names_cannot_leave_their_string(void **state)
{
    (void)state;
    struct plan_object object = {
        .type = PLAN_ENDPOINT, .owner = PLAN_SYSTEM, .name = bytes_text("a\"}\n\\ \xc3\xa4 \xff")};
    struct plan plan = {.objects = &object, .object_count = 1};
    struct bytes json = json_of(&plan, UINT32_MAX);
    json_t *root = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    json_t *name = json_object_get(json_array_get(json_object_get(root, "system"), 0), "name");
    assert_string_equal(json_string_value(name), "a\"}\n\\ \xc3\xa4 \xef\xbf\xbd");
    json_decref(root);
    assert_null(memchr(json.at, 0xff, json.len));
}

// Every package serves one endpoint and calls the 40 that come before it, or the last ones.
static size_t write_large_system(char *text, size_t size)
{
    size_t len = (size_t)snprintf(text, size,
                                  "=== system\nschema = 1\nname = \"large\"\n"
                                  "trust = \"t\"\n");
    for (unsigned i = 0; i < BOUND_TARGETS; i++) {
        len += (size_t)snprintf(text + len, size - len, "[[package]]\nfile = \"p%u\"\n", i);
    }
    for (unsigned i = 0; i < BOUND_TARGETS; i++) {
        len += (size_t)snprintf(
            text + len, size - len,
            "=== manifest\nschema = 1\n[package]\nname = \"org.p%u\"\nversion = \"1.0.0\"\n"
            "counter = 1\n[binary]\npath = \"p\"\n[cpu]\npriority = 9\nbudget = \"20us\"\n"
            "period = \"10ms\"\n[memory]\nlimit = \"256KiB\"\n[endpoint.own]\nrole = \"serve\"\n"
            "allow = [\"org.*\"]\n",
            i);
        for (unsigned k = 1; k <= 40; k++) {
            len += (size_t)snprintf(text + len, size - len,
                                    "[endpoint.c%u]\nrole = \"call\"\nto = \"org.p%u/own\"\n", k,
                                    (i + k) % BOUND_TARGETS);
        }
    }
    assert_true(len < size);
    return len;
}

static void the_largest_system_compiles(void **state)
{
    (void)state;
    static char text[256 << 10];
    static struct diag refused[BOUND_TARGETS];
    struct plan plan;
    struct diag diag = {0};
    size_t len = write_large_system(text, sizeof text);
    system_fixture_read(&fixture, (struct bytes){(const uint8_t *)text, len},
                        arena_of(memory, sizeof memory));
    assert_int_equal(policy_compile(&plan, refused, &fixture.input, &fixture.arena, &diag),
                     STATUS_OK);
    assert_int_equal(plan.target_count, BOUND_TARGETS);
    assert_int_equal(plan.cap_count, BOUND_TARGETS * 64);
    assert_int_equal(plan_check(&plan, &fixture.input, &fixture.arena, &diag), STATUS_OK);
}

// spec/plan.md, 8: anybody can recompute a digest from the document.
static void digests_are_of_the_document(void **state)
{
    (void)state;
    struct plan_target targets[2] = {{.name = bytes_text("a")}, {.name = bytes_text("b")}};
    struct plan plan = {.targets = targets, .target_count = 2};
    uint8_t want[32], got[32];
    crypto_sha256(want, json_of(&plan, UINT32_MAX));
    dump_digest(got, &plan);
    assert_memory_equal(got, want, sizeof want);
    struct bytes one = json_of(&plan, 1);
    assert_int_equal(one.at[0], '{');
    assert_int_equal(one.at[one.len - 1], '}');
    crypto_sha256(want, one);
    dump_digest_target(got, &plan, 1);
    assert_memory_equal(got, want, sizeof want);
}

// With every smaller amount of memory the compiler and the checker say NO_MEMORY, and no more.
static void too_little_memory_is_said(void **state)
{
    (void)state;
    static uint8_t room[1 << 20], scratch[1 << 16];
    static struct diag refused[BOUND_TARGETS];
    struct plan plan = {.target_count = 77};
    struct diag diag;
    system_fixture_open(&fixture, TEST_DATA "/../golden/plan/ok-two-instances.case",
                        arena_of(memory, sizeof memory));
    enum status status = STATUS_NO_MEMORY;
    size_t size = 0;
    for (; status == STATUS_NO_MEMORY; size += 64) {
        struct arena small = arena_of(room, size);
        assert_int_equal(plan.target_count, 77);
        assert_true(size < sizeof room);
        status = policy_compile(&plan, refused, &fixture.input, &small, &diag);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(size > 4096);
    for (size = 0, status = STATUS_NO_MEMORY; status == STATUS_NO_MEMORY; size += 16) {
        struct arena small = arena_of(scratch, size);
        status = plan_check(&plan, &fixture.input, &small, &diag);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(size > 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(badges_have_three_parts),
        cmocka_unit_test(objects_lie_at_multiples_of_their_size),
        cmocka_unit_test(names_cannot_leave_their_string),
        cmocka_unit_test(digests_are_of_the_document),
        cmocka_unit_test(the_largest_system_compiles),
        cmocka_unit_test(too_little_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
