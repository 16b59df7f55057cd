// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the end of a server means for its clients. A client whose call it had taken waits for an
// answer that cannot come any more: the kernel stops such a thread, and it is made to call again.
// If the server starts again it finds the calls in its queue. If it does not, its endpoints go, and
// the calls come back to the clients as seL4's InvalidCapability.

#include "root.h"

// The server `target` has been taken down and is up again.
void peers_call_again(struct root *root, uint32_t target);

// It is down for good.
void peers_refuse(struct root *root, uint32_t target);
