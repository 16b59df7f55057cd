// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The processes under the machine. One seed is made of the monitor by clone, strips itself
// (sandbox.h) and is emptied of the monitor's memory; every stub is a clone of the seed, so none
// ever holds a byte of the monitor, and a new address space costs tens of microseconds.

#include "arch.h"
#include "diag.h"
#include "host.h"
#include "sandbox.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct seed {
    pid_t pid;   // 0 = none
    int control; // until it is ready: its report comes there
    uint32_t notes;
    uint64_t secret; // without it no process is made: filter.h
    struct arch_frame frame;
};

// Begins to make the seed, which goes on by itself. The calling thread is its tracer.
struct seed_options {
    int memory;                           // becomes file 0 of all stubs
    bool trap_ticks;                      // reading the tick counter faults
    const struct host_affinity *affinity; // where it is pinned
};
MUST_CHECK enum status seed_start(struct seed *seed, const struct seed_options *options,
                                  struct diag *diag);
// Waits for it. It can be cloned from then on.
MUST_CHECK enum status seed_ready(struct seed *seed, struct diag *diag);
// Ends it; harmless when it was not started.
void seed_finish(struct seed *seed);

// A new stub, stopped, with nothing mapped. 0 when the host refuses.
pid_t seed_clone(struct seed *seed, struct arch_frame *frame);

// Waits for the next stop of a process. False when it has ended.
bool stub_wait(pid_t pid, int *status);
// Makes a system call in a stopped stub; `frame` holds its registers and is what it holds after.
// False when the stub is gone.
bool stub_call(pid_t pid, const struct arch_frame *frame, const struct arch_call *call,
               int64_t *result);
// Ends a stub and waits until it is gone. One that had ended is no trouble, not even where its id
// belongs to another process by now.
void stub_kill(pid_t pid);
