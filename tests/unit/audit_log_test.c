// SPDX-License-Identifier: BSD-2-Clause
#include "audit_log.h"

#include "crypto.h"
#include "support/audit_fixture.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

enum { RECORDS = 16384 };

static struct audit_log log_under_test;
static struct audit_stream stream;
static struct bytes records[RECORDS];

static void reset(size_t budget)
{
    memset(&log_under_test, 0, sizeof log_under_test);
    stream = (struct audit_stream){.budget = budget};
}

static uint64_t put(enum audit_type type, uint64_t now, uint16_t target)
{
    struct audit_event event = {.type = type,
                                .severity = audit_log_severity(type),
                                .now = now,
                                .subject = {bytes_text("t"), 1, target},
                                .data = bytes_text("{\"x\":1}")};
    return audit_log_put(&log_under_test, &event);
}

static size_t flush(void)
{
    struct audit_sink sink = audit_fixture_sink(&stream);
    while (!audit_log_flush(&log_under_test, &sink)) {
        stream.budget += 7; // a sink that stalls in the middle of records
    }
    return audit_fixture_records(records, RECORDS, &stream);
}

static uint64_t field(struct bytes record, const char *key)
{
    char pattern[32], text[BOUND_EVENT + 1];
    memcpy(text, record.at, record.len);
    text[record.len] = '\0';
    snprintf(pattern, sizeof pattern, "\"%s\":", key);
    const char *at = strstr(text, pattern);
    return at == NULL ? 0 : strtoull(at + strlen(pattern), NULL, 10);
}

static bool is_type(struct bytes record, const char *type)
{
    char pattern[64], text[BOUND_EVENT + 1];
    memcpy(text, record.at, record.len);
    text[record.len] = '\0';
    snprintf(pattern, sizeof pattern, "\"type\":\"%s\"", type);
    return strstr(text, pattern) != NULL;
}

// The identities of spec/audit.md over what arrived at the sink.
static void assert_identities(size_t count)
{
    const struct audit_counters *counters = &log_under_test.counters;
    uint64_t next = 0, dropped = 0, suppressed = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t seq = field(records[i], "seq");
        if (is_type(records[i], "log.drop")) {
            assert_int_equal(field(records[i], "first"), next);
            assert_int_equal(field(records[i], "last"), seq - 1);
            assert_int_equal(field(records[i], "count"), seq - next);
            dropped += field(records[i], "count");
        } else {
            assert_int_equal(seq, next);
        }
        next = seq + 1;
        uint64_t n = field(records[i], "n");
        suppressed += n == 0 ? 0 : n - 1;
    }
    assert_int_equal(counters->stored, count);
    assert_int_equal(counters->attempted, next + log_under_test.loss.count);
    assert_int_equal(counters->dropped, dropped + log_under_test.loss.count);
    assert_int_equal(counters->attempted, counters->stored + counters->dropped);
    assert_int_equal(counters->suppressed, suppressed);
}

static void records_are_numbered_and_chained(void **state)
{
    (void)state;
    reset(0);
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(put(AUDIT_TARGET_EXITED, 1000 - i, 0), i);
    }
    size_t count = flush();
    assert_int_equal(count, 20);
    assert_identities(count);
    char prev[40] = "\"prev\":\"0000000000000000\"";
    for (size_t i = 0; i < count; i++) {
        assert_non_null(memmem(records[i].at, records[i].len, prev, strlen(prev)));
        assert_int_equal(field(records[i], "t"), 1000); // time never goes back
        struct audit_digest leaf = audit_tree_leaf(records[i]);
        struct text text = text_of(prev + 8, 16);
        text_put_hex(&text, (struct bytes){leaf.at, 8});
    }
}

// Nobody empties the ring: lossy events stop at the reserve, the others at the end, and one record
// tells exactly what is missing.
static void a_full_ring_is_accounted_for(void **state)
{
    (void)state;
    reset(0);
    for (uint32_t i = 0; i < AUDIT_RING; i++) {
        put(AUDIT_DENY_TRIPWIRE, 0, (uint16_t)i);
    }
    assert_int_equal(log_under_test.counters.stored, AUDIT_RING - AUDIT_RESERVED);
    assert_int_equal(audit_log_room(&log_under_test), AUDIT_RESERVED - 1);
    for (uint32_t i = 0; i < AUDIT_RESERVED; i++) {
        put(AUDIT_FAULT_VM, 0, 0);
    }
    assert_int_equal(audit_log_room(&log_under_test), 0);
    assert_int_equal(log_under_test.counters.dropped, AUDIT_RESERVED + 1);
    assert_int_equal(log_under_test.counters.ring_high, AUDIT_RING);
    flush();
    put(AUDIT_FAULT_VM, 0, 0);
    size_t count = flush();
    assert_int_equal(log_under_test.loss.count, 0);
    assert_identities(count);
}

static void a_flood_of_one_target_is_folded(void **state)
{
    (void)state;
    reset(0);
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t seq = put(AUDIT_DENY_TRIPWIRE, i * 1000, 3);
        assert_int_equal(seq, i < 40 ? i : AUDIT_FOLDED);
    }
    put(AUDIT_DENY_TRIPWIRE, 10000000, 4); // another target has a bucket of its own
    put(AUDIT_IPC_TRACE, 10000000, 3);     // and so has another type
    assert_int_equal(flush(), 42);
    audit_log_tick(&log_under_test, 1000000); // not yet a second old
    assert_int_equal(flush(), 42);
    audit_log_tick(&log_under_test, 2 * SECOND);
    size_t count = flush();
    assert_int_equal(count, 43);
    assert_int_equal(field(records[42], "n"), 10000 - 40);
    assert_int_equal(field(records[42], "t0"), 40 * 1000);
    assert_identities(count);
    assert_true(put(AUDIT_DENY_TRIPWIRE, 3 * SECOND, 3) != AUDIT_FOLDED);
}

// Floods from many targets, a sink that stalls, class A events in between: a fixed pseudo-random
// mix, after each step of which the identities hold.
static void the_identities_hold_under_floods(void **state)
{
    (void)state;
    static const enum audit_type types[] = {AUDIT_DENY_TRIPWIRE, AUDIT_IPC_TRACE,
                                            AUDIT_FAULT_TIMEOUT, AUDIT_FAULT_CAP};
    uint32_t random = 1;
    reset(0);
    for (uint64_t step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        put(types[random >> 28 & 3], step * 100000, (uint16_t)(random >> 16 & 63));
        if (step % 16 == 0) {
            struct audit_sink sink = audit_fixture_sink(&stream);
            stream.budget = 512;
            audit_log_flush(&log_under_test, &sink);
            audit_log_tick(&log_under_test, step * 100000);
        }
        assert_int_equal(log_under_test.counters.attempted,
                         log_under_test.counters.stored + log_under_test.counters.dropped);
    }
    assert_true(log_under_test.counters.dropped > 0);
    while (!audit_log_settle(&log_under_test, 100 * SECOND, AUDIT_EVERY)) {
        flush();
    }
    size_t count = flush();
    assert_int_equal(log_under_test.loss.count, 0);
    assert_true(log_under_test.counters.suppressed > 0);
    assert_identities(count);
}

static void what_is_too_long_is_counted(void **state)
{
    (void)state;
    static char data[BOUND_EVENT];
    struct audit_event event = {.type = AUDIT_TARGET_EXITED, .data = {(uint8_t *)data, 1000}};
    memset(data, ' ', sizeof data);
    reset(0);
    assert_int_equal(audit_log_put(&log_under_test, &event), 0);
    assert_int_equal(log_under_test.counters.dropped, 1);
    assert_true(audit_log_settle(&log_under_test, 1, AUDIT_EVERY));
    size_t count = flush();
    assert_non_null(memmem(records[0].at, records[0].len, "\"oversize\"", 10));
    assert_non_null(memmem(records[0].at, records[0].len, "{\"target.exited\":1}", 19));
    assert_identities(count);
}

// The tree against RFC 6962's recursive definition: MTH(D[n]) = H(1, MTH(D[0:k]), MTH(D[k:n])).
static struct audit_digest defined_root(const struct audit_digest *leaves, size_t n)
{
    if (n == 1) {
        return leaves[0];
    }
    size_t k = 1;
    while (2 * k < n) {
        k *= 2;
    }
    uint8_t node[65] = {1};
    struct audit_digest left = defined_root(leaves, k), right = defined_root(leaves + k, n - k);
    memcpy(node + 1, left.at, 32);
    memcpy(node + 33, right.at, 32);
    struct audit_digest digest;
    crypto_sha256(digest.at, (struct bytes){node, sizeof node});
    return digest;
}

static void the_tree_is_that_of_rfc_6962(void **state)
{
    (void)state;
    static const uint8_t empty[4] = {0xe3, 0xb0, 0xc4, 0x42}; // SHA-256 of nothing
    struct audit_digest leaves[130];
    struct audit_tree tree = {0};
    assert_memory_equal(audit_tree_root(&tree).at, empty, sizeof empty);
    for (size_t n = 1; n <= 130; n++) {
        uint8_t record[2] = {(uint8_t)n, 7};
        leaves[n - 1] = audit_tree_leaf((struct bytes){record, sizeof record});
        audit_tree_append(&tree, &leaves[n - 1]);
        struct audit_digest want = defined_root(leaves, n), have = audit_tree_root(&tree);
        assert_memory_equal(have.at, want.at, 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_numbered_and_chained),
        cmocka_unit_test(a_full_ring_is_accounted_for),
        cmocka_unit_test(a_flood_of_one_target_is_folded),
        cmocka_unit_test(the_identities_hold_under_floods),
        cmocka_unit_test(what_is_too_long_is_counted),
        cmocka_unit_test(the_tree_is_that_of_rfc_6962),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
