// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From the boot bundle to a checked plan: every package is verified, then read, then compiled; each
// step is an event, and a package that is refused leaves the others alone.

#include "root.h"

// Reads trust and system file. A failure is the end of the run.
enum status packages_read_system(struct root *root, struct diag *diag) MUST_CHECK;

// Fills `root->plan`. A failure is about the system as a whole.
enum status packages_plan(struct root *root, struct diag *diag) MUST_CHECK;

// The package of a target, with its bytes and its instance's arguments.
const struct root_package *packages_of(const struct root *root, uint32_t target);
struct schema_texts packages_arguments(const struct root *root, uint32_t target);
