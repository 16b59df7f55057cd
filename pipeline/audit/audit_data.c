// SPDX-License-Identifier: BSD-2-Clause
#include "audit_data.h"

struct json_text audit_data_open(char *at, size_t size)
{
    struct json_text json = json_text_of(at, size);
    json_text_open(&json, NULL, '{');
    return json;
}

uint64_t audit_data_put_as(struct audit_at at, enum audit_severity severity, enum audit_type type,
                           const struct audit_subject *subject, struct json_text *data)
{
    json_text_close(data, '}');
    struct audit_event event = {.type = type,
                                .severity = severity,
                                .now = at.now,
                                .subject = *subject,
                                .data = text_bytes(&data->text)};
    return audit_log_put(at.log, &event);
}

uint64_t audit_data_put(struct audit_at at, enum audit_type type,
                        const struct audit_subject *subject, struct json_text *data)
{
    return audit_data_put_as(at, audit_log_severity(type), type, subject, data);
}
