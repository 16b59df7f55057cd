// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the kernel holds in a target's CSpace, compared with the plan before the target runs and
// again before it is taken back. The
// hosted board shows the CNode itself. A debug kernel tells the kind of each capability; its
// rights, badge and object, and all of it on a release kernel, which shows nobody a CNode's
// contents, are what the kernel accepted: the arguments of every capability that was made.

#include "audit_compare.h"
#include "root.h"

// Where live_compare's evidence comes from on this kernel.
enum audit_oracle live_oracle(const struct root *root);

// What is there now, an item for each slot of a target that has a CNode; valid until the next call
// here. What the kernel does not show is as it accepted it; NULL when it shows nothing.
const struct audit_slot *live_read(struct root *root, uint32_t target);

// Lets a debug kernel print what the targets hold, rights and badges with it, for the host to
// compare (spec/audit.md, section 6); `made` is the one that was just made, or NULL. Another kernel
// prints nothing.
void live_show(struct root *root, const struct audit_subject *made);

// LIVE_DIFFERS at the first slot that is not as planned, stand-ins (peers.h) counted as planned.
enum status live_compare(struct root *root, uint32_t target, struct diag *diag) MUST_CHECK;
