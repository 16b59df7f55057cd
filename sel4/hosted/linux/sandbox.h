// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The child's side of a stub's making: a fresh process takes every privilege from itself, keeps one
// file (physical memory, as file 0), maps the hidden area and enters the trampoline. It runs no
// line of C after that; the machine then unmaps the C program from it.

#include "host.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// What the host did not allow; the machine runs without it and says so. Bits.
enum sandbox_note {
    SANDBOX_NO_NAMESPACES = 1,  // stubs share the user's namespaces
    SANDBOX_NO_ROOT_CHANGE = 2, // stubs see the user's file tree (but have no call to open it with)
    SANDBOX_SAME_USER = 4,      // stubs run as the user of the machine
    SANDBOX_SEALED_PAGES = 8,   // the host seals pages into every process: they stay in the stubs
};

struct sandbox {
    int memory;    // physical memory
    int control;   // read a byte to begin; write struct sandbox_report
    bool was_root; // leave root for `user`
    uid_t user;
    bool trap_ticks;               // reading the tick counter faults
    uint64_t secret;               // filter.h
    struct host_affinity affinity; // of the machine's thread
};

struct sandbox_report {
    uint32_t notes;
    int32_t failed; // step that failed (line of sandbox.c), 0 = none
};

// Clones a process into a user and a process namespace of its own, if the host allows. 0 in the
// child, as fork.
pid_t sandbox_clone(uint32_t *notes);

// Runs in the child.
_Noreturn void sandbox_enter(struct sandbox *box, uint32_t notes);
