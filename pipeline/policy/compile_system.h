// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The system's objects: what instances own and others may reach, and the hardware (spec/plan.md,
// 3). They outlive targets.

#include "compile_peers.h"

// How many objects one capability of a manifest stands for, at most.
uint32_t compile_system_objects(const struct manifest_cap *cap);

// The bytes of an instance's regions, and the slots that all its objects take.
uint64_t compile_system_memory(const struct manifest *manifest);
uint64_t compile_system_slots(const struct manifest *manifest);

// Appends the objects that an instance owns to the plan, whose object_count is moved, and notes
// them in its links. NO_MEMORY when there is no room for a name.
MUST_CHECK enum status compile_system_add(struct plan *plan, const struct manifest *manifest,
                                          struct compile_link *links, struct arena *arena);

// RESOURCE_TAKEN when the instance asks for a line, ports or device memory that it has asked for
// already, that an earlier instance has which is not refused, or that are the root task's ports.
MUST_CHECK enum status compile_system_taken(const struct policy_input *input,
                                            const struct diag *refused, uint16_t instance,
                                            struct diag *diag);
