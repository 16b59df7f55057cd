// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Notifications by which the root task tells a target something: one that the target owns under a
// certain name (spec/target-abi.md, 8 and 10).

#include "root.h"

// The root task's capability to it; 0 = the target has none.
cap_slot bell_of(const struct root *root, uint32_t target, const char *name);

// Rings with a badge, which the root task's own capability does not have.
enum status bell_ring(struct root *root, cap_slot bell, uint64_t badge) MUST_CHECK;
