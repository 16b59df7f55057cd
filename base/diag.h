// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What went wrong, filled once, where it is found. Nothing here prints: programs/ do.

#include "bytes.h"
#include "status.h"

enum { DIAG_SUBJECT = 128 }; // bytes of the offending text that are kept

struct diag {
    enum status status;
    const char *what; // what was looked at, a literal: "signature slot", "cpu.budget"
    uint64_t where;   // byte offset, slot, page or index, as `what` says
    uint64_t detail;  // a number that helps: found length, seL4 error, bytes needed
    uint32_t line;    // position in a text file, from 1; 0 = not a text file
    uint32_t column;
    size_t subject_len;
    char subject[DIAG_SUBJECT]; // the offending text, cut to fit: hostile bytes, escape before
                                // showing
};

// Fills `diag` (may be NULL) and returns `status`, so that a check reads: return diag_fail(...).
enum status diag_fail(struct diag *diag, enum status status, const char *what, uint64_t where);

// The same with a number that helps, or with the offending text.
enum status diag_fail_detail(struct diag *diag, enum status status, const char *what,
                             uint64_t where, uint64_t detail);
enum status diag_fail_about(struct diag *diag, enum status status, const char *what, uint64_t where,
                            struct bytes subject);

// Adds the offending text (cut to the field) or a number to a filled diag; NULL is fine.
void diag_subject(struct diag *diag, struct bytes subject);
void diag_detail(struct diag *diag, uint64_t detail);
void diag_position(struct diag *diag, uint32_t line, uint32_t column);

// The public name of a status (KPKG_E_...), the stage that finds it and one sentence for people.
const char *status_name(enum status status);
const char *status_stage(enum status status);
const char *status_text(enum status status);
