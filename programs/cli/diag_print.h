// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// How errors reach people and programs: one line on stderr that says what, where and which rule,
// then a hint where there is something to do about it; or the same as a JSON object. What is wrong
// in a text file is led by its place, `FILE:LINE:COLUMN:`. Text that came from a file is escaped: a
// hostile package cannot write to the terminal.

#include "command.h"
#include "diag.h"

#include <jansson.h>

// The command that runs, as errors of usage name it and its help; "" before it is known.
void diag_command(const char *name);

// `file` is what was being read; NULL = the command line.
void diag_print(const char *file, const struct diag *diag);

// The same about a package: a place in its manifest is one in FILE.toml, which lies beside it.
void diag_print_package(const char *file, const struct diag *diag);

// The same as an object: name, stage, text, and what, where, detail, line, column, subject, hint
// where known. The caller owns it.
json_t *diag_json(const struct diag *diag);

// A command line that does not fit: prints what is wrong with it, and the word where there is one.
// Gives the exit code.
int diag_usage(const char *what, const char *word);

// The same for memory: `what` there is none for.
int diag_no_memory(const char *what);

// What the exit code of a command is after this status.
int diag_exit_code(enum status status);

// The end of a command: prints the diag unless the status is OK, and gives the exit code.
int diag_finish(enum status status, const char *file, const struct diag *diag);

// The last thing that a program does: flushes stdout, and gives its exit code, which `code` is
// unless something of the output was lost, now or on the way.
int diag_finish_output(int code);

// True when `stream` is a terminal whose user did not switch colours off (NO_COLOR).
bool diag_colour(int stream);
