// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// How much a target may have the root task do in a time. The root task runs before every target, so
// what it does for one is taken from the others; who asks for more waits until its next window.

#include <stdbool.h>
#include <stdint.h>

enum {
    METER_WINDOW_MS = 100,
    METER_LIMIT = 32768, // in each window: bytes of text and METER_CALL for each call
    METER_CALL = 64,
};

struct meter {
    uint64_t from; // ns: begin of the window
    uint64_t used;
    bool held; // the target waits for the next window
};

// Charges one call with `bytes` of text. False when that is more than the window has.
bool meter_take(struct meter *meter, uint64_t now, uint64_t bytes);

// Whether a new window has begun.
bool meter_is_over(const struct meter *meter, uint64_t now);
