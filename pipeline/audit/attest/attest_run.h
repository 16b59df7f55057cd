// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The evidence of a run as an in-toto statement with the predicate capability-run/v0.1
// (spec/audit.md, section 9). Everything in it comes from a log that audit_verify has judged; where
// the log does not say something, the statement does not either, and absence means less trust.

#include "audit_verify.h"

#include <jansson.h>

#define ATTEST_RUN_TYPE "https://kpkg.invalid/attestation/capability-run/v0.1"

// The statement about a log; NULL when memory is short or the log is not whole. `report` is the
// judgement about the bytes `log`. The caller owns it.
json_t *attest_run(const struct audit_verify_report *report, struct bytes log);

// What the statement is about: packages that ran, root task and kernel. For other statements about
// the same run.
json_t *attest_run_subjects(struct bytes log);

// The time of a statement as RFC 3339: $SOURCE_DATE_EPOCH where that is a time of it, else now.
json_t *attest_run_time(void);
