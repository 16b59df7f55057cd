// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The bytes of COM2, for the control channel. On the hosted board many come and go in one kernel
// call, elsewhere each is one of the 16550's.

#include "hosted_board.h"
#include "objects.h"
#include "uart.h"

struct line {
    struct uart uart;
    const struct hosted_board *board; // NULL = a machine without one
    struct bytes came;                // taken from the board and not yet from here
    bool waits;                       // interrupts when it is empty
};

// Sets COM2 up. False when the machine has none. `board` may be NULL; else its page is mapped.
bool line_open(struct line *line, const struct objects_pool *pool, struct hosted_board *board);

// The next byte that has come; false when none has. Whether one has.
bool line_get(uint8_t *byte, struct line *line);
bool line_received(struct line *line);

// Whether the line is to interrupt when it has taken all bytes, too. The hosted board's never does:
// what its other end does not take has no time of its own.
void line_wait(struct line *line, bool waits);

// How many of these bytes the line takes now, from the first on.
size_t line_put(struct line *line, struct bytes bytes);
