// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the second serial line of the hosted board is connected to.

#include <stdbool.h>
#include <stdint.h>

// What comes in place of a byte.
enum serial_input {
    SERIAL_NONE = -1, // none now
    SERIAL_END = -2,  // none any more
};

// `wait` (with virtual time): "not now" is no answer.
struct serial_end {
    void *context;
    // Takes a byte that the line sends; false = not now, it is to be offered again.
    bool (*send)(void *context, uint8_t byte, bool wait);
    // The next byte that the line receives, or an enum serial_input.
    int (*receive)(void *context, bool wait);
};
