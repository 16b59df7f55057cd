// SPDX-License-Identifier: BSD-2-Clause
#include "audit_control.h"

#include "audit_json.h"

enum { DATA = 512 };

static const struct audit_subject channel;

static uint64_t put(struct audit_at at, enum audit_type type, const struct audit_subject *subject,
                    struct audit_json *data)
{
    audit_json_close(data, '}');
    struct audit_event event = {.type = type,
                                .severity = audit_log_severity(type),
                                .now = at.now,
                                .subject = *subject,
                                .data = text_bytes(&data->text)};
    return audit_log_put(at.log, &event);
}

static struct audit_json open_data(char *at)
{
    struct audit_json json = audit_json_of(at, DATA);
    audit_json_open(&json, NULL, '{');
    return json;
}

uint64_t audit_control_asked(struct audit_at at, const struct audit_control *control)
{
    char data[DATA];
    struct audit_json json = open_data(data);
    audit_json_name(&json, "verb", control->verb);
    if (control->instance.len != 0) {
        audit_json_text(&json, "instance", control->instance);
    }
    if (control->size != 0) {
        audit_json_int(&json, "size", control->size);
    }
    return put(at, AUDIT_CONTROL_ASKED, &control->subject, &json);
}

uint64_t audit_control_refused(struct audit_at at, const struct audit_subject *subject,
                               uint64_t asked, const struct diag *diag)
{
    char data[DATA];
    struct audit_json json = open_data(data);
    audit_json_int(&json, "asked", asked);
    audit_json_name(&json, "reason", status_name(diag->status));
    audit_json_name(&json, "detail", diag->what == NULL ? "" : diag->what);
    return put(at, AUDIT_CONTROL_REFUSED, subject, &json);
}

uint64_t audit_control_noise(struct audit_at at, uint64_t bytes)
{
    char data[DATA];
    struct audit_json json = open_data(data);
    audit_json_int(&json, "bytes", bytes);
    return put(at, AUDIT_CONTROL_NOISE, &channel, &json);
}
