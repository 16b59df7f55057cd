// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Address spaces: one stub for each PML4 that has run. The stub's mappings are a TLB of the
// kernel's page tables: `space_fill` loads one on a miss, `space_flush` notes what may have
// changed and `space_settle` drops or renews it before the stub runs again, so that revoking many
// frames costs few calls.

#include "stub.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SPACE_LIMIT = 4096, // seL4 has that many ASIDs
    SPACE_PENDING = 8,  // ranges to drop; more are merged
};

struct space_range {
    uint64_t from;
    uint64_t to;
};

struct space {
    uint64_t root; // paddr of the PML4
    pid_t pid;
    bool is_new;               // nothing has run in it
    struct arch_frame frame;   // what the stub's registers hold
    struct machine_fpu *fpu;   // whose state the stub holds, newer than this; NULL = nobody's
    struct space_range mapped; // nothing is mapped outside
    struct space_range pending[SPACE_PENDING];
    size_t pending_count;
};

struct spaces {
    struct space *at; // SPACE_LIMIT of them
    size_t count;
    size_t last; // index of the one that was looked for last
};

// The space of `root`, made if it has none. NULL when the host refuses.
struct space *space_get(struct spaces *all, struct seed *seed, uint64_t root);
void space_forget(struct spaces *all, uint64_t root);
void space_forget_all(struct spaces *all);

// Puts the FPU state of a thread into the stub, from wherever it is. It stays there until another
// thread needs the stub. NULL: the thread has none. False when a stub is gone.
bool space_fpu_load(struct spaces *all, struct space *s, struct machine_fpu *fpu);
// Takes it out of the stub.
bool space_fpu_save(struct space *s);
// The thread is gone.
void space_fpu_forget(struct spaces *all, const struct machine_fpu *fpu);

void space_flush(struct spaces *all, uint64_t root, uint64_t vaddr, uint64_t len);
// False when the stub is gone.
bool space_settle(struct space *s, const struct machine *m, uint64_t backing);

// What came of a miss.
enum space_fill {
    SPACE_FILLED, // mapped: run on
    SPACE_ABSENT, // the kernel's tables have no translation, or none that this board can back
    SPACE_DENIED, // they have one without the right
    SPACE_LOST,   // the stub is gone
};

// Loads the translation of `vaddr` and of the pages around it. `protection` says that the stub has
// a translation which did not suffice. `backing` = bytes of physical memory.
enum space_fill space_fill(struct space *s, const struct machine *m, uint64_t backing,
                           uint64_t vaddr, bool protection);
