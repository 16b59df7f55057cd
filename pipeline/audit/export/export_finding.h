// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a log shows that somebody may object to, one at a time, under the names of rules.

#include "export.h"

#include <jansson.h>

// X(ID, public name, level, title, what to do about it)
// clang-format off
#define EXPORT_RULE_LIST(X) \
    X(PLAN, "KPD010", "error", "The run differs from its plan", \
      "Trust nothing of the run; compare plan and image with what was meant.") \
    X(INCOMPLETE, "KPD011", "warning", "Evidence is incomplete", \
      "Find out where the log was cut, or run again.") \
    X(INVALID, "KPD012", "error", "Evidence is contradicted", \
      "Take the log from its source again; if that is contradicted too, somebody wrote to it.") \
    X(DENIAL, "KPD013", "warning", "A denial or fault was seen", \
      "See which capability the target lacks, or what it should not have tried.") \
    X(REFUSED, "KPR001", "error", "A package was refused", \
      "The reason is in the index of errors; kpkg verify and kpkg plan say it of the file.") \
    X(STOPPED, "KPR002", "error", "A target was stopped", \
      "Look at the event that cause_seq names, and at the policy's fault action.") \
    X(FAILED, "KPR003", "warning", "A target did not start, or ended with a code that is not 0", \
      "The step and the reason are in the record; the code is the program's own.") \
    X(LEAKED, "KPR004", "error", "Memory did not return after a stop", \
      "This is a fault of the root task or the kernel: report it with the log.")
// clang-format on

enum export_rule {
#define EXPORT_RULE_ENUM(id, name, level, title, help) EXPORT_RULE_##id,
    EXPORT_RULE_LIST(EXPORT_RULE_ENUM)
#undef EXPORT_RULE_ENUM
        EXPORT_RULES,
};

struct export_rule_row {
    const char *name, *level, *title, *help;
};
extern const struct export_rule_row export_finding_rules[EXPORT_RULES];

enum { EXPORT_MESSAGE = 512 };

struct export_finding {
    enum export_rule rule;
    size_t line;                  // of the log, from 1
    const char *target;           // "" = none
    const char *type;             // of the event, or the finding's name
    const json_t *event;          // NULL where the finding is about the log as a whole
    char message[EXPORT_MESSAGE]; // printable ASCII
};

// The next record of the log as an object that the caller releases; NULL at the end of what
// audit_verify accepted. `*line` counts from 0, `*rest` begins as the log.
json_t *export_finding_event(size_t *line, struct bytes *rest, const struct export_input *input);

// Calls `take` for each finding in the order of the log; what is wrong with the log comes last.
void export_findings(const struct export_input *input,
                     void (*take)(void *context, const struct export_finding *finding),
                     void *context);

// Stays the same for the same thing in another run: rule, target, type and what was tried.
void export_finding_print(char hex[static 33], const struct export_finding *finding);

// Members of an event that every format asks for; "" and 0 where they are absent.
const char *export_finding_text(const json_t *object, const char *key);
uint64_t export_finding_count(const json_t *object, const char *key);

// The sentence about the log as a whole.
const char *export_finding_verdict(const struct audit_verify_report *report);
