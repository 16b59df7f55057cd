// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the pictures of a report show, collected in one pass: the time of the run in columns, so
// that a long run needs no more room than a short one.

#include "export.h"
#include "status.h"

#include <jansson.h>

enum { REPORT_COLUMNS = 240 };

enum report_mark {
    REPORT_SPAWN,
    REPORT_FAULT,   // fault.*, not resumed
    REPORT_RESUMED, // fault.timeout after which the target went on
    REPORT_DENIAL,
    REPORT_END,  // exit with 0
    REPORT_KILL, // killed, or exit with another code
    REPORT_MARKS,
};

struct report_target {
    char *name;
    bool runs[REPORT_COLUMNS];  // it existed during some of the column
    bool calls[REPORT_COLUMNS]; // it was in a traced call
    uint32_t marks[REPORT_COLUMNS][REPORT_MARKS];
    uint64_t totals[REPORT_MARKS];
    size_t running_since; // column; REPORT_COLUMNS = it is not running
    json_t *caps;         // rows of its last caps.issued
    char *outcome;
    char package[80]; // digest
};

struct report_run {
    uint64_t begin, end; // ns
    struct report_target *targets;
    size_t target_count, target_room;
    json_t *numbers; // object: name -> place among the targets
    bool checkpoints[REPORT_COLUMNS];
    bool lost[REPORT_COLUMNS];
    uint64_t lost_count;
    json_t *start;    // data of log.start
    json_t *packages; // data of package.verified
    json_t *types;    // object: type -> records
    json_t *calls;    // object: rows of report_calls.h
};

// The caller releases it in any case. Error: NO_MEMORY.
enum status report_run_read(struct report_run *out, const struct export_input *input) MUST_CHECK;
void report_run_free(struct report_run *run);
