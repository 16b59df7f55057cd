// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A plan file (`kpkg plan --json`) as the auditor uses it: for each target the digest of its part
// and the digest of the capability table that has to be issued from it.

#include "audit_verify.h"
#include "bounds.h"
#include "diag.h"

#include <jansson.h>

struct audit_plan_target {
    struct bytes name; // borrows from the file
    struct audit_digest plan, table;
};

struct audit_plan {
    struct audit_plan_target targets[BOUND_TARGETS];
    size_t target_count;
};

// Reads a plan file of schema kpkg.plan/v1. Error: USAGE when it is none.
enum status audit_plan_read(struct audit_plan *out, struct bytes file,
                            struct diag *diag) MUST_CHECK;

// What a plan file issues: an object from each target's name to rows [null, kind, object, rights],
// as those of caps.issued. NULL when it is none. The caller owns it.
json_t *audit_plan_rows(struct bytes file);

// For audit_verify; borrows the plan.
struct audit_verify_plan audit_plan_of(struct audit_plan *plan);
