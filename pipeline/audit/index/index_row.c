// SPDX-License-Identifier: BSD-2-Clause
#include "index_row.h"

// How a type is read: which member gives the reason, and up to three the rest.
struct reading {
    const char *type, *class;
    const char *reason; // a member of data, or the reason itself where `fixed`
    bool fixed;
    const char *what[3]; // members, shown as "name value"
};

static const struct reading readings[] = {
    {"target.spawned", "start", NULL, false, {NULL}},
    {"deny.tripwire", "denial", "tripwire", true, {"slot", "label"}},
    {"fault.cap", "denial", "lookup", false, {"cptr", "phase"}},
    {"package.refused", "denial", "reason", false, {"name", "detail"}},
    {"policy.refused", "denial", "reason", false, {"name", "detail"}},
    {"system.refused", "denial", "reason", false, {"detail", "where"}},
    {"fault.vm", "fault", "cause", false, {"access", "addr", "near"}},
    {"fault.syscall", "fault", "syscall", true, {"nr"}},
    {"fault.exception", "fault", "name", false, {"vector", "code"}},
    {"fault.timeout", "fault", "budget", true, {"budget_us", "period_us"}},
    {"ipc.trace", "call", "verdict", false, {"via", "dst"}},
    {"target.killed", "stop", "reason", false, {NULL}},
    {"target.suspended", "stop", "reason", false, {NULL}},
    {"target.failed", "stop", "reason", false, {"step", "detail"}},
    {"target.exited", "stop", "code", true, {"code"}},
};

// A string's inside, or a number as it is written; empty where the member is absent.
static struct bytes member(struct bytes data, const char *name)
{
    struct bytes value = audit_scan_member(data, name), inside;
    return audit_scan_string(&inside, value) ? inside : value;
}

// What went on after it, or ended as it should, is in no class.
static bool is_nothing(const struct audit_record *record)
{
    if (bytes_starts_with(record->type, bytes_text("fault."))) {
        return bytes_is(member(record->data, "action"), "resumed");
    }
    return bytes_is(record->type, "target.exited") && bytes_is(member(record->data, "code"), "0");
}

static void put_what(struct text *to, const struct reading *reading, struct bytes data)
{
    for (size_t i = 0; i < 3 && reading->what[i] != NULL; i++) {
        struct bytes value = member(data, reading->what[i]);
        if (value.len != 0) {
            text_put(to, to->len != 0 ? " " : "");
            text_put(to, reading->what[i]);
            text_char(to, ' ');
            text_put_bytes(to, value);
        }
    }
}

void index_row_of(struct index_row *out, const struct audit_record *record)
{
    out->class = NULL;
    out->lasted = false;
    out->reason = (struct bytes){0};
    out->what = text_of(out->what_at, sizeof out->what_at);
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        const struct reading *reading = &readings[i];
        if (!bytes_is(record->type, reading->type) || is_nothing(record)) {
            continue;
        }
        out->class = reading->class;
        out->lasted = audit_scan_count(&out->duration, audit_scan_member(record->data, "dur_ns"));
        if (reading->reason != NULL) {
            out->reason = reading->fixed ? bytes_text(reading->reason)
                                         : member(record->data, reading->reason);
        }
        put_what(&out->what, reading, record->data);
    }
}
