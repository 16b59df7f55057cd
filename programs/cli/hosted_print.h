// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a hosted run says to people, for the commands that make one.

#include "hosted.h"

#include <stdio.h>

// One line for a system call.
void hosted_print_trace(FILE *to, const struct hosted_trace *trace);
// On stderr: one line for each protection that this host does not allow.
void hosted_print_notes(uint32_t notes);
// How a run ended, a sentence.
const char *hosted_print_ending(enum hosted_end end);
