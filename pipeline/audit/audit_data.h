// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// How the members of an event's `data` are put together, for the files that write events.

#include "audit_event.h"
#include "json_text.h"

// Begins an object in a buffer of `size` bytes.
struct json_text audit_data_open(char *at, size_t size);

// Ends it and puts the event into the log; returns its number. A zero subject is nobody's event.
uint64_t audit_data_put(struct audit_at at, enum audit_type type,
                        const struct audit_subject *subject, struct json_text *data);

// The same with another severity than the type's.
uint64_t audit_data_put_as(struct audit_at at, enum audit_severity severity, enum audit_type type,
                           const struct audit_subject *subject, struct json_text *data);
