// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the kernel holds in a target's CSpace, compared with the plan before the target runs. The
// hosted board shows the CNode itself. A real kernel shows nobody a CNode's contents, so there the
// evidence is what it accepted: the arguments of every capability that was made.

#include "root.h"
#include "spawn.h"

// LIVE_DIFFERS at the first slot that is not as planned.
enum status live_compare(struct root *root, uint32_t target, const struct spawn_slot *made,
                         struct diag *diag) MUST_CHECK;
