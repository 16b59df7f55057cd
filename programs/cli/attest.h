// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Signed statements about runs, as lines of run.intoto.jsonl.

#include "audit_verify.h"
#include "diag.h"

#include <jansson.h>
#include <stdio.h>

// Signs the statement and writes its envelope; gives the statement up. Error: NO_MEMORY, also for a
// NULL statement.
enum status attest_write(FILE *to, json_t *statement, const uint8_t seed[static 32],
                         struct diag *diag) MUST_CHECK;

// Judges the log at `folder`/events.jsonl, which is of the run with this seed, and writes
// `folder`/run.vkey and `folder`/run.intoto.jsonl. Where the log is not whole there is no
// statement.
enum status attest_folder(const char *folder, const struct audit_expected *expected,
                          const uint8_t seed[static 32], struct diag *diag) MUST_CHECK;
