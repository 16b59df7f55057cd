// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One HTML file about a run: verdict and digests, who could do what, what happened when, findings,
// and what nobody could see. No script, nothing loaded, under a policy that forbids both; the same
// log gives the same bytes. Every name and word of the log is escaped.

#include "export.h"
#include "status.h"

#include <jansson.h>

// Error: NO_MEMORY.
// `baseline` is what the run's targets were to have (report_baseline), or NULL.
enum status report_write(FILE *to, const struct export_input *input,
                         const json_t *baseline) MUST_CHECK;
