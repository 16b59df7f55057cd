// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the control channel answers, for people and as JSON. Texts are from the machine: they are
// escaped.

#include "control_message.h"

#include <jansson.h>

// The table of `kpkg ctl list`: its head, and a row for each instance.
void control_print_head(void);
void control_print_row(const struct control_instance *instance);

// Everything about one instance.
void control_print_instance(const struct control_instance *instance);
// What the system has left, and a capability of an instance as `kpkg ctl caps` shows it.
void control_print_system(const struct control_system *system);
void control_print_cap(const struct control_cap *cap);

// Objects of `kpkg.control/v1`; the caller owns them.
json_t *control_print_instance_json(const struct control_instance *instance);
json_t *control_print_system_json(const struct control_system *system);
json_t *control_print_cap_json(const struct control_cap *cap);
