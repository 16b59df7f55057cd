// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a debug kernel says about a target's CNode: DebugCapIdentify tells the kind of capability in
// each slot, from the kernel's own memory and not from what the spawner believes. It tells neither
// object nor rights nor badge. Any other kernel answers this call with a fault of the caller.

#include "audit_compare.h"
#include "objects.h"

// Overwrites `empty` and `type` of the 2^cnode_bits entries of `slots` with what the kernel says.
enum status live_debug_read(struct audit_slot *slots, const struct objects_site *site,
                            struct diag *diag) MUST_CHECK;
