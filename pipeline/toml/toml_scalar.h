// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Booleans, integers, floats, dates and times: everything that is one bare word.

#include "toml_cursor.h"

// Reads the word at the cursor into `node` (kind, value, span) and passes it. TOML_SYNTAX, or
// TOML_INT_RANGE for an integer that does not fit in 64 bits.
MUST_CHECK enum status toml_scalar_read(struct toml *node, struct toml_cursor *cursor);
