// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Time from the processor's tick counter, whose rate the kernel measures at boot.

#include "sel4_bootinfo.h"

struct clock {
    uint64_t ticks_per_us; // never 0
    uint64_t start;        // ticks when the root task began
};

struct clock clock_of(const struct sel4_bootinfo *bootinfo);

uint64_t clock_span(const struct clock *clock, uint64_t ticks); // in nanoseconds

// Nanoseconds since the root task began.
uint64_t clock_now(const struct clock *clock);
