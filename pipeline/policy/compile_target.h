// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One verified package -> everything of its target that does not depend on other packages.

#include "compile_draft.h"

// Makes the draft of an instance. BUDGET, PRIORITY, RESOURCE_ABSENT, CAP_NAME, CEILING,
// CEILING_THRESHOLD, MEMORY_LIMIT, NO_MEMORY; afterwards the draft is of no use.
MUST_CHECK enum status compile_target(struct compile_draft *draft,
                                      const struct policy_instance *instance, struct arena *arena,
                                      struct diag *diag);
