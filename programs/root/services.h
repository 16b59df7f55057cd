// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The root task's own services (spec/target-abi.md). All use label 1; an answer's label is 0, or 1
// where the call is not understood.
//
//   exit     MR0 = code; never answered. Label 2: a passive server waits for its first message
//   console  MR0 = length in bytes, MR1.. = the bytes, eight a word; printed line by line under the
//            instance's name
//   time     answers MR0 = nanoseconds since the root task began
//   spawn    children.h

#include "root.h"

// A target may have the root task do so much in a time (meter.h); then it waits, and the timer's
// messages, which lead to services_tick, let it make its call again.
void services_tick(struct root *root);

// Charges a call of a target's thread with `words` words. False when that is more than the window
// has: the thread, stopped in a call that was not answered, makes it again in the next one.
bool services_room(struct root *root, uint32_t target, cap_slot thread, uint64_t words);

// Answers a call through a built-in capability of a target.
void services_call(struct root *root, uint32_t target, const struct sel4_received *received);
