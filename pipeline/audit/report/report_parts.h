// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The parts of a report's page; each writes one section.

#include "report_run.h"

extern const char report_style[]; // CSS

// A lane for each target over the time of the run; loss as a hatched band.
void report_timeline(FILE *to, const struct report_run *run);

// Arrows from targets over objects to targets; what is not in the baseline (may be NULL) is marked.
void report_graph(FILE *to, const struct report_run *run, const json_t *baseline);

// Targets against objects, the rights in the cells; or lists, where that would be too wide.
void report_matrix(FILE *to, const struct report_run *run);
