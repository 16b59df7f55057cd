// SPDX-License-Identifier: BSD-2-Clause

// What a manifest and a system file are read as; what they are refused for is in tests/golden.

#include "bounds.h"
#include "manifest.h"
#include "system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static uint8_t memory[1 << 20];
static uint8_t text[BOUND_TOML];

static struct bytes golden(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return (struct bytes){text, len};
}

static struct manifest manifest_of(const char *path)
{
    struct manifest manifest;
    struct arena arena = arena_of(memory, sizeof memory);
    assert_int_equal(manifest_read(&manifest, golden(path), &arena, NULL), STATUS_OK);
    return manifest;
}

#define EVERY_KEY TEST_DATA "/../golden/manifest/ok-every-key.toml"
#define LEAST     TEST_DATA "/../golden/manifest/ok-least.toml"

static void assert_is(struct bytes got, const char *want)
{
    assert_true(bytes_is(got, want));
}

static void numbers_come_in_bytes_and_microseconds(void **state)
{
    (void)state;
    struct manifest m = manifest_of(EVERY_KEY);
    assert_is(m.name.value, "com.example.sensor");
    assert_is(m.version.value, "1.4.2-rc.1+build");
    assert_int_equal(m.counter.value, 12);
    assert_is(m.summary.value, "Reads the sensor and publishes samples");
    assert_is(m.binary_path.value, "sensor.elf");
    assert_int_equal(m.cpu.priority.value, 100);
    assert_int_equal(m.cpu.max_priority.value, 20);
    assert_int_equal(m.cpu.budget.value, 2000);
    assert_int_equal(m.cpu.period.value, 10000);
    assert_int_equal(m.cpu.on_overrun, MANIFEST_OVERRUN_RESTART);
    assert_int_equal(m.memory.limit.value, 1 << 20);
    assert_int_equal(m.memory.stack.value, 32 << 10);
    assert_int_equal(m.memory.heap.value, 131072);
    assert_int_equal(m.fault.action, MANIFEST_RESTART);
    assert_int_equal(m.fault.window.value, 10000000);
    assert_int_equal(m.fault.backoff.value, 100000);
}

static void capabilities_keep_the_order_of_the_text(void **state)
{
    (void)state;
    struct manifest m = manifest_of(EVERY_KEY);
    static const char *const names[] = {"samples", "log", "console", "time", "tick", "ready"};
    static const enum manifest_role roles[] = {MANIFEST_SERVE, MANIFEST_CALL, MANIFEST_SEND,
                                               MANIFEST_CALL,  MANIFEST_WAIT, MANIFEST_SIGNAL};
    assert_int_equal(m.cap_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_is(m.caps[i].name, names[i]);
        assert_int_equal(m.caps[i].role, roles[i]);
        assert_int_equal(m.caps[i].kind, i < 4 ? MANIFEST_ENDPOINT : MANIFEST_NOTIFICATION);
        assert_int_equal(m.caps[i].owner, i == 0 || i == 5);
        assert_int_equal(m.caps[i].optional, i == 1);
        assert_int_equal(m.caps[i].traced, i == 1);
    }
    assert_int_equal(m.caps[0].allow.count, 3);
    assert_is(m.caps[0].allow.at[1].value, "org.kpkg.log");
    assert_int_equal(m.caps[0].allow.at[1].span.column, 27);
    assert_is(m.caps[1].peer.package, "org.kpkg.log");
    assert_is(m.caps[1].peer.name, "log");
    assert_is(m.caps[2].peer.package, MANIFEST_ROOT);
    assert_is(m.caps[2].peer.name, "console");
    assert_int_equal(m.caps[2].span.line, 34);
    assert_int_equal(m.caps[2].span.len, sizeof "[endpoint.console]" - 1);
}

static void expectations_are_kept(void **state)
{
    (void)state;
    struct manifest m = manifest_of(EVERY_KEY);
    assert_int_equal(m.expect_count, 2);
    assert_is(m.expects[0].type.value, "target.exited");
    assert_true(m.expects[0].has_code);
    assert_int_equal(m.expects[0].within.value, 2000000);
    assert_is(m.expects[1].type.value, "target.stopped");
    assert_false(m.expects[1].has_code);
    assert_int_equal(m.expects[1].within.value, 0);
}

static void defaults_are_those_of_the_specification(void **state)
{
    (void)state;
    struct manifest m = manifest_of(LEAST);
    assert_is(m.summary.value, "");
    assert_int_equal(m.cpu.max_priority.value, 0);
    assert_false(m.cpu.passive);
    assert_int_equal(m.cpu.on_overrun, MANIFEST_OVERRUN_WAIT);
    assert_int_equal(m.memory.stack.value, 16384);
    assert_int_equal(m.memory.heap.value, 0);
    assert_int_equal(m.memory.stack.span.line, m.memory.span.line);
    assert_int_equal(m.fault.action, MANIFEST_STOP);
    assert_int_equal(m.fault.max_restarts.value, 3);
    assert_int_equal(m.fault.window.value, 10000000);
    assert_int_equal(m.fault.backoff.value, 100000);
    assert_int_equal(m.max_denials.value, 100);
    assert_int_equal(m.cap_count, 0);
    assert_int_equal(m.expect_count, 0);
}

static void a_passive_server_has_no_budget(void **state)
{
    (void)state;
    struct manifest m = manifest_of(TEST_DATA "/../golden/manifest/ok-passive.toml");
    assert_true(m.cpu.passive);
    assert_int_equal(m.cpu.budget.value, 0);
    assert_int_equal(m.cpu.period.value, 0);
}

static void header_and_manifest_must_agree(void **state)
{
    (void)state;
    struct manifest m = manifest_of(LEAST);
    struct bytes name = bytes_text("com.example.sensor");
    struct diag diag = {0};
    assert_int_equal(manifest_matches(&m, name, 12, NULL), STATUS_OK);
    assert_int_equal(manifest_matches(&m, bytes_text("com.example"), 12, &diag),
                     STATUS_NAME_MISMATCH);
    assert_int_equal(diag.line, 5);
    assert_int_equal(diag.column, 8);
    assert_int_equal(manifest_matches(&m, name, 13, &diag), STATUS_COUNTER_MISMATCH);
    assert_int_equal(diag.line, 7);
    assert_int_equal(diag.column, 11);
}

static void a_small_arena_is_refused_at_every_size(void **state)
{
    (void)state;
    struct bytes source = golden(EVERY_KEY);
    enum status status = STATUS_NO_MEMORY;
    for (size_t size = 0; status == STATUS_NO_MEMORY; size += 16) {
        struct manifest manifest = {.cap_count = 77};
        struct arena arena = arena_of(memory, size);
        status = manifest_read(&manifest, source, &arena, NULL);
        assert_int_equal(manifest.cap_count, status == STATUS_OK ? 6 : 77);
    }
    assert_int_equal(status, STATUS_OK);
}

static struct system system_of(const char *path)
{
    struct system system;
    struct arena arena = arena_of(memory, sizeof memory);
    assert_int_equal(system_read(&system, golden(path), &arena, NULL), STATUS_OK);
    return system;
}

static void a_system_names_its_packages(void **state)
{
    (void)state;
    struct system s = system_of(TEST_DATA "/../golden/system/ok-every-key.toml");
    assert_is(s.name.value, "demo");
    assert_is(s.trust.value, "trust.toml");
    assert_int_equal(s.memory.value, 64 << 20);
    assert_int_equal(s.cpu.value, 80);
    assert_int_equal(s.package_count, 2);
    assert_is(s.packages[0].file.value, "log.kpkg");
    assert_int_equal(s.packages[0].start, SYSTEM_START_AUTO);
    assert_int_equal(s.packages[0].arguments.count, 0);
    assert_is(s.packages[1].as.value, "sensor-a");
    assert_int_equal(s.packages[1].arguments.count, 3);
    assert_is(s.packages[1].arguments.at[1].value, "10");
    assert_int_equal(s.packages[1].start, SYSTEM_START_ON_DEMAND);
}

static void a_system_without_limits_has_the_machine(void **state)
{
    (void)state;
    struct system s = system_of(TEST_DATA "/../golden/system/ok-least.toml");
    assert_true(s.memory.value == UINT64_MAX);
    assert_int_equal(s.cpu.value, 100);
}

static void instances_are_named_once(void **state)
{
    (void)state;
    struct system s = system_of(TEST_DATA "/../golden/system/ok-every-key.toml");
    struct bytes instances[2];
    struct bytes packages[2] = {bytes_text("org.kpkg.log"), bytes_text("com.example.sensor")};
    assert_int_equal(system_instances(instances, &s, packages, NULL), STATUS_OK);
    assert_is(instances[0], "log");
    assert_is(instances[1], "sensor-a");
    struct diag diag = {0};
    packages[0] = bytes_text("com.example.sensor-a");
    assert_int_equal(system_instances(instances, &s, packages, &diag), STATUS_INSTANCE_NAME);
    assert_int_equal(diag.line, s.packages[1].as.span.line);
    assert_int_equal(diag.subject_len, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_in_bytes_and_microseconds),
        cmocka_unit_test(capabilities_keep_the_order_of_the_text),
        cmocka_unit_test(expectations_are_kept),
        cmocka_unit_test(defaults_are_those_of_the_specification),
        cmocka_unit_test(a_passive_server_has_no_budget),
        cmocka_unit_test(header_and_manifest_must_agree),
        cmocka_unit_test(a_small_arena_is_refused_at_every_size),
        cmocka_unit_test(a_system_names_its_packages),
        cmocka_unit_test(a_system_without_limits_has_the_machine),
        cmocka_unit_test(instances_are_named_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
