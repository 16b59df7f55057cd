// SPDX-License-Identifier: BSD-2-Clause

// A log as the commands take it in: from the wire, where others write too, and as a file that is
// judged, compared with itself and with a plan, and exported. Each record's `prev` is set to what
// it has to be, so that the mutations of the rest get past the chain.

#include "audit_diff.h"
#include "audit_frames.h"
#include "audit_show.h"
#include "audit_tree.h"
#include "diff_run.h"
#include "export.h"

#include <string.h>

#include "fuzz.h"

enum { LOG_MAX = 1 << 18, PREV = 16 };

static uint8_t chained[LOG_MAX];

static void set_prev(uint8_t *line, size_t len, const struct audit_digest *last)
{
    static const char key[] = "\"prev\":\"";
    uint8_t *at = memmem(line, len, key, sizeof key - 1);
    size_t room = at != NULL ? len - (size_t)(at - line) - (sizeof key - 1) : 0;
    if (room > PREV) {
        struct text hex = text_of((char *)at + sizeof key - 1, PREV);
        text_put_hex(&hex, (struct bytes){last->at, PREV / 2});
    }
}

// The input with the chain set right.
static struct bytes chain(const uint8_t *at, size_t len)
{
    struct audit_digest last = {{0}};
    len = len < LOG_MAX ? len : LOG_MAX;
    memcpy(chained, at, len);
    for (size_t first = 0, end; first < len; first = end + 1) {
        const uint8_t *lf = memchr(chained + first, '\n', len - first);
        end = lf != NULL ? (size_t)(lf - chained) : len;
        set_prev(chained + first, end - first, &last);
        if (end - first <= BOUND_EVENT) {
            last = audit_tree_leaf((struct bytes){chained + first, end - first});
        }
    }
    return (struct bytes){chained, len};
}

static bool take_event(void *context, struct bytes record)
{
    char line[AUDIT_SHOW_LINE];
    struct text shown = text_of(line, sizeof line);
    bool good = audit_check_record(context, record) == AUDIT_FINDING_SOUND;
    FUZZ_CHECK(record.len >= 1 && record.len <= BOUND_EVENT);
    FUZZ_CHECK(audit_show(&shown, record, false) == STATUS_OK || !good);
    FUZZ_CHECK(!good || !shown.cut);
    return good;
}

static void take_console(void *context, struct bytes text)
{
    (void)context;
    FUZZ_CHECK(text.len == 0 || memchr(text.at, 0x1e, text.len) == NULL);
}

// As it is on the wire: RS before each line.
static void check_wire(struct bytes log)
{
    struct audit_check check = {.tree = {.size = 0}};
    struct audit_frames frames = audit_frames_of((struct audit_frames_user){
        .event = take_event, .console = take_console, .context = &check});
    while (log.len != 0) {
        bool whole;
        struct bytes line = audit_check_line(&log, &whole);
        audit_frames_feed(&frames, bytes_text("\x1e"));
        audit_frames_feed(&frames, line);
        audit_frames_feed(&frames, bytes_text(whole ? "\n" : ""));
    }
    audit_frames_end(&frames);
}

static void check_same(struct bytes log)
{
    struct audit_diff diff;
    struct audit_diff_logs *names = NULL;
    struct diag diag = {0};
    const struct bytes logs[2] = {log, log};
    FUZZ_CHECK(audit_diff(&diff, &names, logs, &diag) == STATUS_OK && diff.count == 0);
    audit_diff_free(names);
}

static void check_exports(struct bytes log, const struct audit_verify_report *report)
{
    const struct export_input input = {
        .log = log, .report = report, .path = "events.jsonl", .token = "0123456789abcdef"};
    for (const struct export_format *f = export_formats; f->name != NULL; f++) {
        char *text = NULL;
        size_t len = 0;
        FILE *to = open_memstream(&text, &len);
        FUZZ_CHECK(to != NULL);
        f->write(to, &input);
        fclose(to);
        free(text);
    }
}

// A plan of the target that the golden log has, which was given half of what the log says.
static const struct plan *small_plan(void)
{
    static struct plan_object objects[] = {{.type = PLAN_ENDPOINT, .owner = PLAN_SYSTEM}};
    static struct plan_cap caps[] = {
        {.kind = PLAN_CAP_TRIPWIRE, .type = PLAN_ENDPOINT, .object = PLAN_AUDITOR},
        {.kind = PLAN_CAP_ISSUED, .type = PLAN_ENDPOINT, .rights = PLAN_WRITE, .slot = 3},
    };
    static struct plan_target targets[] = {
        {.untyped_bits = 20, .cnode_bits = 4, .budget_us = 2000, .period_us = 10000, .caps = 2}};
    static const struct plan plan = {.targets = targets,
                                     .objects = objects,
                                     .caps = caps,
                                     .target_count = 1,
                                     .object_count = 1,
                                     .cap_count = 2};
    objects[0].name = caps[1].name = bytes_text("log");
    targets[0].name = targets[0].package = bytes_text("sensor");
    return &plan;
}

// Whatever the log says, the comparison finds it, by the rules for runs and no others; one that is
// contradicted says that and nothing else.
static void check_plan(struct bytes log, const struct audit_verify_report *report)
{
    static uint8_t memory[16 << 20];
    struct arena arena = arena_of(memory, sizeof memory);
    struct audit_expected expected = {.has_nonce = false};
    struct authority planned;
    struct diff diff;
    struct diag diag;
    const struct plan *plan = small_plan();
    FUZZ_CHECK(authority_plan(&planned, plan, &arena, &diag) == STATUS_OK);
    const struct diff_run_input input = {.plan = plan,
                                         .planned = &planned,
                                         .log = log,
                                         .file = bytes_text("events.jsonl"),
                                         .expected = &expected};
    FUZZ_CHECK(diff_run(&diff, &input, &arena, &diag) == STATUS_OK);
    for (uint32_t i = 0; i < diff.change_count; i++) {
        FUZZ_CHECK(diff.changes[i].rule >= DIFF_RUN_MORE && diff.changes[i].rule <= DIFF_RUN_LESS);
        FUZZ_CHECK(diff.changes[i].rule != DIFF_EVIDENCE_INVALID || diff.change_count == 1);
    }
    FUZZ_CHECK(report->finding == AUDIT_FINDING_SOUND || diff.verdict == DIFF_GREW);
}

// With the key that the log itself names: signatures are verified, and keys of epochs taken.
static void check_keyed(struct bytes log)
{
    static struct audit_verify_report report;
    struct audit_record start;
    struct bytes vkey, rest = log;
    struct audit_note_key key;
    bool whole;
    if (!audit_scan(&start, audit_check_line(&rest, &whole)) ||
        !audit_scan_string(&vkey, audit_scan_member(start.data, "vkey")) ||
        !audit_note_read_vkey(&key, vkey)) {
        return;
    }
    struct audit_expected expected = {.vkey = vkey, .key = &key};
    audit_verify(&report, log, &expected, NULL);
    FUZZ_CHECK(report.signed_count <= report.check.tree.size);
    FUZZ_CHECK(report.check.closed_size <= report.signed_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct audit_verify_report report;
    struct audit_expected expected = {.has_nonce = false};
    struct bytes log = chain(at, len);
    check_wire(log);
    audit_verify(&report, log, &expected, NULL);
    struct audit_check check = {.tree = {.size = 0}};
    size_t line;
    if (audit_check_lines(&line, &check, log) == AUDIT_FINDING_SOUND) {
        check_same(log);
    }
    check_plan(log, &report);
    check_keyed(log);
    check_exports(log, &report);
    return 0;
}
