// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A document `kpkg.plan/v1` -> struct plan (spec/plan.md, 8). Strict: every key is there and none
// else, every value is in its range, indices fit together. It says nothing about who made the
// document or whether a compiler would make such a plan; what it describes is described as it is.

#include "arena.h"
#include "diag.h"
#include "plan.h"

enum { PLAN_READ_MAX = 64 << 20 }; // bytes of a document; the largest system has some 10 MiB

// Everything lies in `arena`. PLAN_SHAPE with the path of the offending value ("targets[2].caps[0]
// .badge") or the place of a syntax error; NO_MEMORY.
MUST_CHECK enum status plan_read(struct plan *out, struct bytes text, struct arena *arena,
                                 struct diag *diag);
