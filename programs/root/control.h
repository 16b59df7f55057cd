// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Run-time control: what is asked over the control channel, done (spec/control.md). One request is
// carried out at a time; what changes the system is an event before it happens.

#include "root.h"

// Opens the channel if the system file allows control.
void control_open(struct root *root);

// The instance of that name, or INSTANCE_ABSENT.
enum status control_find(uint32_t *target, const struct root *root, struct bytes name,
                         struct diag *diag) MUST_CHECK;

// From now on a request is carried out, which control_tick answers: `asked` is the event of it.
void control_wait(struct root *root, uint8_t type, uint32_t number, uint32_t target,
                  uint64_t asked);

// Takes what has come, as far as the channel has time. The channel's interrupt and the timer's
// messages lead here.
void control_poll(struct root *root);
void control_timer(struct root *root);

// Answers a request whose end had to be waited for, once that has come. After every message.
void control_tick(struct root *root);
