// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One verified package -> everything of its target that does not depend on other packages.

#include "compile_draft.h"
#include "compile_peers.h"

// What the manifest and its signers decide: BUDGET, PRIORITY, RESOURCE_ABSENT, CAP_NAME, CEILING,
// CEILING_THRESHOLD.
MUST_CHECK enum status compile_target_check(const struct policy_instance *instance,
                                            struct diag *diag);

// Where the drafts of one system are made.
struct compile_place {
    struct compile_draft *draft;
    struct arena *arena;
};

// Makes the draft of an instance with these links. MEMORY_LIMIT or NO_MEMORY; afterwards the draft
// is of no use.
MUST_CHECK enum status compile_target(const struct compile_place *place,
                                      const struct policy_instance *instance,
                                      const struct compile_link *links, struct diag *diag);
