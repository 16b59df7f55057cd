// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The auditor's loop. Everything that happens to a target arrives at one endpoint, and the badge
// says what it is: a fault, a timeout, a tripwire, or a call of a built-in service. Only the kernel
// sends with a fault badge, so labels are never asked who speaks.

#include "root.h"

// Serves until no target keeps the system running, and then until nobody has anything left to say.
void serve_all(struct root *root);
