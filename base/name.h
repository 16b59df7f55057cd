// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Names of packages and patterns over them (spec/package.md, spec/policy.md): the header, the
// manifest, the trust file and the system file all use these. ASCII lower case only, so that two
// names are equal exactly when their bytes are.

#include "diag.h"

// A package name, `label(.label)*`, at most BOUND_NAME bytes. NAME_EMPTY, NAME_UNTERMINATED (too
// long), NAME_CHAR or NAME_LABEL, with the byte's offset as `where` and the name as subject.
MUST_CHECK enum status name_check(struct bytes name, struct diag *diag);

// One label, `[a-z][a-z0-9-]{0,30}`: also the form of capability, instance and system names.
bool name_is_label(struct bytes label);

// The part of a checked name after its last dot.
struct bytes name_last_label(struct bytes name);

// A pattern is a package name, "prefix.*" (one or more further labels) or "*". POLICY_PATTERN.
MUST_CHECK enum status name_pattern_check(struct bytes pattern, struct diag *diag);

// Does a checked pattern cover a checked name?
bool name_matches(struct bytes pattern, struct bytes name);

// Orders checked patterns that match one name: the higher rank is the more specific one, and equal
// ranks are equal patterns.
size_t name_pattern_rank(struct bytes pattern);
