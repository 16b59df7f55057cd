// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// JUnit over a log: for each target and rule a case, passed ones too, and one for the log itself.

#include "export.h"

// Writes nothing when memory is short.
void export_cases(FILE *to, const struct export_input *input);
