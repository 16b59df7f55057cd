// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What follows when a target has used up its budget and its policy says `wait`.

#include "root.h"

// Lets the target that made the timeout fault under way go on when it has budget again.
//
// The kernel restarts whoever is answered at the instruction that entered it. It also raises the
// fault at the end of a system call, when what the thread waited for was delivered and its budget
// does not suffice to leave the kernel (seen on seL4 16.0.0): that call would be made a second
// time, on whatever the badge, taken for a capability, names. So a thread that stands at a call it
// has made goes on behind it. The plan makes the two cases distinct: a badge is never the number of
// a slot.
void overrun_resume(struct root *root, uint32_t target);
