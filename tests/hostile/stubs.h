// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What Linux says about the processes of this program's machine, and a way to take the first wall
// down. Kept apart from the seL4 headers, whose register names are also glibc's.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The only child of `parent`.
pid_t stubs_child(pid_t parent);
size_t stubs_children(pid_t parent);

// A field of /proc/PID/status, from its first non-blank character.
void stubs_status(pid_t pid, const char *field, char *value, size_t size);

// True when the process has file 0 open and no other.
bool stubs_one_file(pid_t pid);

// Bytes of address space outside [keep_from, keep_to), the vsyscall page excluded.
uint64_t stubs_mapped(pid_t pid, uint64_t keep_from, uint64_t keep_to);

// True when `what` (as in /proc/PID/ns) is not this program's.
bool stubs_other_namespace(pid_t pid, const char *what);

// Lets the stopped stub really execute the instruction at `rip` with these registers, untouched by
// the machine's interception. Returns the signal that stopped or killed it.
int stubs_execute(pid_t pid, uint64_t rip, uint64_t rax, const uint64_t argument[6]);

// Which components of the extended processor state a stopped stub has in use (XSTATE_BV), without
// protection keys, which Linux sets itself.
uint64_t stubs_vectors(pid_t pid);

// Sends a signal.
void stubs_signal(pid_t pid, int number);

// Sends SIGKILL.
void stubs_kill(pid_t pid);

// Waits until the process is gone, at most a second.
bool stubs_gone(pid_t pid);
