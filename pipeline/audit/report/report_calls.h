// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Traced calls, gathered: for each client, capability and server how many went how, and how long
// they took.

#include <jansson.h>
#include <stdio.h>

// Adds an ipc.trace event to the rows of `calls`, a JSON object.
void report_calls_take(json_t *calls, const json_t *event);

// The section, where there was a call.
void report_calls(FILE *to, json_t *calls);
