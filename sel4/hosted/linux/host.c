// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "host.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int host_memory_file(size_t size)
{
    int file = memfd_create("kpkg-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) {
        return -1;
    }
    // Stubs hold this file too: sealed, none can shrink it under the monitor's mapping (SIGBUS) or
    // let it grow over the host's memory.
    if (ftruncate(file, (off_t)size) != 0 ||
        fcntl(file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
        (void)close(file);
        return -1;
    }
    return file;
}

// The header shows plain words in place of cpu_set_t, which needs _GNU_SOURCE in all who include
// it.
_Static_assert(sizeof(cpu_set_t) == sizeof(((struct host_affinity *)0)->previous), "affinity");

static bool allow(const unsigned long *processors)
{
    cpu_set_t set;
    memcpy(&set, processors, sizeof set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

void host_choose(struct host_affinity *affinity)
{
    cpu_set_t set;
    int processor = sched_getcpu();
    CPU_ZERO(&set);
    // What could not be given back is not changed: Linux refuses to pin to no processor at all.
    bool known = sched_getaffinity(0, sizeof set, &set) == 0;
    memcpy(affinity->previous, &set, sizeof set);
    CPU_ZERO(&set);
    if (known && processor >= 0) {
        CPU_SET((size_t)processor, &set);
    }
    memcpy(affinity->pinned, &set, sizeof set);
}

void host_pin(struct host_affinity *affinity)
{
    affinity->is_pinned = allow(affinity->pinned);
}

void host_unpin(struct host_affinity *affinity)
{
    if (affinity->is_pinned) {
        (void)allow(affinity->previous);
    }
    affinity->is_pinned = false;
}
