// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The machine as a Linux process: makes and ends it. What it does in between is machine.h.

#include "diag.h"
#include "machine.h"
#include "serial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board_inspect;

struct machine_options {
    uint64_t memory_size;   // bytes of RAM, page-aligned
    bool deterministic;     // virtual time
    uint64_t time_limit_us; // 0 = none
    const volatile int
        *stop; // not zero ends the run (sig_atomic_t: a signal handler may set it); may be NULL
    const struct serial_end *com2; // NULL = there is no second serial line
    void *context;                 // passed to the calls below; each may be NULL
    void (*output)(void *context, const uint8_t *at, size_t len); // serial line and console ring
    void (*debug)(void *context, char c);                         // kernel debug output
    // The next byte that COM1 receives, or an enum serial_input. `wait`: do not answer SERIAL_NONE.
    int (*input)(void *context, bool wait);
    // User code reached for something that this machine lacks; `what` is a literal.
    void (*unsupported)(void *context, const char *what);
    // Lists the CNode that `cptr` names, from slot `first`: fills count, next and cap of `answer`
    // (board.h).
    void (*inspect)(void *context, uint64_t cptr, uint64_t first, struct board_inspect *answer);
};

enum machine_end {
    MACHINE_END_NONE,    // still running
    MACHINE_END_EXIT,    // the debug exit port was written
    MACHINE_END_IDLE,    // nothing can ever run again
    MACHINE_END_TIME,    // the time limit
    MACHINE_END_STOPPED, // the user's wish
    MACHINE_END_HOST,    // the host took a process or memory away
};

struct machine_summary {
    enum machine_end end;
    uint32_t exit_value;
    uint32_t notes; // enum sandbox_note
    uint64_t traps;
    uint64_t ticks; // since machine_start or machine_begin
};

// Makes a machine with empty memory and no address spaces, whose sandbox may still be in the
// making. The calling thread is the tracer of all its processes: it alone may use the machine.
MUST_CHECK enum status machine_create(struct machine **machine,
                                      const struct machine_options *options, struct diag *diag);
// Starts clock and devices. To know its frequency the clock takes a fifth of a millisecond since
// the creation; what is left of that is slept.
MUST_CHECK enum status machine_start(struct machine *machine, struct diag *diag);
// Waits for the sandbox. The machine can run from here on, and the time limit counts. Until its end
// the thread is pinned to the processor that it was created on.
MUST_CHECK enum status machine_begin(struct machine *machine, struct diag *diag);
// Ends all processes and frees everything. NULL is fine.
void machine_destroy(struct machine *machine);

struct machine_summary machine_summary(const struct machine *machine);
