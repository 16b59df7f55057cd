// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The life of a target: start, stop, start again. Every step is an event.

#include "root.h"

// Whether it runs, or will by itself.
bool life_is_up(const struct root *root, uint32_t target);

// Makes the untyped of every target and the objects that outlive targets, then starts every target
// that the plan has. A target that cannot be started leaves the others alone.
enum status life_begin(struct root *root, struct diag *diag) MUST_CHECK;

// Ends a target because of `cause` and takes everything back.
void life_kill(struct root *root, uint32_t target, struct audit_cause cause);

// Ends it by its own wish.
void life_exit(struct root *root, uint32_t target, uint32_t code);

// Whether the plan lets it start once more now; counts the restarts of its window.
bool life_may_restart(struct root *root, uint32_t target);

// Takes it down, to be started once more, as its next incarnation, after the plan's backoff. A
// target that leaves something behind stays down.
void life_restart(struct root *root, uint32_t target, struct audit_cause cause);

// A client calls a target that is not there. Starts it if it was to start on demand. False when it
// is not coming: the client needs another answer.
bool life_call(struct root *root, uint32_t target, uint32_t client);

// Starts the targets whose backoff is over.
void life_tick(struct root *root);

// Starts a target that does not run, as its next incarnation, whatever ended the one before. Done
// by the next life_tick; `root->start_failure` says why not. False when it is not even tried, for
// something of the one before did not come back.
bool life_start(struct root *root, uint32_t target);

// Ends a target by someone's wish: asks it, if it can be asked, and kills it otherwise, or when its
// time is over (stop_pending). It stays down.
void life_stop(struct root *root, uint32_t target, struct audit_cause cause);

// Keeps it as it is, for good, because of `cause`.
void life_suspend(struct root *root, uint32_t target, struct audit_cause cause);

// Compares what the targets that are still up hold with the plan: the end of the run.
void life_check(struct root *root);

// While the control channel is open: until the end is asked for. Else
// false when every target that does not serve others is down or suspended, or none can run.
bool life_goes_on(const struct root *root);
