// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Relays: threads that traced calls pass (spec/plan.md, 5). A relay belongs to one capability of
// one target, so nobody but that target ever waits for it, and it runs on that target's time. It
// calls the server in the target's place: with the planned rights and badge, the same words, and no
// capabilities. Then it calls the auditor, who records the call, waits for its nod, and answers.

#include "root.h"

// How many a target of a plan has. Their pages are counted from the first target on, so that this
// stays as it is while the system runs.
uint32_t relay_count(const struct plan *plan, uint32_t target);

// What the plan's relays need of the root task; nothing when there are none.
enum status relay_prepare(struct root *root, struct diag *diag) MUST_CHECK;

// Makes the relays of a target that is being made.
enum status relay_make(struct root *root, uint32_t target, struct diag *diag) MUST_CHECK;

// A relay of this target has had its answer.
void relay_note(struct root *root, uint32_t target, const struct sel4_received *received);

// The root task is about to refuse a call through this capability, in place of the server.
void relay_deny(struct root *root, const struct plan_cap *cap);

// Records the calls that this target waits in; it is about to end, or the run is.
void relay_end(struct root *root, uint32_t target);

// Where the calls through an issued endpoint capability leave for its server.
struct relay_exit {
    struct cnode_slot slot; // of the target's CSpace or its relay's
    cap_slot thread;        // who makes them
    uint64_t cptr;          // of the slot, to that thread
};
struct relay_exit relay_exit_of(const struct root *root, const struct plan_cap *cap);
