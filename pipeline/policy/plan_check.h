// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The independent checker of plans (translation validation): it reads the same manifests, trust
// decisions and binaries as the compiler, by its own reading of spec/plan.md, and refuses a plan
// that is not what they ask for. It shares no code with the compiler, and runs on the host and
// again on the target before the first object is made. Time is linear in the plan but for the
// search of a peer, which is over the instances of one system.

#include "policy.h"

// Checks every field of `plan` but the names of objects and mappings that belong to a target, which
// are for people. `scratch` holds one word per object; what is taken of it is free again
// afterwards.
//
// PLAN_SHAPE    counts and ranges do not fit together, or a target is not of this input
// PLAN_CAP      a capability that nobody asked for, or a stronger one, or not covered by a ceiling
// PLAN_MISSING  a capability that was asked for is weaker or not there
// PLAN_SHARED   a capability or mapping reaches another target's object, or one object twice
// PLAN_CONTROL  a capability to a TCB, CNode, VSpace, untyped, scheduling context or frame
// PLAN_SLOT     a slot holds neither an issued capability nor a proper tripwire
// PLAN_SUM      memory, slots or time do not add up, or are beyond the system's limits
// PLAN_MAPPING  an address space is not what the binary says, or overlaps, or lacks a guard page
// PLAN_THREAD   a thread is not what was asked for
// PLAN_CHILD    a child is not its parent's, or has what its parent has not
// NO_MEMORY     `scratch` is too small
//
// `where` of the diag is the index of the capability, object, mapping or target; `detail` the
// target.
MUST_CHECK enum status plan_check(const struct plan *plan, const struct policy_input *input,
                                  struct arena *scratch, struct diag *diag);
