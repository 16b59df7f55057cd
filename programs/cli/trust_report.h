// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What there is to know about a step from one trust file to the next: who may sign it, who did, and
// what it changes.

#include "trust_file.h"

#include <jansson.h>

// The object kpkg.trust/v1 but for the verdict: `in_use` and `next`, each with `file`, `counter`,
// `threshold`, `root` and `signed` (ids of its root keys, and of the active ones that signed
// `next`); `others`, keys that signed and count for neither; `changes`, as trust_changes gives
// them. The caller owns it.
json_t *trust_report(const struct trust_file *now, const struct trust_file *next);

// The same for people.
void trust_report_print(const json_t *report);
