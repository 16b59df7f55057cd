// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the second serial line of the hosted board is connected to.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What comes in place of a byte.
enum serial_input {
    SERIAL_NONE = -1, // none now
    SERIAL_END = -2,  // none any more
};

// `wait` (with virtual time): "not now" is no answer.
struct serial_end {
    void *context;
    // Takes bytes that the line sends, from the first on; how many. The others are to be offered
    // again.
    size_t (*send)(void *context, const uint8_t *at, size_t len, bool wait);
    // The next byte that the line receives, or an enum serial_input.
    int (*receive)(void *context, bool wait);
};
