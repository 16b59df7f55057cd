// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The start-up record of a target is one page (spec/target-abi.md, 3).

#include "manifest.h"
#include "system.h"

// RECORD_TOO_LARGE when what the manifest asks for and the instance's arguments do not fit, were
// every optional peer there, and the longest argument from a parent: `where` is the bytes that are
// needed.
MUST_CHECK enum status compile_record(const struct manifest *manifest,
                                      const struct system_package *package, struct diag *diag);
