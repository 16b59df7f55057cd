// SPDX-License-Identifier: BSD-2-Clause

// JUnit cases of a run: one for each target and rule, so that a rule that nobody broke is seen to
// have been checked. Targets beyond what a system can have (a forged log) are counted with the log.

#include "export_cases.h"

#include "bounds.h"
#include "export_finding.h"
#include "export_junit.h"

#include <stdlib.h>
#include <string.h>

enum { CLASSES = BOUND_TARGETS + 1, CASES = CLASSES * EXPORT_RULES };

// The first finding of each rule and class.
struct found {
    uint64_t count;
    char message[EXPORT_MESSAGE];
};

struct cases {
    char classes[CLASSES][BOUND_NAME + 1]; // 0 is the log
    size_t class_count;
    struct found found[CLASSES][EXPORT_RULES];
};

static size_t class_of(struct cases *cases, const char *target)
{
    if (target[0] == '\0') {
        return 0;
    }
    for (size_t i = 1; i < cases->class_count; i++) {
        if (strncmp(cases->classes[i], target, BOUND_NAME) == 0) {
            return i;
        }
    }
    if (cases->class_count == CLASSES) {
        return 0;
    }
    strncpy(cases->classes[cases->class_count], target, BOUND_NAME);
    return cases->class_count++;
}

static void take(void *context, const struct export_finding *finding)
{
    struct cases *cases = context;
    struct found *found = &cases->found[class_of(cases, finding->target)][finding->rule];
    if (found->count++ == 0) {
        memcpy(found->message, finding->message, sizeof(found->message));
    }
}

// Targets without findings have cases as well.
static void add_targets(struct cases *cases, const struct export_input *input)
{
    struct bytes rest = input->log;
    size_t line = 0;
    json_t *event;
    while ((event = export_finding_event(&line, &rest, input)) != NULL) {
        class_of(cases, export_finding_text(event, "tgt"));
        json_decref(event);
    }
}

static size_t fill(struct export_junit_case *out, const struct cases *cases)
{
    size_t count = 0;
    for (size_t class = 0; class < cases->class_count; class ++) {
        for (size_t rule = 0; rule < EXPORT_RULES; rule++) {
            const struct found *found = &cases->found[class][rule];
            bool failed = found->count != 0;
            out[count++] = (struct export_junit_case){
                .class = bytes_text(cases->classes[class]),
                .name = bytes_text(export_finding_rules[rule].name),
                .failure = bytes_text(failed ? export_finding_rules[rule].title : ""),
                .detail = bytes_text(failed ? found->message : "")};
        }
    }
    return count;
}

void export_cases(FILE *to, const struct export_input *input)
{
    struct cases *cases = calloc(1, sizeof(*cases));
    struct export_junit_case *rows = calloc(CASES, sizeof(*rows));
    if (cases != NULL && rows != NULL) {
        strncpy(cases->classes[0], "event log", BOUND_NAME);
        cases->class_count = 1;
        add_targets(cases, input);
        export_findings(input, take, cases);
        export_junit(to, "kpkg audit", rows, fill(rows, cases));
    }
    free(rows);
    free(cases);
}
