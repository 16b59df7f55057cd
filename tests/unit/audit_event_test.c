// SPDX-License-Identifier: BSD-2-Clause
#include "audit_epoch.h"

#include "crypto.h"
#include "support/audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct audit_log log_under_test;
static struct audit_stream stream;

static struct audit_at at(uint64_t now)
{
    return (struct audit_at){.log = &log_under_test, .now = now};
}

static const uint8_t digest[32] = {0xd1, 0x9e};
static const uint8_t key[32] = {0xed};
static const uint8_t boot[16] = {0x45, 0x09};
static const uint8_t seed[32] = {0x5e, 0xed};
static uint8_t run_key[32];
static const uint64_t fault_badge = 0x100000000000000;

static void write_start(void)
{
    crypto_ed25519_public_key(run_key, seed);
    struct audit_start start = {.boot = {boot, sizeof boot},
                                .nonce = {boot, 2},
                                .trust = digest,
                                .kernel = "sel4",
                                .proof = "none",
                                .sdk = bytes_text("2.3.0"),
                                .key = run_key,
                                .kernel_image = digest,
                                .root_image = digest,
                                .mcs = true};
    audit_event_start(at(1000), &start);
}

static void write_packages(const struct plan *plan)
{
    struct audit_package package = {.name = bytes_text("com.example.sensor"),
                                    .version = bytes_text("1.4.2"),
                                    .id = digest,
                                    .policy = digest,
                                    .signer = key,
                                    .size = 20480,
                                    .place = 2};
    struct diag bad_page = {.status = STATUS_PAGE_DIGEST, .what = "page", .where = 17};
    struct diag bad_key = {.status = STATUS_MANIFEST_UNKNOWN_KEY,
                           .what = "cpu.bugdet",
                           .where = 300,
                           .line = 14,
                           .column = 1};
    struct diag bad_magic = {.status = STATUS_MAGIC, .what = "magic"};
    audit_event_verified(at(2000), &package);
    audit_event_refused(at(3000), AUDIT_PACKAGE_REFUSED, &package, &bad_page);
    audit_event_refused(at(4000), AUDIT_POLICY_REFUSED, &package, &bad_key);
    package = (struct audit_package){.name = bytes_text("\x1e{\"v\":1}\n\x1b[31m\xff")};
    audit_event_refused(at(4500), AUDIT_PACKAGE_REFUSED, &package, &bad_magic);
    package.id = package.policy = digest;
    audit_event_compiled(at(5000), &package, plan, 0, digest);
}

static void write_fault(const struct plan *plan, uint64_t label, const uint64_t *words,
                        uint32_t length)
{
    struct audit_subject subject = audit_event_subject(plan, 0, 1);
    struct audit_message message = {fault_badge, label, words, length};
    struct audit_fault fault;
    assert_int_equal(audit_fault_decode(&fault, &message, plan, 0), STATUS_OK);
    audit_event_fault(at(8000), &subject, &fault, AUDIT_RESTARTED);
}

static void write_faults(const struct plan *plan)
{
    static const uint64_t cap[] = {0x4012a7, 0x4000, 0, 4, 64, 0, 60};
    static const uint64_t vm[] = {0x4012c0, 0, 0, 6};
    static const uint64_t syscall[19] = {[15] = 0x4012d0, [16] = 0x10004ff0, [18] = 0x3c};
    static const uint64_t exception[] = {0x4012e0, 0x10004ff0, 0x202, 0, 0};
    static const uint64_t timeout[] = {0x400000000000000, 2000};
    write_fault(plan, 1, cap, 7);
    write_fault(plan, 6, vm, 4);
    write_fault(plan, 2, syscall, 19);
    write_fault(plan, 3, exception, 5);
    write_fault(plan, 5, timeout, 2);
}

static void write_target(const struct plan *plan)
{
    struct audit_subject first = audit_event_subject(plan, 0, 1);
    struct audit_subject second = audit_event_subject(plan, 0, 2);
    struct audit_tripwire tripwire = {.slot = 7,
                                      .badge = 0x200000000000007,
                                      .label = 0x16,
                                      .words = {3, UINT64_MAX},
                                      .length = 2,
                                      .caps = 1};
    struct audit_restart restart = {.cause = {AUDIT_FAULT_VM, 9}, .restarts = 1, .max = 3};
    struct audit_exit end = {.code = 0, .cpu_us = 18233, .faults = 5};
    struct audit_reclaim clean = {.bytes = 1 << 20, .objects = 14, .caps = 22};
    struct audit_reclaim leak = {
        .bytes = 4096, .objects = 14, .caps = 22, .leaked = 1, .slots_leaked = 1};
    struct diag refused = {
        .status = STATUS_KERNEL_REFUSED, .what = "tcb_configure", .where = 0x20003, .detail = 2};
    struct audit_step steps[] = {{"build", 21000}, {"start", 900}};
    struct audit_spawn spawn = {49, steps, 2};
    struct audit_failure failure = {"configure", &refused, AUDIT_RESTARTED};
    audit_event_called(at(5500), &first, bytes_text("view"));
    audit_event_failed(at(5600), &first, &failure);
    audit_event_held(at(5700), &first, 100);
    audit_event_issued(at(6000), &first, plan, &(struct audit_issue){digest, AUDIT_ORACLE_DEBUG});
    audit_event_spawned(at(7000), &first, plan, &spawn);
    write_faults(plan);
    audit_event_tripwire(at(9000), &first, &tripwire, AUDIT_KILLED);
    struct audit_trace trace = {.via = bytes_text("log"),
                                .to = bytes_text("logger"),
                                .badge = 0x300000000000003,
                                .label = UINT64_C(0xfffffffffffff),
                                .length = 120,
                                .duration = 1840,
                                .answer = 2};
    audit_event_trace(at(9050), &first, &trace);
    trace.verdict = AUDIT_CALL_FAILED;
    audit_event_trace(at(9100), &first, &trace);
    audit_event_reclaimed(at(9500), &first, &clean);
    audit_event_restarted(at(9600), &second, &restart);
    audit_event_suspended(at(9640), &second, (struct audit_cause){AUDIT_FAULT_VM, 9});
    audit_event_stopping(at(9650), &second, 100);
    audit_event_killed(at(9700), &second, (struct audit_cause){AUDIT_DENY_TRIPWIRE, AUDIT_FOLDED});
    audit_event_exited(at(9800), &second, &end);
    audit_event_reclaimed(at(9900), &second, &leak);
}

static size_t read_golden(char *to, size_t size)
{
    FILE *file = fopen(TEST_DATA "/../golden/audit/events.jsonl", "rb");
    assert_non_null(file);
    size_t len = fread(to, 1, size, file);
    fclose(file);
    return len;
}

// Every type of event once or more, byte for byte. KPKG_GOLDEN=FILE writes what was made.
static void every_event_is_as_in_the_golden_file(void **state)
{
    (void)state;
    static char golden[65536], made[65536];
    struct bytes records[64];
    struct plan plan = audit_fixture_plan();
    struct audit_sink sink = audit_fixture_sink(&stream);
    struct audit_epoch epoch;
    audit_epoch_begin(&epoch, seed);
    memset(&log_under_test, 0, sizeof log_under_test);
    stream = (struct audit_stream){.budget = SIZE_MAX};
    write_start();
    write_packages(&plan);
    write_target(&plan);
    audit_event_stats(at(9950));
    audit_epoch_checkpoint(at(9950), &epoch);
    audit_epoch_checkpoint(at(AUDIT_EPOCH_NS), &epoch); // the second epoch begins
    audit_event_end(at(AUDIT_EPOCH_NS), "shutdown");
    audit_epoch_seal(at(AUDIT_EPOCH_NS), &epoch);
    assert_true(audit_log_flush(&log_under_test, &sink));

    size_t count = audit_fixture_records(records, 64, &stream), len = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(records[i].len <= BOUND_EVENT);
        memcpy(made + len, records[i].at, records[i].len);
        len += records[i].len;
        made[len++] = '\n';
    }
    if (getenv("KPKG_GOLDEN") != NULL) {
        FILE *file = fopen(getenv("KPKG_GOLDEN"), "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(made, 1, len, file), len);
        fclose(file);
    }
    assert_int_equal(read_golden(golden, sizeof golden), len);
    assert_memory_equal(made, golden, len);
}

// The largest event that each bound allows still fits in a record.
static void hostile_text_never_makes_a_record_too_long(void **state)
{
    (void)state;
    static char text[4096];
    memset(text, 0x01, sizeof text);
    struct audit_package package = {.name = {(uint8_t *)text, sizeof text},
                                    .version = bytes_text("1.0.0"),
                                    .id = digest,
                                    .policy = digest,
                                    .signer = key,
                                    .size = UINT64_MAX,
                                    .place = UINT32_MAX};
    struct diag diag = {.status = STATUS_ELF_STACK_EXEC,
                        .what = "a very long description of what was looked at, as it is never",
                        .where = UINT64_MAX,
                        .line = UINT32_MAX,
                        .column = UINT32_MAX};
    memset(&log_under_test, 0, sizeof log_under_test);
    audit_event_verified(at(UINT64_MAX), &package);
    audit_event_refused(at(UINT64_MAX), AUDIT_PACKAGE_REFUSED, &package, &diag);
    audit_event_refused(at(UINT64_MAX), AUDIT_POLICY_REFUSED, &package, &diag);
    diag.detail = UINT64_MAX;
    audit_event_system_refused(at(UINT64_MAX), &diag);
    assert_int_equal(log_under_test.counters.stored, 4);
    assert_int_equal(log_under_test.counters.dropped, 0);
}

// 64 caps with the longest names: every part fits, and each cap is in one part.
static void a_large_table_is_split(void **state)
{
    (void)state;
    struct plan plan = audit_fixture_plan();
    struct audit_subject subject = audit_event_subject(&plan, 0, UINT64_MAX);
    static struct plan_object object = {.type = PLAN_NOTIFICATION};
    static struct plan_cap caps[64];
    struct plan_target target = plan.targets[0];
    object.name = bytes_text("a-name-that-has-thirty-one-char");
    for (uint32_t i = 0; i < 64; i++) {
        caps[i] = (struct plan_cap){
            .type = PLAN_NOTIFICATION, .rights = 15, .slot = 0xffff - i, .badge = UINT64_MAX};
    }
    target.caps = 64;
    plan.targets = &target;
    plan.caps = caps;
    plan.objects = &object;
    memset(&log_under_test, 0, sizeof log_under_test);
    audit_event_issued(at(UINT64_MAX), &subject, &plan,
                       &(struct audit_issue){digest, AUDIT_ORACLE_ACCEPTED});
    assert_int_equal(log_under_test.counters.stored, audit_event_issued_parts(&plan, 0));
    assert_int_equal(log_under_test.counters.dropped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_as_in_the_golden_file),
        cmocka_unit_test(hostile_text_never_makes_a_record_too_long),
        cmocka_unit_test(a_large_table_is_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
