// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// JUnit's XML, as CI systems read it: one suite of cases.

#include "bytes.h"

#include <stdio.h>

struct export_junit_case {
    struct bytes class; // the target
    struct bytes name;
    uint64_t time;        // ns
    struct bytes failure; // one line; empty = passed
    struct bytes detail;  // more lines for a failure
};

// One test suite of these cases; all texts are escaped here.
void export_junit(FILE *to, const char *suite, const struct export_junit_case *cases, size_t count);
