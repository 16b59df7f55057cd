// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The end of a root task that cannot go on: says so on the output that is open, as a console line,
// and ends the machine with code 1.
_Noreturn void panic(const char *why);
