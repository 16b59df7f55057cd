// SPDX-License-Identifier: BSD-2-Clause
#include "audit_data.h"

struct audit_json audit_data_open(char *at, size_t size)
{
    struct audit_json json = audit_json_of(at, size);
    audit_json_open(&json, NULL, '{');
    return json;
}

uint64_t audit_data_put_as(struct audit_at at, enum audit_severity severity, enum audit_type type,
                           const struct audit_subject *subject, struct audit_json *data)
{
    audit_json_close(data, '}');
    struct audit_event event = {.type = type,
                                .severity = severity,
                                .now = at.now,
                                .subject = *subject,
                                .data = text_bytes(&data->text)};
    return audit_log_put(at.log, &event);
}

uint64_t audit_data_put(struct audit_at at, enum audit_type type,
                        const struct audit_subject *subject, struct audit_json *data)
{
    return audit_data_put_as(at, audit_log_severity(type), type, subject, data);
}
