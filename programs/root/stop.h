// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A graceful end. A package that owns a notification called `stop` is asked by it, and has a time
// to exit by itself (spec/target-abi.md, 8). The notification is bound to its thread, so that it is
// heard wherever the program waits.

#include "root.h"

// Binds a target's `stop` to its thread, if it has one; a step of its start.
enum status stop_bind(struct root *root, uint32_t target, struct diag *diag) MUST_CHECK;

// Asks a target that runs. False when it has nothing to be asked by.
bool stop_ask(struct root *root, uint32_t target);
void stop_ask_all(struct root *root);

// Kills those whose time is over. True while one that was asked has time left.
bool stop_pending(struct root *root);
