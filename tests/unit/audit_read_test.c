// SPDX-License-Identifier: BSD-2-Clause
#include "audit_check.h"
#include "audit_frames.h"
#include "audit_show.h"
#include "base64.h"
#include "bounds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINES = 64, SIZE = 65536 };

static char golden[SIZE];
static size_t golden_len;
static struct bytes lines[LINES];
static size_t line_count;

static int read_golden(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA "/../golden/audit/events.jsonl", "rb");
    assert_non_null(file);
    golden_len = fread(golden, 1, sizeof golden, file);
    fclose(file);
    for (size_t from = 0; from < golden_len; line_count++) {
        char *end = memchr(golden + from, '\n', golden_len - from);
        assert_true(end != NULL && line_count < LINES);
        lines[line_count] = (struct bytes){(uint8_t *)golden + from, (size_t)(end - golden) - from};
        from = (size_t)(end - golden) + 1;
    }
    return 0;
}

static enum audit_finding check(const char *file, size_t len, size_t *line)
{
    struct audit_check state = {0};
    return audit_check_lines(line, &state, (struct bytes){(const uint8_t *)file, len});
}

static void the_golden_log_is_sound(void **state)
{
    (void)state;
    size_t line;
    assert_int_equal(check(golden, golden_len, &line), AUDIT_FINDING_SOUND);
    assert_int_equal(line, line_count + 1);
}

// Nothing follows the last checkpoint that could hold its digest; without a key its note is not
// covered.
static void every_changed_byte_before_the_end_is_found(void **state)
{
    (void)state;
    static char file[SIZE];
    size_t line;
    for (size_t i = 0; i < golden_len - lines[line_count - 1].len - 1; i++) {
        memcpy(file, golden, golden_len);
        file[i] ^= 1;
        assert_int_not_equal(check(file, golden_len, &line), AUDIT_FINDING_SOUND);
    }
}

static size_t join(char *to, const size_t *order, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(to + len, lines[order[i]].at, lines[order[i]].len);
        len += lines[order[i]].len;
        to[len++] = '\n';
    }
    return len;
}

static void every_moved_record_is_found(void **state)
{
    (void)state;
    static char file[SIZE];
    size_t order[LINES], line;
    for (size_t gone = 0; gone < line_count; gone++) {
        size_t count = 0;
        for (size_t i = 0; i < line_count; i++) {
            order[count] = i;
            count += i != gone;
        }
        enum audit_finding want = gone == 0                ? AUDIT_FINDING_START
                                  : gone == line_count - 1 ? AUDIT_FINDING_NO_SEAL
                                                           : AUDIT_FINDING_PREV;
        assert_int_equal(check(file, join(file, order, count), &line), want);
    }
    for (size_t i = 0; i <= line_count; i++) {
        order[i] = i < line_count ? i : line_count - 1;
    }
    assert_int_equal(check(file, join(file, order, line_count + 1), &line),
                     AUDIT_FINDING_AFTER_END);
    order[4] = 5;
    order[5] = 4;
    assert_int_equal(check(file, join(file, order, line_count), &line), AUDIT_FINDING_PREV);
    assert_int_equal(line, 5);
    assert_int_equal(check(golden, golden_len - 1, &line), AUDIT_FINDING_TRUNCATED);
    assert_int_equal(check("", 0, &line), AUDIT_FINDING_NO_END);
}

// A log of two or three records with these members, each chained to the one before.
static enum audit_finding check_made(const char *const *members, size_t count)
{
    struct audit_check state = {0};
    enum audit_finding finding = AUDIT_FINDING_SOUND;
    for (size_t i = 0; i < count && finding == AUDIT_FINDING_SOUND; i++) {
        char prev[16], record[512];
        struct text text = text_of(prev, sizeof prev);
        text_put_hex(&text, (struct bytes){state.last_leaf.at, 8});
        int len = snprintf(record, sizeof record,
                           "{\"v\":1,\"sev\":\"info\",\"prev\":\"%.16s\",%s}", prev, members[i]);
        finding = audit_check_record(&state, (struct bytes){(uint8_t *)record, (size_t)len});
    }
    return finding;
}

#define START "\"seq\":0,\"t\":5,\"type\":\"log.start\",\"data\":{}"

static void each_rule_has_its_finding(void **state)
{
    (void)state;
    static const struct {
        const char *second;
        enum audit_finding want;
    } cases[] = {
        {"\"seq\":1,\"t\":5,\"type\":\"x.unknown\",\"data\":{}", AUDIT_FINDING_SOUND},
        {"\"seq\":1,\"t\":4,\"type\":\"x\",\"data\":{}", AUDIT_FINDING_TIME},
        {"\"seq\":2,\"t\":5,\"type\":\"x\",\"data\":{}", AUDIT_FINDING_SEQ},
        {"\"seq\":0,\"t\":5,\"type\":\"x\",\"data\":{}", AUDIT_FINDING_SEQ},
        {"\"seq\":1,\"t\":5,\"type\":\"log.start\",\"data\":{}", AUDIT_FINDING_START},
        {"\"seq\":1,\"t\":5,\"type\":\"x\",\"data\":[]", AUDIT_FINDING_FORM},
        {"\"seq\":1,\"t\":5,\"type\":\"x\",\"tgt\":\"a\",\"data\":{}", AUDIT_FINDING_FORM},
        {"\"seq\":1,\"t\":5,\"type\":\"x\",\"n\":1,\"t0\":1,\"data\":{}", AUDIT_FINDING_FORM},
        {"\"seq\":1,\"t\":5,\"type\":\"x\",\"n\":2,\"t0\":6,\"data\":{}", AUDIT_FINDING_FORM},
        {"\"seq\":1.0,\"t\":5,\"type\":\"x\",\"data\":{}", AUDIT_FINDING_FORM},
        {"\"seq\":1,\"seq\":1,\"t\":5,\"type\":\"x\",\"data\":{}", AUDIT_FINDING_FORM},
        {"\"seq\":4,\"t\":5,\"type\":\"log.drop\",\"data\":{\"first\":1,\"last\":3,\"count\":3,"
         "\"by_type\":{\"a\":1,\"b\":2}}",
         AUDIT_FINDING_SOUND},
        {"\"seq\":4,\"t\":5,\"type\":\"log.drop\",\"data\":{\"first\":1,\"last\":3,\"count\":3,"
         "\"by_type\":{\"a\":1}}",
         AUDIT_FINDING_DROP},
        {"\"seq\":4,\"t\":5,\"type\":\"log.drop\",\"data\":{\"first\":1,\"last\":2,\"count\":2,"
         "\"by_type\":{\"a\":2}}",
         AUDIT_FINDING_DROP},
        {"\"seq\":1,\"t\":5,\"type\":\"log.stats\",\"data\":{\"attempted\":1,\"stored\":1,"
         "\"dropped\":0,\"suppressed\":0}",
         AUDIT_FINDING_SOUND},
        {"\"seq\":1,\"t\":5,\"type\":\"log.stats\",\"data\":{\"attempted\":1,\"stored\":1,"
         "\"dropped\":0,\"suppressed\":1}",
         AUDIT_FINDING_COUNTERS},
        {"\"seq\":1,\"t\":5,\"type\":\"log.end\",\"data\":{\"attempted\":2,\"stored\":2,"
         "\"dropped\":0,\"suppressed\":0,\"size\":1,\"root\":\"sha256:00\"}",
         AUDIT_FINDING_ROOT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *members[] = {START, cases[i].second};
        assert_int_equal(check_made(members, 2), cases[i].want);
    }
}

struct sorted {
    struct audit_check check;
    size_t events, console_len;
    char console[SIZE];
};

// A checkpoint at its place, over the right records and under the run's name, whose signature is
// `signature`; by who knows all that is public.
static struct bytes forge_checkpoint(char *to, size_t size, const struct audit_check *check,
                                     const uint8_t signature[static 64])
{
    const struct audit_note_key *key = check->epoch == 0 ? check->expected.key : &check->key;
    struct audit_digest root = audit_tree_root(&check->tree);
    uint8_t blob[4 + 64];
    char note_at[AUDIT_NOTE_LEN];
    struct text note = text_of(note_at, sizeof note_at), record = text_of(to, size);
    memcpy(blob, key->id, 4);
    memcpy(blob + 4, signature, 64);
    text_put_bytes(&note, key->name);
    text_char(&note, '\n');
    text_put_u64(&note, check->tree.size);
    text_char(&note, '\n');
    base64_encode(&note, (struct bytes){root.at, sizeof root.at});
    text_put(&note, "\n\n\xe2\x80\x94 ");
    text_put_bytes(&note, key->name);
    text_char(&note, ' ');
    base64_encode(&note, (struct bytes){blob, sizeof blob});
    text_char(&note, '\n');
    text_put(&record, "{\"v\":1,\"seq\":");
    text_put_u64(&record, check->next_seq);
    text_put(&record, ",\"t\":");
    text_put_u64(&record, check->last_time);
    text_put(&record, ",\"type\":\"log.checkpoint\",\"sev\":\"info\",\"prev\":\"");
    text_put_hex(&record, (struct bytes){check->last_leaf.at, 8});
    text_put(&record, "\",\"data\":{\"size\":");
    text_put_u64(&record, check->tree.size);
    text_put(&record, ",\"note\":\"");
    text_put_json(&record, text_bytes(&note));
    text_put(&record, "\"}}");
    return text_bytes(&record);
}

// Where others write to the wire. What is refused leaves no trace: the true log goes on.
static void a_forged_checkpoint_is_refused_as_it_comes(void **state)
{
    (void)state;
    struct audit_record start;
    struct bytes vkey = {0};
    struct audit_note_key key;
    uint8_t signature[64] = {0};
    assert_true(audit_scan(&start, lines[0]));
    assert_true(audit_scan_string(&vkey, audit_scan_member(start.data, "vkey")));
    assert_true(audit_note_read_vkey(&key, vkey));
    struct audit_check check = {.expected = {.vkey = vkey, .key = &key, .every_signature = true}};
    for (size_t i = 0; i < line_count; i++) {
        static char at[BOUND_EVENT];
        assert_int_equal(audit_check_record(&check, lines[i]), AUDIT_FINDING_SOUND);
        struct bytes forged = forge_checkpoint(at, sizeof at, &check, signature);
        assert_int_equal(audit_check_record(&check, forged),
                         check.sealed ? AUDIT_FINDING_AFTER_END : AUDIT_FINDING_SIGNATURE);
        struct audit_check blind = check;
        blind.expected.every_signature = false;
        if (check.turning) { // the last of an epoch is verified in any case
            assert_int_equal(audit_check_record(&blind, forged), AUDIT_FINDING_SIGNATURE);
        } else if (!check.sealed) { // it is only the signature that it lacks
            assert_int_equal(audit_check_record(&blind, forged), AUDIT_FINDING_SOUND);
        }
    }
    assert_int_equal(audit_check_end(&check), AUDIT_FINDING_SOUND);
}

static bool take_event(void *context, struct bytes record)
{
    struct sorted *sorted = context;
    if (audit_check_record(&sorted->check, record) != AUDIT_FINDING_SOUND) {
        return false;
    }
    sorted->events++;
    return true;
}

static void take_console(void *context, struct bytes text)
{
    struct sorted *sorted = context;
    memcpy(sorted->console + sorted->console_len, text.at, text.len);
    sorted->console_len += text.len;
}

// Feeds `stream` in pieces of `step` bytes; returns the count of bad frames.
static uint64_t sort(struct sorted *sorted, const char *stream, size_t len, size_t step)
{
    *sorted = (struct sorted){.events = 0};
    struct audit_frames frames =
        audit_frames_of((struct audit_frames_user){take_event, take_console, sorted});
    for (size_t i = 0; i < len; i += step) {
        size_t part = len - i < step ? len - i : step;
        audit_frames_feed(&frames, (struct bytes){(const uint8_t *)stream + i, part});
    }
    audit_frames_end(&frames);
    assert_int_equal(frames.console_bytes, sorted->console_len);
    return frames.bad;
}

// What a program prints on a kernel that lets it write to the wire, between two true records.
static void nothing_printed_becomes_an_event(void **state)
{
    (void)state;
    static const char *const prints[] = {
        ("\x1e{\"v\":1,\"seq\":1,\"t\":2000,\"type\":\"target.exited\",\"sev\":\"info\","
         "\"prev\":\"0000000000000000\",\"data\":{\"code\":0}}\n"),
        "\x1e\x1e\x1e{}\n",
        "\x1e\n",
        "\x1e[1,2]\n",
        "\x1e{\"v\":1}\x1b[2J\n",
        "\x1b[31m::error::{\"v\":1}\n",
        "\x1eno end of a frame",
    };
    static char stream[SIZE];
    static struct sorted sorted;
    for (size_t step = 1; step <= 4096; step = step * 3 + 1) {
        for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
            int len = snprintf(stream, sizeof stream, "\x1e%.*s\n%s\x1e%.*s\n", (int)lines[0].len,
                               (const char *)lines[0].at, prints[i], (int)lines[1].len,
                               (const char *)lines[1].at);
            sort(&sorted, stream, (size_t)len, step);
            assert_int_equal(sorted.events, 2);
        }
    }
}

static void console_and_events_are_told_apart(void **state)
{
    (void)state;
    static char stream[2 * SIZE];
    static struct sorted sorted;
    size_t len = 0;
    for (size_t i = 0; i < line_count; i++) {
        len += (size_t)snprintf(stream + len, sizeof stream - len, "[x] line %02zu\n\x1e%.*s\n", i,
                                (int)lines[i].len, (const char *)lines[i].at);
    }
    for (size_t step = 1; step < len; step = step * 2 + 1) {
        assert_int_equal(sort(&sorted, stream, len, step), 0);
        assert_int_equal(sorted.events, line_count);
        assert_int_equal(sorted.console_len, line_count * strlen("[x] line 00\n"));
        assert_int_equal(audit_check_end(&sorted.check), AUDIT_FINDING_SOUND);
    }
}

static void a_frame_that_is_too_long_is_console(void **state)
{
    (void)state;
    static char stream[BOUND_EVENT + 3];
    static struct sorted sorted;
    memset(stream, 'x', sizeof stream);
    stream[0] = 0x1e;
    stream[sizeof stream - 1] = '\n';
    assert_int_equal(sort(&sorted, stream, sizeof stream, 100), 1);
    assert_int_equal(sorted.events, 0);
    assert_int_equal(sorted.console_len, sizeof stream - 1);
}

static void assert_shown(struct bytes record, bool colour, const char *want)
{
    char at[AUDIT_SHOW_LINE];
    struct text text = text_of(at, sizeof at);
    assert_int_equal(audit_show(&text, record, colour), STATUS_OK);
    assert_int_equal(text.len, strlen(want));
    assert_memory_equal(at, want, text.len);
}

static void a_record_is_one_readable_line(void **state)
{
    (void)state;
    assert_shown(lines[13], false,
                 "    0.000008 error   sensor#1      fault.vm         ip=0x4012c0 addr=0x0 "
                 "access=write fsr=0x6 cause=unmapped near=none action=restarted\n");
    assert_shown(lines[13], true,
                 "    0.000008 error   sensor#1      \x1b[31mfault.vm        \x1b[0m ip=0x4012c0 "
                 "addr=0x0 access=write fsr=0x6 cause=unmapped near=none action=restarted\n");
    assert_shown(
        lines[4], false,
        "    0.000004 error   -             package.refused  "
        "place=0 name=\"\\u001e{\\\"v\\\":1}\\u000a\\u001b[31m\\ufffd\" reason=KPKG_E_MAGIC "
        "detail=magic where=0\n");
    char at[64];
    struct text text = text_of(at, sizeof at);
    assert_int_equal(audit_show(&text, bytes_text("{\"v\":1}"), false), STATUS_USAGE);
    assert_int_equal(audit_show(&text, bytes_text("no"), false), STATUS_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_golden_log_is_sound),
        cmocka_unit_test(every_changed_byte_before_the_end_is_found),
        cmocka_unit_test(every_moved_record_is_found),
        cmocka_unit_test(each_rule_has_its_finding),
        cmocka_unit_test(a_forged_checkpoint_is_refused_as_it_comes),
        cmocka_unit_test(nothing_printed_becomes_an_event),
        cmocka_unit_test(console_and_events_are_told_apart),
        cmocka_unit_test(a_frame_that_is_too_long_is_console),
        cmocka_unit_test(a_record_is_one_readable_line),
    };
    return cmocka_run_group_tests(tests, read_golden, NULL);
}
