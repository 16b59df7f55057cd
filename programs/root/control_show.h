// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the control channel shows of an instance.

#include "root.h"

// State, limits and use, as one message.
void control_show_instance(struct root *root, uint32_t number, uint32_t target);

// What is left to the root task, as one message.
void control_show_system(struct root *root, uint32_t number);

// What its CNode holds now against the plan, a message for each slot that was issued, and for each
// tripwire that is not as planned. Nothing while it has no CNode.
void control_show_caps(struct root *root, uint32_t number, uint32_t target);
