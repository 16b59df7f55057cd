// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Runs user code until something happens that the kernel half must see (machine.h `run`).

#include "machine.h"

struct monitor;

struct machine_event trap_run(struct monitor *monitor, uint64_t root, struct registers *regs,
                              struct machine_fpu *fpu, uint64_t deadline);

// True when the run is over; sets why.
bool trap_is_over(struct monitor *monitor);

// The first of `deadline`, what a device has to do, and the end of the run.
uint64_t trap_deadline(const struct monitor *monitor, uint64_t deadline, bool idle);
