// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From a plan to kernel objects. Everything of a target is made from the target's own untyped, and
// the root task's capabilities to it live in the target's holder CNode, which is made from that
// untyped too. So one revoke of the untyped undoes whatever was done, finished or not, and takes
// back the copies of shared frames and every mapping with it. What outlives a target (endpoints,
// notifications) is made once, from the system's memory.

#include "cspace.h"
#include "memory.h"
#include "plan.h"

// A target and where it is built. Only the root task fills this.
struct objects_site {
    struct sel4_kernel *kernel;
    const struct cspace *cspace;
    const struct plan *plan;
    uint32_t target;      // index of the plan's targets
    cap_slot untyped;     // the target's; without children when building begins
    uint8_t untyped_bits; // its size; 0 = what the plan says, which is never more
    cap_slot system;      // boot slot of the system's first object, the others follow
};

// What the root task makes its own and the system's objects from.
struct objects_pool {
    struct sel4_kernel *kernel;
    struct memory *memory;
    struct cspace *cspace;
};

// One object for good, in a boot slot. `size_bits` as for Retype: untypeds, CNodes (radix) and
// scheduling contexts have one.
enum status objects_make(cap_slot *slot, const struct objects_pool *pool, enum sel4_object type,
                         uint8_t size_bits, struct diag *diag) MUST_CHECK;

// Makes the kernel zero all memory that nothing has been made from yet, which it does at the first
// use: what brought the image there has left copies of it.
enum status objects_clear_memory(const struct objects_pool *pool, struct diag *diag) MUST_CHECK;

// Makes every object of the target in the plan's order, one invocation for up to 256 equal ones
// that follow each other.
// After a failure the untyped holds what was made: objects_reclaim.
enum status objects_build(const struct objects_site *site, struct diag *diag) MUST_CHECK;

// The root task's capability to the `index`th object of run `object` (an index into the plan).
cap_slot objects_cap(const struct objects_site *site, uint32_t object, uint32_t index);

// The first run of a type among the target's objects; the plan has one of each that is asked for.
uint32_t objects_find(const struct objects_site *site, enum plan_type type);

// The part of this type (PLAN_RELAY_..) of the relay of a traced capability.
cap_slot objects_relay(const struct objects_site *site, const struct plan_cap *cap,
                       enum plan_type type);

// What a planned capability to an object is derived from: the object, or the endpoint of its relay.
cap_slot objects_origin(const struct objects_site *site, const struct plan_cap *cap);

// Empties the spare slot, where a failed spawn may have left a capability.
void objects_clear_spare(const struct objects_site *site);

// What did not come back from a target; zeros unless a kernel or a program here is wrong.
struct objects_left {
    uint64_t bytes; // of its untyped, by the kernel's own count
    uint32_t slots; // of the root task's CSpace, where its capabilities were
};

// Undoes everything, whatever state the target is in, and asks the kernel what is left. After a
// failure `left` is as it was.
enum status objects_reclaim(struct objects_left *left, const struct objects_site *site,
                            struct diag *diag) MUST_CHECK;
