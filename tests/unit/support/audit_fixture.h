// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A small plan and a sink that collects what a log sends.

#include "audit_event.h"

enum { AUDIT_FIXTURE_STREAM = 1 << 20, AUDIT_FIXTURE_SLOTS = 16 };

// One target, "sensor": 16 slots with eight caps, text, read-only data, a stack and a record.
struct plan audit_fixture_plan(void);

struct audit_stream {
    size_t len;
    size_t budget; // bytes that the sink still takes
    uint8_t at[AUDIT_FIXTURE_STREAM];
};

// A sink that takes bytes until the budget is used up.
struct audit_sink audit_fixture_sink(struct audit_stream *stream);

// Splits the stream into lines in place: RS and LF are checked and removed. Returns the count.
size_t audit_fixture_records(struct bytes *records, size_t max, const struct audit_stream *stream);
