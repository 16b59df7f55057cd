// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From objects to a running process, in four steps that each only do what the plan says: load fills
// the address space, populate the CSpace, configure binds both to the thread, and start, the one
// step that lets the program run, makes it runnable. Any of them may fail half-way; then
// objects_reclaim takes everything back.

#include "bytes.h"
#include "objects.h"

// What is loaded. The binary is a verified one and stands page-aligned in the root task's image, so
// that its pages are frames which the target can have in place.
struct spawn_source {
    struct bytes binary;
    cap_slot frames;               // of the binary's first page; the others follow
    const struct bytes *arguments; // of the instance
    uint32_t argument_count;
    uint64_t incarnation; // from 1
    uint64_t ticks_per_us;
    uint8_t *window; // a page of the root task's address space that has no frame
};

// Fills the target's frames with the binary, its record and zeroes, and maps them as planned.
enum status spawn_load(const struct objects_site *site, const struct spawn_source *source,
                       struct diag *diag) MUST_CHECK;

// Writes the start-up record (target/record.h) into `page`, 4096 zeroed bytes.
enum status spawn_record(uint8_t *page, const struct objects_site *site,
                         const struct spawn_source *source, struct diag *diag) MUST_CHECK;

// One slot of the target's CNode as it was made: the arguments that the kernel accepted.
struct spawn_slot {
    cap_slot from; // the root task's capability that it was derived from; 0 = never made
    uint8_t rights;
    uint64_t badge;
};

// Fills every slot of the CSpace; `made` has room for 2^cnode_bits entries. `auditor` is the root
// task's unbadged endpoint: tripwires and built-in services are derived from it.
enum status spawn_populate(struct spawn_slot *made, const struct objects_site *site,
                           cap_slot auditor, struct diag *diag) MUST_CHECK;

// The relays of the target's traced capabilities, each with its CSpace. A relay is a thread in the
// root task's address space that runs on its callers' time.
struct spawn_relays {
    cap_slot auditor;
    cap_slot starter; // a scheduling context that nobody has, with time enough to begin to wait
    uint64_t entry;   // answers its first caller at once
    // The page of a relay, from the target's first one on: its IPC buffer, then its stack.
    uint8_t *pages;
    cap_slot frames; // of these pages
};

enum { SPAWN_RELAY_PAGE = 4096 };

// Fills their CSpaces and calls each once, which it answers when it waits for its next caller.
enum status spawn_relays(const struct objects_site *site, const struct spawn_relays *relays,
                         struct diag *diag) MUST_CHECK;

// Binds CSpace, address space, scheduling context and fault handlers to the thread.
enum status spawn_configure(const struct objects_site *site, cap_slot auditor,
                            cap_slot sched_control, uint64_t incarnation,
                            struct diag *diag) MUST_CHECK;

// The target runs from here on.
enum status spawn_start(const struct objects_site *site, struct diag *diag) MUST_CHECK;
