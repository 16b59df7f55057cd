// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One record as one line for people.

#include "diag.h"
#include "text.h"

enum { AUDIT_SHOW_LINE = 8192 }; // the longest line fits

// Appends "TIME SEVERITY TARGET TYPE key=value ..." and LF. Time is seconds since boot; digests are
// cut to 12 digits; what a target chose is escaped. Colours are ANSI escape sequences. Fails with
// STATUS_USAGE when `record` is no JSON object with the envelope's members.
enum status audit_show(struct text *to, struct bytes record, bool colour) MUST_CHECK;
