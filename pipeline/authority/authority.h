// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who may do what, in the form that comparing and reasoning need (spec/diff.md, 1): a plan or a
// manifest without slots, addresses and indices, each capability with the authority that l4v's
// access-control model gives it. Nothing is trusted about the input: a plan that no compiler made
// is described as it is.
//
// Everything lies in the arena of who made it or is borrowed from the input.

#include "arena.h"
#include "diag.h"
#include "manifest.h"
#include "plan.h"

// Authority over an object, after l4v's cap_rights_to_auth and cap_auth_conferred. The last three
// are ours: who has one about the badge can pass for another client, and hardware is beyond what
// the kernel isolates.
enum authority_bit {
    AUTHORITY_RECEIVE = 1 << 0,
    AUTHORITY_SEND = 1 << 1,
    AUTHORITY_NOTIFY = 1 << 2,
    AUTHORITY_CALL = 1 << 3,
    AUTHORITY_REPLY = 1 << 4,
    AUTHORITY_RESET = 1 << 5,
    AUTHORITY_READ = 1 << 6,
    AUTHORITY_WRITE = 1 << 7,
    AUTHORITY_GRANT = 1 << 8,
    AUTHORITY_CONTROL = 1 << 9,
    AUTHORITY_UNIVERSE = (1 << 10) - 1,
    AUTHORITY_UNBADGED = 1 << 10,
    AUTHORITY_SHARED_BADGE = 1 << 11,
    AUTHORITY_DEVICE = 1 << 12,
    AUTHORITY_BITS = 13,
};

#define AUTHORITY_NOBODY 0xffffffffU // the provider of what is the root task's

// One number that bounds a target: `value` out of `per` (1 unless it is a rate).
struct authority_limit {
    uint64_t value;
    uint64_t per;
    struct plan_span span; // line 0: not known
};

enum authority_limit_kind {
    AUTHORITY_MEMORY,       // bytes
    AUTHORITY_SLOTS,        // of the CNode
    AUTHORITY_CPU,          // microseconds per period
    AUTHORITY_PRIORITY,     // of the thread
    AUTHORITY_MAX_PRIORITY, // that it may give
    AUTHORITY_RESTARTS,     // per window; 0 when nothing restarts it
    AUTHORITY_DENIALS,      // before it is stopped
    AUTHORITY_LIMITS,
};

// How strictly a target is watched; a higher value is weaker.
struct authority_guard {
    uint8_t value;
    struct plan_span span;
};

enum authority_guard_kind {
    AUTHORITY_ON_FAULT,   // enum authority_action
    AUTHORITY_ON_OVERRUN, // enum authority_action
    AUTHORITY_TRIPWIRES,  // 0: every unissued slot has one, 1: some have none
    AUTHORITY_GUARDS,
};

// From strict to weak: what happens to a target that faults or overruns.
enum authority_action { AUTHORITY_STOP, AUTHORITY_SUSPEND, AUTHORITY_RESTART, AUTHORITY_WAIT };

struct authority_target {
    struct bytes name;
    struct bytes package;
    struct bytes version; // empty: not known
    struct bytes file;    // what the spans are in; empty: not known
    bool outside;         // a peer that is not itself described: only what the others need of it
    struct authority_limit limits[AUTHORITY_LIMITS];
    struct authority_guard guards[AUTHORITY_GUARDS];
    const uint8_t (*signers)[32]; // public keys; NULL: not known
    size_t signer_count;
    uint32_t first_grant, grants;
};

// One capability. Two of one target to one object count as one that has the authority of both, and
// is traced if both are.
struct authority_grant {
    uint32_t target;
    uint32_t provider; // the target that the object belongs to, or AUTHORITY_NOBODY
    uint8_t type;      // enum plan_type
    uint8_t rights;    // enum plan_rights
    uint32_t auth;     // enum authority_bit
    uint32_t slot;
    uint64_t badge;
    bool traced;         // its calls are recorded
    uint64_t size;       // bytes of a region; 0: of what has no size, or is known by its place
    struct bytes object; // "provider/name"
    struct bytes name;   // as the program knows it
    struct plan_span span;
    uint64_t signers; // of the plan
};

// Who may connect to an object: one pattern of an `allow`.
struct authority_allow {
    uint32_t target;
    struct bytes object;
    struct bytes pattern;
    bool write; // regions: may write, not only read
    struct plan_span span;
};

struct authority {
    struct authority_target *targets; // ascending by name
    struct authority_grant *grants;   // ascending by target, type and object
    struct authority_allow *allows;   // ascending by target, object and pattern
    uint32_t target_count, grant_count, allow_count;
};

// What a capability of this type with these rights gives over its object.
uint32_t authority_of(enum plan_type type, uint8_t rights);

// A plan: everything in it that is not a tripwire, `exit`, or a reply capability that only belongs
// to serving. INSTANCE_NAME when two targets have one name, NO_MEMORY.
MUST_CHECK enum status authority_plan(struct authority *out, const struct plan *plan,
                                      struct arena *arena, struct diag *diag);

// What a manifest asks for: the most that any system can give this package. Its peers are targets
// from outside, named by their package. NO_MEMORY.
MUST_CHECK enum status authority_manifest(struct authority *out, const struct manifest *manifest,
                                          struct arena *arena, struct diag *diag);

// Adds to the targets' limits and guards the lines of the manifest that set them.
void authority_manifest_place(struct authority_target *target, const struct manifest *manifest);

// Puts targets, grants and allows that lie in any order into the order above, joins grants of one
// target to one object and drops allows that are there twice. INSTANCE_NAME, NO_MEMORY. What makes
// an authority ends with this.
MUST_CHECK enum status authority_finish(struct authority *a, struct arena *arena,
                                        struct diag *diag);

// The target of this name, or AUTHORITY_NOBODY.
uint32_t authority_find(const struct authority *a, struct bytes name);

// "provider/name" in the arena; empty when that is full.
struct bytes authority_path(struct arena *arena, struct bytes provider, struct bytes name);

// What a piece of hardware is called: by its place, for that is what counts. `first` and `last` are
// lines, ports or addresses.
struct bytes authority_hardware(struct arena *arena, enum plan_type type, uint64_t first,
                                uint64_t last);

// The place that such a name says, back; false for a capability that is not to hardware.
bool authority_range(uint64_t *first, uint64_t *last, const struct authority_grant *grant);

// Orders limits by value / per, exactly.
int authority_limit_compare(const struct authority_limit *a, const struct authority_limit *b);
