// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// How the members of an event's `data` are put together, for the files that write events.

#include "audit_event.h"
#include "audit_json.h"

// Begins an object in a buffer of `size` bytes.
struct audit_json audit_data_open(char *at, size_t size);

// Ends it and puts the event into the log; returns its number. A zero subject is nobody's event.
uint64_t audit_data_put(struct audit_at at, enum audit_type type,
                        const struct audit_subject *subject, struct audit_json *data);

// The same with another severity than the type's.
uint64_t audit_data_put_as(struct audit_at at, enum audit_severity severity, enum audit_type type,
                           const struct audit_subject *subject, struct audit_json *data);
