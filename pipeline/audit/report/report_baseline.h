// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the targets of a run were to have, from a plan (kpkg.plan/v1) or a golden file
// (kpkg.golden/v1): an object from each name to rows [null, kind, object, rights], as those of
// caps.issued. A golden file says nothing of `exit`, which every program has; of an object's name
// only the part after the owner's counts, for the log has no more.

#include "bytes.h"

#include <jansson.h>

// NULL when the file is neither. The caller owns it.
json_t *report_baseline(struct bytes file);
