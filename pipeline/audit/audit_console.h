// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Console text of targets, made harmless before it shares a wire with event frames: whatever a
// target prints, it comes out as whole lines of printable text after its instance's name.

#include "text.h"

// Where in its line a target's output stands; zero-initialise one for each target.
struct audit_console {
    bool in_line;
};

// Appends `raw` to `to`, with "[name] " before each line. LF ends a line; valid UTF-8 without
// control and invisible formatting characters stays as it is; every other byte or character becomes
// '?'. At most len * (name.len + 4) bytes are appended, when every line is empty; what does not fit
// is cut.
void audit_console_put(struct text *to, struct audit_console *console, struct bytes name,
                       struct bytes raw);

// Ends an open line, for example before another target prints.
void audit_console_end(struct text *to, struct audit_console *console);
