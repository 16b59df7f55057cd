// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A log with what lies beside it: one file, or the folder that `kpkg run --report` makes.

#include "evidence.h"
#include "index_import.h"

struct log_source {
    char *log, *vkey, *statements; // paths; the last two are NULL for a plain file
    uint64_t modified;             // ns since 1970: the log's last change
};

// A log, judged, as an index takes it. `log` borrows from the rest.
struct log_judged {
    struct index_log log;
    struct audit_verify_report report;
    struct evidence evidence;
    struct file_content file;
};

// Error: IO, NO_MEMORY. To be released in any case.
enum status log_source_find(struct log_source *out, const char *path, struct diag *diag) MUST_CHECK;
void log_source_free(struct log_source *source);

// Verifies it: with the key of the options, else with the one beside it. To be released in any
// case. Errors: IO, USAGE for a key that is none.
enum status log_source_judge(struct log_judged *out, const struct log_source *source,
                             const struct evidence_options *options, struct diag *diag) MUST_CHECK;
void log_judged_free(struct log_judged *judged);
