// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Issued equals planned: the capabilities found in a target's CNode against those of the plan. The
// auditor reads the kernel itself and does not trust what the spawner says it did.

#include "diag.h"
#include "plan.h"

// One slot as found. `object` is the caller's finding of which planned object the cap names:
// an index into the plan's objects, PLAN_AUDITOR, or AUDIT_NO_OBJECT for anything else.
#define AUDIT_NO_OBJECT 0xfffffffeU

struct audit_slot {
    bool empty;
    enum plan_type type;
    uint8_t rights; // enum plan_rights
    uint32_t object;
    uint64_t badge;
};

// One slot against one item of the plan; as below.
enum status audit_compare_slot(const struct plan_cap *cap, const struct audit_slot *live,
                               struct diag *diag) MUST_CHECK;

// Compares slot by slot: `live` holds `count` slots, slot number = index. Fails with
// STATUS_LIVE_DIFFERS at the first difference: what = "slot count", "slot contents", "slot type",
// "slot object", "slot rights" or "slot badge"; where = the slot; detail = what was found.
enum status audit_compare(const struct plan *plan, uint32_t target, const struct audit_slot *live,
                          size_t count, struct diag *diag) MUST_CHECK;
