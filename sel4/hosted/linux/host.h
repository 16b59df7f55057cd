// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Small services of Linux.

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// A sealed memory file: its size is fixed for ever. -1 and errno when refused.
int host_memory_file(size_t size);

// Which processors a thread might run on before it was pinned.
struct host_affinity {
    bool is_pinned;
    unsigned long previous[16];
};

// Pins the calling thread and `process`, with all that it makes from now on, to the processor that
// the thread is on: a trap then costs a tenth, because monitor and stub hand over without waking
// another processor. A host that refuses costs time only.
void host_pin(struct host_affinity *affinity, pid_t process);
// The calling thread goes back to where it was.
void host_unpin(struct host_affinity *affinity);
