// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The parts of plan_check, in the order in which they run: each may rely on those before it.
//
// Sizes, addresses, rights and badges stand in them as the numbers of spec/plan.md, 3 to 6, not as
// the constants that the compiler uses: a wrong constant would be the same mistake on both sides.

#include "plan_check.h"

// Which capability owns a system object, and how many signalling ones it has so far.
struct plan_check_owner {
    const struct manifest *manifest; // NULL: nobody yet
    const struct manifest_cap *cap;
    uint32_t signals;
    uint32_t target;
};

struct plan_check_work {
    const struct plan *plan;
    const struct policy_input *input;
    uint32_t system_objects;         // they are the first ones
    struct plan_check_owner *owners; // one per system object
    bool *used;                      // one per object: frames mapped, reply objects issued
    struct diag *diag;
};

// Ranges, owners, names and identities: afterwards every index that a target has is inside.
MUST_CHECK enum status plan_check_shape(struct plan_check_work *w);

// Objects, holder slots, bytes of the untyped; the system's limits.
MUST_CHECK enum status plan_check_memory(struct plan_check_work *w);

// Mappings, frames behind them, paging structures.
MUST_CHECK enum status plan_check_space(struct plan_check_work *w);

// Entry, priorities, time, what happens on faults.
MUST_CHECK enum status plan_check_thread(struct plan_check_work *w);

// What the mappings of regions and devices show, and who owns it.
MUST_CHECK enum status plan_check_shared(struct plan_check_work *w);

// Every slot of every CNode.
MUST_CHECK enum status plan_check_caps(struct plan_check_work *w);

// What a target may start, and that it is no more than the target itself.
MUST_CHECK enum status plan_check_child(struct plan_check_work *w);

// Microseconds of its budget that a target's own thread has: its children share the rest.
uint64_t plan_check_child_rest(const struct manifest *m);

// May it start others at all?
bool plan_check_child_any(const struct manifest *m);

// Is the run of untypeds of that name what the manifest asks for?
bool plan_check_child_memory(const struct manifest *m, const struct plan_object *run);

// Do enough signers grant the target's numbers? Which of them grant one capability, and is a set of
// them enough for it?
bool plan_check_ceiling(const struct policy_instance *instance, const struct plan_target *target);
uint64_t plan_check_ceiling_keys(const struct verified *verified, const struct manifest_cap *cap);
bool plan_check_ceiling_enough(const struct verified *verified, const struct manifest_cap *cap,
                               uint64_t keys);

// The instance that a target was made from.
static inline const struct policy_instance *plan_check_instance(const struct plan_check_work *w,
                                                                uint32_t target)
{
    return &w->input->instances[w->plan->targets[target].package_index];
}

// Is it started by another one, with memory and time of that one?
static inline bool plan_check_is_child(const struct plan_check_work *w, uint32_t target)
{
    return w->input->system->packages[w->plan->targets[target].package_index].parent.value.len != 0;
}

// Is it a place without a package? Such a target has no name and nothing else (plan_check_shape).
static inline bool plan_check_vacant(const struct plan_check_work *w, uint32_t target)
{
    const struct plan_target *t = &w->plan->targets[target];
    return t->package_index >= w->input->system->first_place && t->name.len == 0;
}

static inline enum status plan_check_fail(const struct plan_check_work *w, enum status status,
                                          const char *what, uint64_t where, uint32_t target)
{
    diag_fail(w->diag, status, what, where);
    diag_detail(w->diag, target);
    return status;
}
