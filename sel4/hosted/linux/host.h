// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Small services of Linux.

#include <stdbool.h>
#include <stddef.h>

// A sealed memory file: its size is fixed for ever. -1 and errno when refused.
int host_memory_file(size_t size);

// Which processors a thread may run on, before it was pinned and since.
struct host_affinity {
    bool is_pinned;
    unsigned long previous[16], pinned[16];
};

// Pins the calling thread, and the processes it makes from now on, to the processor it is on: a
// trap then costs a tenth, because monitor and stub hand over without waking another processor. A
// host that refuses costs time only.
void host_pin(struct host_affinity *affinity);
void host_unpin(struct host_affinity *affinity);

// In a process made by a pinned thread: leaves the processor to that thread, and comes back to it.
void host_step_aside(const struct host_affinity *affinity);
void host_step_back(const struct host_affinity *affinity);
