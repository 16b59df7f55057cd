// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The CSpace of a target, slot by slot (spec/plan.md, 5): slot 0 a tripwire, slot 1 "exit", then
// the manifest's capabilities in its order, then tripwires to the end.

#include "compile_peers.h"

// Slots that the manifest's capabilities take; regions and devices take none.
uint32_t compile_caps_slots(const struct manifest *manifest);

// Radix of the CNode: everything asked for, and at least one slot more.
uint8_t compile_caps_bits(const struct manifest *manifest);

// CAP_NAME when a name is taken by a built-in capability or too long for the start-up record.
MUST_CHECK enum status compile_caps_names(const struct manifest *manifest, struct diag *diag);

// What a capability of this role gives, enum plan_rights.
uint8_t compile_caps_rights(enum manifest_role role);

// Fills the slots of target `index` of the plan, all 2^cnode_bits of them from target.first_cap on.
// The object of every owner is set in `links`.
void compile_caps(struct plan *plan, uint16_t index, const struct compile_links *links,
                  const struct policy_input *input);
