// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Notices that nobody can run any more: every target waits, for a message or signal that no other
// target is left to send. Such a system stays as it is for ever, unless one of them waits for an
// interrupt.

#include "root.h"

// Adds what a target has consumed since the last time to its `cpu_us`. True when it has run.
bool watch_count(struct root *root, uint32_t target);

// A target has run just now.
void watch_saw(struct root *root);

// A target has consumed so much since the kernel last said.
void watch_consumed(struct root *root, uint32_t target, uint64_t us);

// Looks from time to time; the timer's messages lead here. Sets `root->stuck` when no target has
// run for longer than any could be waiting for its budget.
void watch_tick(struct root *root);
