// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The policy compiler: verified packages of one system -> the plan of that system (spec/plan.md).
// Deterministic: the same input gives the same plan. It makes nothing stronger than what a manifest
// asks for and what enough signers' ceilings cover; a package that asks for more is refused whole,
// and the others go on without it.

#include "elf_image.h"
#include "manifest.h"
#include "plan.h"
#include "system.h"
#include "verify.h"

// One [[package]] of the system file. `verified` NULL: the package was refused or could not be
// read, and the rest is not looked at. Otherwise manifest and binary are those of the verified
// bytes, and manifest_matches has compared them with the header.
struct policy_instance {
    struct bytes name; // instance name, unique (system_instances)
    const struct verified *verified;
    const struct manifest *manifest;
    const struct elf_image *elf;
};

struct policy_input {
    const struct system *system;
    const struct policy_instance *instances; // one for each of the system's packages, in order
};

// Compiles the system. The plan has a target for every instance that could be compiled, in the
// order of the system file (plan_target.package_index); all of it lies in `arena` or is borrowed
// from the input.
//
// `refused` has one item per instance. Those of instances without `verified` are left alone. The
// others become STATUS_OK for a planned instance, else the reason: CEILING, CEILING_THRESHOLD,
// BUDGET, PRIORITY, MEMORY_LIMIT, CAP_NAME, TOO_MANY_CAPS, RESOURCE_ABSENT, PEER_ABSENT (which also
// befalls the clients of a refused instance), PEER_ROLE, PEER_DENIED, PEER_SIZE, PEER_AMBIGUOUS,
// RESOURCE_TAKEN, SPAWN_ABSENT, SPAWN_QUOTA, SPAWN_EXCEEDS, with the line of the manifest.
//
// The result is about the system as a whole: MEMORY_LIMIT or BUDGET with a line of the system file
// when the targets together are too much for it, OUT_OF_SLOTS, or NO_MEMORY; then there is no plan.
MUST_CHECK enum status policy_compile(struct plan *plan, struct diag *refused,
                                      const struct policy_input *input, struct arena *arena,
                                      struct diag *diag);
