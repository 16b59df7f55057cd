// SPDX-License-Identifier: BSD-2-Clause
#include "audit_control.h"

#include "audit_data.h"

enum { DATA = 512 };

static const struct audit_subject channel;

uint64_t audit_control_asked(struct audit_at at, const struct audit_control *control)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_name(&json, "verb", control->verb);
    if (control->instance.len != 0) {
        json_text_short(&json, "instance", control->instance);
    }
    if (control->size != 0) {
        json_text_int(&json, "size", control->size);
    }
    return audit_data_put(at, AUDIT_CONTROL_ASKED, &control->subject, &json);
}

uint64_t audit_control_refused(struct audit_at at, const struct audit_subject *subject,
                               uint64_t asked, const struct diag *diag)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "asked", asked);
    json_text_name(&json, "reason", status_name(diag->status));
    json_text_name(&json, "detail", diag->what == NULL ? "" : diag->what);
    return audit_data_put(at, AUDIT_CONTROL_REFUSED, subject, &json);
}

uint64_t audit_control_noise(struct audit_at at, uint64_t bytes)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "bytes", bytes);
    return audit_data_put(at, AUDIT_CONTROL_NOISE, &channel, &json);
}
