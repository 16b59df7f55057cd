// SPDX-License-Identifier: BSD-2-Clause

// A plan against the golden log: what is found, and that memory is enough or said to be short.

#include "diff_run.h"
#include "diff_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t memory[4 << 20];
static uint8_t log_bytes[1 << 16];
static size_t log_len;

// The log's target `sensor`, with less of some things and more of others than the log shows.
static const struct plan *plan_of_sensor(void)
{
    static struct plan_object objects[] = {{.type = PLAN_ENDPOINT, .owner = PLAN_SYSTEM},
                                           {.type = PLAN_NOTIFICATION, .owner = PLAN_SYSTEM}};
    static struct plan_cap caps[] = {
        {.kind = PLAN_CAP_TRIPWIRE, .type = PLAN_ENDPOINT, .object = PLAN_AUDITOR},
        {.kind = PLAN_CAP_ISSUED,
         .type = PLAN_ENDPOINT,
         .rights = PLAN_WRITE,
         .slot = 3,
         .badge = 0x300000000000003},
        {.kind = PLAN_CAP_ISSUED,
         .type = PLAN_NOTIFICATION,
         .rights = PLAN_READ | PLAN_WRITE,
         .slot = 4,
         .object = 1,
         .badge = 1},
        {.kind = PLAN_CAP_ISSUED, .type = PLAN_TCB, .slot = 6, .object = 1},
    };
    static struct plan_target targets[] = {{.untyped_bits = 21,
                                            .cnode_bits = 4,
                                            .priority = 99,
                                            .budget_us = 2000,
                                            .period_us = 10000,
                                            .caps = 4}};
    static const struct plan plan = {.targets = targets,
                                     .objects = objects,
                                     .caps = caps,
                                     .target_count = 1,
                                     .object_count = 2,
                                     .cap_count = 4};
    objects[0].name = caps[1].name = bytes_text("log");
    objects[1].name = caps[2].name = bytes_text("tick");
    targets[0].name = targets[0].package = bytes_text("sensor");
    return &plan;
}

static enum status run(struct diff *out, struct arena *arena)
{
    struct diag diag;
    struct authority planned;
    struct audit_expected expected = {.has_nonce = false};
    const struct plan *plan = plan_of_sensor();
    enum status status = authority_plan(&planned, plan, arena, &diag);
    const struct diff_run_input input = {.plan = plan,
                                         .planned = &planned,
                                         .log = {log_bytes, log_len},
                                         .file = bytes_text("events.jsonl"),
                                         .expected = &expected};
    return status == STATUS_OK ? diff_run(out, &input, arena, &diag) : status;
}

static unsigned count(const struct diff *diff, enum diff_rule rule, enum diff_kind kind,
                      const char *object)
{
    unsigned found = 0;
    for (uint32_t i = 0; i < diff->change_count; i++) {
        char at[64];
        struct text t = text_of(at, sizeof at);
        diff_words_put_object(&t, &diff->changes[i]);
        found += diff->changes[i].rule == rule && diff->changes[i].kind == kind &&
                 bytes_is(text_bytes(&t), object);
    }
    return found;
}

static void each_difference_is_found_once(void **state)
{
    (void)state;
    struct diff diff;
    struct arena arena = arena_of(memory, sizeof memory);
    assert_int_equal(run(&diff, &arena), STATUS_OK);
    assert_int_equal(count(&diff, DIFF_RUN_MORE, DIFF_CAP, "nobody/log"), 1); // may call
    // May not signal; and has no TCB.
    assert_int_equal(count(&diff, DIFF_RUN_LESS, DIFF_CAP, "sensor/tick"), 2);
    assert_int_equal(count(&diff, DIFF_RUN_MORE, DIFF_CAP, "console"), 1);       // not planned
    assert_int_equal(count(&diff, DIFF_RUN_LESS, DIFF_LIMIT_OF, "memory"), 1);   // half of it
    assert_int_equal(count(&diff, DIFF_RUN_MORE, DIFF_LIMIT_OF, "priority"), 1); // 100
    assert_int_equal(count(&diff, DIFF_RUN_MORE, DIFF_LIMIT_OF, "cpu"), 0);      // as planned
    assert_int_equal(count(&diff, DIFF_DENIAL, DIFF_EVENT, "deny.tripwire"), 1);
    assert_int_equal(diff.verdict, DIFF_GREW);
}

static void memory_is_enough_or_said(void **state)
{
    (void)state;
    struct diff diff;
    enum status status = STATUS_NO_MEMORY;
    size_t size = 0;
    for (; status == STATUS_NO_MEMORY && size < sizeof memory; size += 1000) {
        struct arena arena = arena_of(memory, size);
        status = run(&diff, &arena);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(size > 100000);
}

static int load(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA "/../golden/audit/events.jsonl", "rb");
    if (file == NULL) {
        return -1;
    }
    log_len = fread(log_bytes, 1, sizeof log_bytes, file);
    return fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_difference_is_found_once),
        cmocka_unit_test(memory_is_enough_or_said),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
