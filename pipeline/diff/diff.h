// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Two authorities -> what was gained and what was lost (spec/diff.md, 2). A pure comparison: equal
// inputs differ in nothing, what one direction gains the other one loses, and adding to both sides
// never hides a gain. Growth is what a gate stops; that two sides cannot be ordered is growth.

#include "reach.h"

// KPD001 ..; the numbers are the public ones. Those from 10 on are about runs (run/diff_run.h).
enum diff_rule {
    DIFF_ADDED = 1,
    DIFF_WIDENED = 2,
    DIFF_LIMIT = 3,
    DIFF_REACH = 4,
    DIFF_CONTROL = 5,
    DIFF_GRANT = 6,
    DIFF_DEVICE = 7,
    DIFF_GUARD = 8,
    DIFF_SIGNER = 9,
    DIFF_RUN_MORE = 10,
    DIFF_EVIDENCE_INCOMPLETE = 11,
    DIFF_EVIDENCE_INVALID = 12,
    DIFF_DENIAL = 13,
    DIFF_RUN_LESS = 14,
    DIFF_RULES = 15,
};

enum diff_verdict { DIFF_SAME, DIFF_SHRANK, DIFF_GREW };
enum diff_severity { DIFF_NOTE, DIFF_MEDIUM, DIFF_HIGH, DIFF_CRITICAL };

enum diff_kind {
    DIFF_TARGET,
    DIFF_CAP,
    DIFF_LIMIT_OF,
    DIFF_GUARD_OF,
    DIFF_ALLOW,
    DIFF_SIGNED,
    DIFF_PAIR,
    DIFF_SIZE,     // of a region
    DIFF_TRACED,   // whether its calls are recorded
    DIFF_EVENT,    // of a run: something was denied
    DIFF_EVIDENCE, // of a run: what is wrong with its log
    DIFF_PLANNED,  // of a run: its plan is another one
};

enum { DIFF_STEPS = 16 }; // steps of a witness that are kept: the last ones

// One finding. Of each pair of pointers one is NULL for what is new or gone.
struct diff_change {
    enum diff_rule rule;
    enum diff_verdict verdict; // never DIFF_SAME
    enum diff_kind kind;
    const struct authority_target *was, *now; // the target
    // DIFF_CAP, DIFF_SIZE, DIFF_TRACED. Of hardware the two may be different places, which overlap.
    const struct authority_grant *was_grant, *now_grant;
    uint32_t auth_added, auth_removed; // DIFF_CAP
    uint32_t item;                     // limit, guard: which one; DIFF_ALLOW: may write;
                                       // DIFF_EVENT: how often
    struct bytes object, text;         // DIFF_ALLOW: object and pattern; DIFF_SIGNED: the key;
                                       // DIFF_EVENT: its type; DIFF_EVIDENCE: what and why;
                                       // DIFF_PLANNED: digests of the plan and of the run's
    struct plan_span span;             // line 0: not known
    struct bytes file;                 // that the span is in; empty: the target's manifest
    const struct authority_target *to; // DIFF_PAIR: the other end
    struct reach_step *steps;          // DIFF_PAIR: the shortest way, over the side that has it
    size_t step_count;                 // of the whole way
    bool approved;                     // by a golden file, with `reason`
    struct bytes reason;
};

struct diff_summary {
    uint32_t added, removed, widened, narrowed, moved, rebound, limits, guards, reach;
    uint32_t denials; // of a run: events that denied something
};

struct diff {
    const struct authority *was, *now;
    enum diff_verdict verdict; // of what is not approved
    struct diff_summary summary;
    struct diff_change *changes; // by rule, then target, then object
    uint32_t change_count;
};

// Compares. `was` and `now` outlive the result. NO_MEMORY.
MUST_CHECK enum status diff_make(struct diff *out, const struct authority *was,
                                 const struct authority *now, struct arena *arena,
                                 struct diag *diag);

// Stands for the log of a run in changes that are about that and not about a target.
extern const struct authority_target diff_the_run;

// Counts verdicts again after changes were approved.
void diff_judge(struct diff *diff);

// How grave a rule is when it is broken; a property of the rule, not of the change.
enum diff_severity diff_severity_of(enum diff_rule rule);
