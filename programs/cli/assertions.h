// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a system file asserts of the whole, decided on the authority of its plan (spec/diff.md, 4).

#include "compose.h"
#include "reach_assert.h"

// Hears each assertion's answer, in the order of the file.
struct assertions_user {
    void (*tell)(void *context, const struct schema_text *assertion,
                 const struct reach_proof *proof);
    void *context;
};

// Decides all of them. `reach` is made from `authority`, and must outlive what `user` keeps.
enum status assertions_prove(struct reach *reach, struct compose *system,
                             const struct authority *authority, const struct assertions_user *user,
                             struct diag *diag) MUST_CHECK;

// ASSERTION, at its place in the system file, for the first that does not hold. The system has
// passed compose_check.
enum status assertions_check(struct compose *system, struct diag *diag) MUST_CHECK;
