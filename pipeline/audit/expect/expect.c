// SPDX-License-Identifier: BSD-2-Clause
#include "expect.h"

#include "audit_check.h"

// The next event of a target at or after `*at`, which moves behind it.
static bool next_event(struct bytes *line, struct audit_record *record, size_t *at,
                       struct bytes log, struct bytes target)
{
    struct bytes rest = bytes_part(log, *at, log.len - *at);
    while (rest.len != 0) {
        bool whole;
        *line = audit_check_line(&rest, &whole);
        *at = log.len - rest.len;
        if (audit_scan(record, *line) && bytes_equal(record->target, target)) {
            return true;
        }
    }
    return false;
}

static uint64_t count_of(const struct audit_record *record, const char *name)
{
    uint64_t count = 0;
    return audit_scan_count(&count, audit_scan_member(record->data, name)) ? count : 0;
}

static void begin(struct expect_state *state)
{
    struct bytes line;
    struct audit_record record;
    size_t at = 0;
    state->begun = true;
    while (next_event(&line, &record, &at, state->log, state->target)) {
        if (bytes_is(record.type, "target.spawned")) {
            state->since = record.time;
            return;
        }
    }
}

// Keeps the last few.
static void keep(struct expect_result *out, struct bytes line)
{
    if (out->nearest_count == EXPECT_NEAREST) {
        for (size_t i = 1; i < EXPECT_NEAREST; i++) {
            out->nearest[i - 1] = out->nearest[i];
        }
        out->nearest_count--;
    }
    out->nearest[out->nearest_count++] = line;
}

// Where no event has the type, the target's last events say how far it came.
static void keep_last(struct expect_result *out, const struct expect_state *state)
{
    struct bytes line;
    struct audit_record record;
    size_t at = 0;
    while (next_event(&line, &record, &at, state->log, state->target)) {
        keep(out, line);
    }
}

static enum expect_verdict judge(const struct expect_state *state,
                                 const struct audit_record *record,
                                 const struct manifest_expect *expect)
{
    if (expect->has_code && count_of(record, "code") != expect->code.value) {
        return EXPECT_CODE;
    }
    uint64_t bound = expect->within.value * 1000;
    return bound != 0 && record->time - state->since > bound ? EXPECT_LATE : EXPECT_MET;
}

void expect_next(struct expect_result *out, struct expect_state *state,
                 const struct manifest_expect *expect)
{
    struct bytes line;
    struct audit_record record;
    if (!state->begun) {
        begin(state);
    }
    *out = (struct expect_result){.verdict = EXPECT_NEVER};
    size_t at = state->from;
    while (next_event(&line, &record, &at, state->log, state->target)) {
        if (!bytes_equal(record.type, expect->type.value)) {
            continue;
        }
        out->verdict = judge(state, &record, expect);
        out->took = record.time - state->since;
        if (out->verdict == EXPECT_MET) {
            out->nearest[0] = line;
            out->nearest_count = 1;
            state->from = at;
            state->since = record.time;
            return;
        }
        keep(out, line);
    }
    if (out->nearest_count == 0) {
        keep_last(out, state);
    }
}

static bool is_against(const struct audit_record *record)
{
    struct bytes action = {0};
    bool resumed = audit_scan_string(&action, audit_scan_member(record->data, "action")) &&
                   bytes_is(action, "resumed");
    if (bytes_starts_with(record->type, bytes_text("fault.")) ||
        bytes_starts_with(record->type, bytes_text("deny."))) {
        return !resumed;
    }
    return bytes_is(record->type, "target.killed") || bytes_is(record->type, "target.failed") ||
           (bytes_is(record->type, "target.exited") && count_of(record, "code") != 0) ||
           (bytes_is(record->type, "memory.reclaimed") && count_of(record, "leaked") != 0);
}

static bool is_mentioned(const struct manifest *manifest, struct bytes type)
{
    for (size_t i = 0; i < manifest->expect_count; i++) {
        if (bytes_equal(manifest->expects[i].type.value, type)) {
            return true;
        }
    }
    return false;
}

struct bytes expect_surprise(struct bytes log, struct bytes target, const struct manifest *manifest)
{
    struct bytes line;
    struct audit_record record;
    size_t at = 0;
    while (next_event(&line, &record, &at, log, target)) {
        if (is_against(&record) && !is_mentioned(manifest, record.type)) {
            return line;
        }
    }
    return (struct bytes){0};
}

const char *expect_text(enum expect_verdict verdict)
{
    static const char *const texts[] = {
        [EXPECT_MET] = "met",
        [EXPECT_NEVER] = "never came",
        [EXPECT_CODE] = "came with another code",
        [EXPECT_LATE] = "came too late",
    };
    return texts[verdict];
}
