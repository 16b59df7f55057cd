// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the coming and going of a server means for its clients (spec/target-abi.md, 9). A server
// that is not there, because it is down for good or starts on demand, is stood in for: its clients'
// capabilities lead to the auditor, under the planned badges, and the root task answers. While a
// server is only between two incarnations its clients' calls wait in its endpoint's queue.
//
// Who waits for a signal of a server that is not there any more is woken, to see that by a call.
//
// A client whose call the server had taken waits for an answer that cannot come any more; the
// kernel stops such a thread. It is made to call again.

#include "root.h"

// The server `target` is not there from now on.
void peers_leave(struct root *root, uint32_t target);

// It has been started, for the first time or again.
void peers_return(struct root *root, uint32_t target);

// Gives a client that is being made stand-ins for the servers that are not there.
enum status peers_place(struct root *root, uint32_t client, struct diag *diag) MUST_CHECK;

// The root task's capability that a slot is made from now: its object's, or the auditor's for a
// tripwire, a built-in service or a stand-in.
cap_slot peers_origin(const struct root *root, const struct plan_cap *cap);

// The server that a client's capability leads to; PLAN_SYSTEM when it is not one to a server.
uint32_t peers_server(const struct root *root, uint32_t client, uint32_t slot);
