// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a hosted run says to people, for the commands that make one.

#include "hosted.h"
#include "plan.h"

#include <stdio.h>

// One line for a system call: by addresses, or by the names of the plan that runs.
void hosted_print_trace(FILE *to, const struct hosted_trace *trace);
void hosted_print_call(FILE *to, const struct plan *plan, const struct hosted_trace *trace);
// On stderr: one line for each protection that this host does not allow.
void hosted_print_notes(uint32_t notes);
// How a run ended, a sentence.
const char *hosted_print_ending(enum hosted_end end);
