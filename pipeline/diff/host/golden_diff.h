// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What grew since a golden file was accepted. Growth that comes from its transitional capabilities
// alone is marked as approved and does not count.

#include "golden.h"
#include "show.h"

MUST_CHECK enum status golden_diff(struct diff *out, const struct golden *golden,
                                   const struct authority *now, struct arena *arena,
                                   struct diag *diag);
