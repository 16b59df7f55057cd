// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Reads a command line by a command's option table. Accepts `--name VALUE`, `--name=VALUE`,
// `-n VALUE`, `-nVALUE`, options after operands, and `--` before operands that start with a dash.

#include "command.h"
#include "diag.h"

// What a command line said.
struct parsed {
    struct operands operands;
    bool help; // --help, which ends the parse
};

// Fills `out` and the options struct at `options` from the words after the command's name, whose
// order it may change. STATUS_USAGE with the word in the diag when the line does not fit.
enum status options_parse(struct parsed *out, void *options, const struct command *command,
                          struct operands words, struct diag *diag) MUST_CHECK;

// A decimal number without sign or spaces, at most `max`.
enum status options_number(uint64_t *out, const char *text, uint64_t max,
                           struct diag *diag) MUST_CHECK;
