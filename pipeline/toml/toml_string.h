// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The four string forms of TOML.

#include "toml_cursor.h"

// Reads the string that begins at the cursor (which is at a quote) and passes it. The result is
// borrowed from the text, or, where there was an escape, lies in the arena. `one_line` refuses the
// multi-line forms, which a key may not have. TOML_SYNTAX or NO_MEMORY.
MUST_CHECK enum status toml_string_read(struct bytes *string, struct toml_cursor *cursor,
                                        bool one_line, struct arena *arena);
