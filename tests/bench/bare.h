// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The least that ptrace can do for a system call: resume, wait, read and write the registers.

#include <sys/types.h>

// A traced child that makes system calls for ever, stopped at one.
pid_t bare_start(void);
void bare_trap(pid_t pid);
void bare_stop(pid_t pid);
