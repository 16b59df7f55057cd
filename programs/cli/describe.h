// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The command table as JSON kpkg.help/v1, from which the manual pages and the shell completions are
// made (tools/man-pages, tools/completions).

#include "command.h"

// Prints `count` commands on stdout, in their order.
void describe_commands(const struct command *const *commands, size_t count);
