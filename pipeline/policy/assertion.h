// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a system file asserts about its whole (spec/policy.md, section System): a sentence that
// `kpkg check` proves or refutes on the authority graph. The host alone reads it: to the root task
// it is text.

#include "plan.h"
#include "system.h"

enum assertion_kind {
    ASSERTION_NO_FLOW,     // "no-flow A -> B"
    ASSERTION_ONLY,        // "only X has K"
    ASSERTION_AT_MOST_ONE, // "at-most-one holder of K"
};

struct assertion {
    enum assertion_kind kind;
    struct bytes subject; // A or X: a pattern over package names, or an instance name
    struct bytes object;  // B, as A; or K: a type of object, or "provider/name"
};

// False when the text is no assertion; `out` borrows from it.
bool assertion_read(struct assertion *out, struct bytes text);

// The type of object that a word of an assertion stands for: the sections of a manifest, and what
// no package should hold. False when it stands for none.
bool assertion_type(enum plan_type *out, struct bytes word);

// Is every text that the system asserts an assertion? SYSTEM_VALUE with its place.
MUST_CHECK enum status assertion_check(const struct system *system, struct diag *diag);
