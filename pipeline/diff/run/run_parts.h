// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the halves of the comparison with a run share.

#include "bounds.h"
#include "diff_parts.h"
#include "diff_run.h"
#include "run_row.h"

enum {
    RUN_ROWS = 1 << BOUND_CNODE_BITS, // of one table
    RUN_DENIALS = 1024,               // pairs of target and type that are told apart
};

// What is known of one target of the run; those of the plan come first, in their order.
struct run_target {
    const struct plan_target *planned; // NULL: the plan has no such target
    bool issued;                       // a whole table was seen
    uint32_t rows;                     // of the last one
    struct bytes table;                // its digest
    bool spawned;                      // limits were seen
    bool found;                        // with a change about it
    struct bytes digest;               // of the plan that it was made by
    struct plan_span line;             // of the record that said so
};

struct run_denial {
    struct authority_target *target;
    struct bytes type;
    uint64_t count;
    struct plan_span line; // of the first one
};

struct run_work {
    const struct diff_run_input *in;
    struct diff_list list;
    struct diff_summary summary;
    struct authority now; // the run: the planned targets with what was seen of them
    struct run_target *targets;
    struct run_row *rows; // of the table that is open
    uint32_t row_count;
    struct run_denial *denials;
    uint32_t denial_count;
    struct plan_span line; // of the record at hand
};

// A change about a target of the run that is in the log, at the record at hand.
struct diff_change *run_add(struct run_work *w, enum diff_kind kind, uint32_t target, bool more);

// A record caps.issued of a target. The last part of a table completes it, and it is compared.
void run_caps_take(struct run_work *w, uint32_t target, const struct audit_record *record);
