// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The rules of a trust file that look at several values at once, or whose error has its own name.
// Takes a trust whose values all have their type. Errors: POLICY_*, KEY_WEAK.

#include "schema.h"
#include "trust.h"

MUST_CHECK enum status trust_check(const struct trust *trust, struct schema *schema);
