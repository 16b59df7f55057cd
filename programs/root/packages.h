// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From the boot bundle to a checked plan: every package is verified, then read, then compiled; each
// step is an event, and a package that is refused leaves the others alone.

#include "root.h"

// Reads trust and system file. A failure is the end of the run.
enum status packages_read_system(struct root *root, struct diag *diag) MUST_CHECK;

// Fills `root->plan`. A failure is about the system as a whole.
enum status packages_plan(struct root *root, struct diag *diag) MUST_CHECK;

// Verifies and reads a package whose file is there, with an event for each;
// `known` says whether it may be compiled. What is read lies in `arena`.
enum status packages_judge(struct root_package *package, struct root *root, struct arena *arena,
                           struct diag *diag) MUST_CHECK;

// A checked plan of the packages that are known, in `arena`; `refused` as for policy_compile, one
// for each of BOUND_TARGETS.
enum status packages_compile(struct plan *plan, struct diag *refused, struct root *root,
                             struct arena *arena, struct diag *diag) MUST_CHECK;

// The events of a target that is planned, and of a package that is not.
void packages_report(struct root *root, uint32_t target);
void packages_report_refused(struct root *root, const struct root_package *package,
                             const struct diag *refused);

// The package of a target, with its bytes and its instance's arguments.
const struct root_package *packages_of(const struct root *root, uint32_t target);
struct schema_texts packages_arguments(const struct root *root, uint32_t target);
