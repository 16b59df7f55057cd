// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who may be connected to whom, as the checker reads it.

#include "plan_check_parts.h"

// Is `owner` the one that `asked`, a capability of `client`, names, does it allow the client, and
// is there no other such?
bool plan_check_peer(const struct plan_check_work *w, const struct manifest_cap *asked,
                     const struct policy_instance *client, const struct plan_check_owner *owner);

// Does this capability of `client` stand for memory in its address space? A region of an optional
// peer that is not in the plan does not, and is no slot either.
bool plan_check_peer_area(const struct plan_check_work *w, const struct manifest_cap *asked,
                          const struct policy_instance *client);

// Is the peer that an optional capability names part of the plan, or a service of the root task?
bool plan_check_peer_there(const struct plan_check_work *w, const struct manifest_cap *asked,
                           const struct policy_instance *client);
