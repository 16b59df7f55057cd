// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The live contents of a target's CNode, from the hosted board's inspection.

#include "audit_compare.h"
#include "root.h"

// Fills one item per slot of the CNode. A slot whose object is not the planned one gets
// AUDIT_NO_OBJECT.
enum status live_board_read(struct audit_slot *slots, const struct root *root, uint32_t target,
                            struct diag *diag) MUST_CHECK;
