// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Names for what a kernel shows of a running system, which knows badges, CPtrs and addresses only:
// what its plan calls them.

#include "plan.h"
#include "text.h"

// The target whose thread has a fault handler with this badge; NULL = none, so one of the root
// task's.
const struct plan_target *plan_names_target(const struct plan *plan, uint64_t handler);

// What a target's CPtr stands for: `log (slot 0x2, endpoint log.main)`.
void plan_names_cap(struct text *text, const struct plan *plan, const struct plan_target *target,
                    uint64_t cptr);

// What a CPtr of the root task stands for: `0x80003 (tcb of hello)`.
void plan_names_held(struct text *text, const struct plan *plan, uint64_t cptr);

// What a planned capability names: `log.main`, `auditor`, `console`.
void plan_names_object(struct text *text, const struct plan *plan, const struct plan_cap *cap);
