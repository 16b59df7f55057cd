// SPDX-License-Identifier: BSD-2-Clause

// Two runs of one system, target by target (spec/audit.md, 8): the order of events of different
// targets is the scheduler's and is not compared. What differs by nature (times, keys, the kernel)
// is in one table.

#include "audit_diff.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct event {
    struct bytes record;
    json_t *json;
    const char *target; // "" = the run
};

struct log {
    struct event *at;
    size_t count;
};

struct audit_diff_logs {
    struct log log[2];
};

// Members that belong to a run and not to its outcome; a NULL member leaves out the type.
static const struct {
    const char *type, *member;
} left_out[] = {
    {"log.start", "boot"},
    {"log.start", "nonce"},
    {"log.start", "vkey"},
    {"log.start", "kernel"},
    {"log.start", "proof"},
    {"log.start", "sdk"},
    {"log.start", "kernel_image"},
    {"log.start", "root_image"},
    {"log.start", "cfg"},
    {"caps.issued", "oracle"},
    {"caps.shown", NULL},
    {"caps.checked", "oracle"},
    {"target.spawned", "ns"},
    {"fault.timeout", "consumed_us"},
    {"fault.exception", "code"}, // QEMU's differs from processors': docs/limits.md
    {"target.restarted", "cause_seq"},
    {"target.suspended", "cause_seq"},
    {"target.killed", "cause_seq"},
    {"target.exited", "cpu_us"},
    {"target.exited", "faults"}, // counts overruns as well
    {"log.stats", NULL},
    {"ipc.trace", "dur_ns"},
    {"log.key", NULL},
    {"log.checkpoint", NULL},
    {"log.end", "attempted"},
    {"log.end", "stored"},
    {"log.end", "dropped"},
    {"log.end", "suppressed"},
    {"log.end", "size"},
    {"log.end", "root"},
};

static const char *text_of_member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool is_left_out(const char *type, const char *member)
{
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
        const char *one = left_out[i].member;
        bool same_member = one == NULL ? member == NULL : member != NULL && !strcmp(one, member);
        if (same_member && strcmp(left_out[i].type, type) == 0) {
            return true;
        }
    }
    return false;
}

// A budget that was used up and refilled is the machine's pace.
static bool is_pace(const struct event *event)
{
    const json_t *data = json_object_get(event->json, "data");
    return strcmp(text_of_member(event->json, "type"), "fault.timeout") == 0 &&
           strcmp(text_of_member(data, "action"), "resumed") == 0;
}

static bool add(struct log *log, size_t *room, struct bytes record)
{
    if (log->count == *room) {
        *room = *room == 0 ? 256 : 2 * *room;
        struct event *more = realloc(log->at, *room * sizeof(*more));
        if (more == NULL) {
            return false;
        }
        log->at = more;
    }
    json_t *json = json_loadb((const char *)record.at, record.len, 0, NULL);
    log->at[log->count] =
        (struct event){.record = record, .json = json, .target = text_of_member(json, "tgt")};
    log->count += json != NULL;
    return json != NULL;
}

static bool load(struct log *log, struct bytes lines)
{
    size_t room = 0;
    while (lines.len > 0) {
        const uint8_t *end = memchr(lines.at, '\n', lines.len);
        size_t len = end == NULL ? lines.len : (size_t)(end - lines.at);
        if (!add(log, &room, bytes_part(lines, 0, len))) {
            return false;
        }
        size_t taken = len + (end != NULL);
        lines = bytes_part(lines, taken, lines.len - taken);
    }
    return true;
}

// The next event of a target that is compared, from *at on; NULL at the end of the log.
static const struct event *next(const struct log *log, size_t *at, const char *target,
                                uint64_t *paced)
{
    for (; *at < log->count; (*at)++) {
        const struct event *event = &log->at[*at];
        if (strcmp(event->target, target) != 0 ||
            is_left_out(text_of_member(event->json, "type"), NULL)) {
            continue;
        }
        if (is_pace(event)) {
            (*paced)++;
            continue;
        }
        (*at)++;
        return event;
    }
    return NULL;
}

// The first member of `a` that `b` has not the same, or NULL.
static const char *unlike(const json_t *a, const json_t *b, const char *type)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)a, name, value)
    {
        if (!is_left_out(type, name) && !json_equal(value, json_object_get(b, name))) {
            return name;
        }
    }
    return NULL;
}

static const char *difference(const struct event *a, const struct event *b)
{
    static const char *const envelope[] = {"type", "sev", "inc"};
    if (a == NULL || b == NULL) {
        return "end";
    }
    for (size_t i = 0; i < sizeof(envelope) / sizeof(envelope[0]); i++) {
        const json_t *x = json_object_get(a->json, envelope[i]);
        const json_t *y = json_object_get(b->json, envelope[i]);
        if (x != y && !json_equal(x, y)) {
            return envelope[i];
        }
    }
    const char *type = text_of_member(a->json, "type");
    const json_t *x = json_object_get(a->json, "data"), *y = json_object_get(b->json, "data");
    const char *name = unlike(x, y, type);
    return name != NULL ? name : unlike(y, x, type);
}

static void compare_target(struct audit_diff *out, const struct audit_diff_logs *logs,
                           const char *target)
{
    size_t at[2] = {0, 0};
    for (uint64_t event = 1;; event++) {
        const struct event *a = next(&logs->log[0], &at[0], target, &out->paced);
        const struct event *b = next(&logs->log[1], &at[1], target, &out->paced);
        if (a == NULL && b == NULL) {
            return;
        }
        const char *member = difference(a, b);
        if (member == NULL) {
            out->compared++;
            continue;
        }
        if (out->count < AUDIT_DIFF_MAX) {
            out->first[out->count++] =
                (struct audit_difference){.target = bytes_text(target),
                                          .event = event,
                                          .member = member,
                                          .records = {a != NULL ? a->record : (struct bytes){0},
                                                      b != NULL ? b->record : (struct bytes){0}}};
        }
        return;
    }
}

static bool seen_before(const struct audit_diff_logs *logs, size_t which, size_t index)
{
    const char *target = logs->log[which].at[index].target;
    for (size_t w = 0; w <= which; w++) {
        size_t end = w == which ? index : logs->log[w].count;
        for (size_t i = 0; i < end; i++) {
            if (strcmp(logs->log[w].at[i].target, target) == 0) {
                return true;
            }
        }
    }
    return false;
}

enum status audit_diff(struct audit_diff *out, struct audit_diff_logs **names,
                       const struct bytes logs[2], struct diag *diag)
{
    struct audit_diff_logs *loaded = calloc(1, sizeof(*loaded));
    if (loaded == NULL || !load(&loaded->log[0], logs[0]) || !load(&loaded->log[1], logs[1])) {
        audit_diff_free(loaded);
        return diag_fail(diag, STATUS_NO_MEMORY, "event log", logs[0].len + logs[1].len);
    }
    *out = (struct audit_diff){0};
    for (size_t which = 0; which < 2; which++) {
        for (size_t i = 0; i < loaded->log[which].count; i++) {
            if (!seen_before(loaded, which, i)) {
                compare_target(out, loaded, loaded->log[which].at[i].target);
            }
        }
    }
    *names = loaded;
    return STATUS_OK;
}

void audit_diff_free(struct audit_diff_logs *names)
{
    for (size_t which = 0; names != NULL && which < 2; which++) {
        for (size_t i = 0; i < names->log[which].count; i++) {
            json_decref(names->log[which].at[i].json);
        }
        free(names->log[which].at);
    }
    free(names);
}
