// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A comment for a pull request or a job summary: the verdict, what it rests on, targets, findings.

#include "export.h"

// At most about 60 kB; what is left out is counted.
void export_markdown(FILE *to, const struct export_input *input);
