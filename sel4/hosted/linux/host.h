// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Small services of Linux.

#include <stdbool.h>
#include <stddef.h>

// A sealed memory file: its size is fixed for ever. -1 and errno when refused.
int host_memory_file(size_t size);

// Which processors a thread might run on before it is pinned, and the one that it is pinned to.
struct host_affinity {
    bool is_pinned;
    unsigned long previous[16], pinned[16];
};

// Chooses the processor that the calling thread is on. A trap costs a tenth where monitor and stub
// share one, for they hand over without waking another. A host that refuses costs time only.
void host_choose(struct host_affinity *affinity);
// Pins the calling thread there, with all processes that it makes from now on.
void host_pin(struct host_affinity *affinity);
// It goes back to where it was.
void host_unpin(struct host_affinity *affinity);
