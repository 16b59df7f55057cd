// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The Trace Event format that Perfetto reads: a process for each target, a slice for each of its
// incarnations, marks for denials, faults and checkpoints, a slice for each loss.

#include "export.h"

void export_trace(FILE *to, const struct export_input *input);
