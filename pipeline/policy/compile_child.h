// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Instances that another instance starts, its children (spec/plan.md, 10): a [[package]] with
// `parent` belongs to a [spawn.NAME] of the parent's manifest. A child has nothing that its parent
// has not: its memory and its time are part of the parent's, and whom it reaches the parent
// reaches, too.

#include "compile_peers.h"

// Parts per million of the processor that a manifest asks for, rounded up; its children's included.
uint64_t compile_child_share(const struct manifest_cpu *cpu);

// Microseconds of its budget that are left for its own thread. A passive one has a budget for its
// start, and none to share: 0 when it would start others.
uint64_t compile_child_rest(const struct manifest *manifest);

// Refuses children that nobody may start, or that would be more than their parent, and children of
// refused parents: SPAWN_ABSENT, SPAWN_QUOTA, SPAWN_EXCEEDS. True when one was refused.
bool compile_child_drop(struct diag *refused, const struct compile_links *links,
                        const struct policy_input *input);

// Says in a plan that has all of its targets and capabilities whose children there are.
void compile_child_mark(struct plan *plan, const struct policy_input *input);
