// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A log in the forms that other tools read (spec/audit.md, section 11). The log is the evidence;
// these are views of it: each says what audit_verify found, and none can be turned back into a log.
// Text that a target chose is data in every one of them.

#include "audit_verify.h"

#include <stdio.h>

struct export_input {
    struct bytes log;                         // records up to the first bad one are used
    const struct audit_verify_report *report; // the judgement about it
    const char *path;                         // of the log, for those who point at lines
    struct bytes console;                     // raw console text, or empty
    char token[33]; // for GitHub: 32 random hex digits that nobody who printed could know
    uint64_t epoch; // seconds since 1970 at which the run's clock began; 0 = unknown
};

struct export_format {
    const char *name, *help;
    void (*write)(FILE *to, const struct export_input *input);
};

// The format of this name, or NULL.
const struct export_format *export_find(const char *name);

// All of them, in the order of the help; ends with a NULL name.
extern const struct export_format export_formats[];
