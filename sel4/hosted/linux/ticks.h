// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Time. Real time is the processor's tick counter; virtual time moves by a fixed amount at each
// trap and jumps to the deadline when everything sleeps, so that a run depends on nothing but its
// input. In both, a timer pulls a running stub out of user code: at the deadline, or, in virtual
// time, when it has used so much processor time without a trap that it must be an endless loop.

#include "diag.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define TICKS_NEVER UINT64_MAX

struct ticks {
    bool is_virtual;
    uint32_t per_us;
    uint64_t virtual_now;
    volatile uint64_t armed; // the timer fires here or just after, in ticks; 0 = it has fired
    timer_t timer;
    bool has_timer;
    struct sigaction previous; // of the timer's signal
    volatile pid_t running;    // the stub to interrupt; 0 = none
    uint64_t cpu_mark_ns; // processor time of the running stub when first interrupted; 0 = not yet
};

// Both counters at one moment: the longer ago, the better the measure of one in the other.
struct ticks_mark {
    uint64_t ticks;
    uint64_t ns;
};

struct ticks_mark ticks_mark(void);
// `since` was taken by the caller before its own start; what lacks to a good measure is slept.
MUST_CHECK enum status ticks_start(struct ticks *t, bool is_virtual, struct ticks_mark since,
                                   struct diag *diag);
void ticks_finish(struct ticks *t);

uint64_t ticks_now(const struct ticks *t);
// A trap has been taken or a piece of a long operation done: virtual time moves.
void ticks_trap(struct ticks *t);

// Between enter and leave the stub `pid` is pulled out of user code with PTRACE_INTERRUPT, at the
// deadline that was watched last or soon after; perhaps also for nothing. Watch before each resume:
// what comes while the machine itself uses the stub is lost.
void ticks_enter(struct ticks *t, pid_t pid);
void ticks_watch(struct ticks *t, uint64_t deadline);
void ticks_leave(struct ticks *t);
// The running stub was pulled out: has the deadline come? Moves virtual time past an endless loop.
bool ticks_expired(struct ticks *t, uint64_t deadline);

// Waits for `deadline`, at most a tenth of a second at once.
void ticks_sleep(struct ticks *t, uint64_t deadline);
