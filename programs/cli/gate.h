// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a comparison makes of a job: the rules that fail it, and the exit code (spec/diff.md, 5).

#include "diff.h"

// Whether `list` is one of rules: "KPD005,denial". Words: `grew` for KPD001 to KPD010, `denial` for
// KPD013, `drop` for KPD011, and each rule by its number.
bool gate_knows(const char *list);

// The exit code that is highest among what grew by one of these rules (NULL: any) and is not
// approved. A log that is contradicted always counts: nothing else can be said of it.
int gate_code(const struct diff *diff, const char *list);
