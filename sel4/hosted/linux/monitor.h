// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The state of the machine, shared by its files.

#include "board_device.h"
#include "host.h"
#include "machine_linux.h"
#include "space.h"
#include "stub.h"
#include "ticks.h"

struct monitor {
    struct machine base; // first: what the kernel half sees
    struct machine_options options;
    int memory;          // the memfd
    size_t backing_size; // its bytes: RAM and device memory
    struct ticks ticks;
    struct ticks_mark created;
    uint64_t start; // ticks at machine_start or machine_begin
    uint64_t limit; // ticks at which the run ends; TICKS_NEVER = no limit
    struct host_affinity affinity;
    struct board_device board;
    struct seed seed;
    struct spaces spaces;
    uint64_t traps;
    enum machine_end end;
};

// The monitor of which `m` is the visible part.
static inline struct monitor *monitor_of(struct machine *m)
{
    return (struct monitor *)m;
}
