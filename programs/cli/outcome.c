// SPDX-License-Identifier: BSD-2-Clause
#include "outcome.h"

#include <jansson.h>
#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

// A fault after which the target went on as its manifest allows is not one.
static bool is_finding(const json_t *event)
{
    const char *type = json_string_value(json_object_get(event, "type"));
    const json_t *data = json_object_get(event, "data");
    const char *action = json_string_value(json_object_get(data, "action"));
    if (begins(type, "fault.") || begins(type, "deny.")) {
        return action == NULL || strcmp(action, "resumed") != 0;
    }
    if (strcmp(type, "target.exited") == 0) {
        return json_integer_value(json_object_get(data, "code")) != 0;
    }
    if (strcmp(type, "target.killed") == 0) { // as somebody wished, or with its parent's end
        const char *reason = json_string_value(json_object_get(data, "reason"));
        return reason == NULL ||
               (strcmp(reason, "control.asked") != 0 && strcmp(reason, "target.exited") != 0);
    }
    return strcmp(type, "package.refused") == 0 || strcmp(type, "policy.refused") == 0 ||
           strcmp(type, "target.failed") == 0 || strcmp(type, "log.drop") == 0 ||
           json_is_false(json_object_get(data, "equal"));
}

bool outcome_take(struct outcome *outcome, struct bytes record, bool *finding)
{
    *finding = false;
    if (audit_check_record(&outcome->check, record) != AUDIT_FINDING_SOUND) {
        return false;
    }
    json_t *event = json_loadb((const char *)record.at, record.len, 0, NULL);
    if (json_string_value(json_object_get(event, "type")) != NULL && is_finding(event)) {
        *finding = true;
        outcome->findings++;
    }
    json_decref(event);
    return true;
}

int outcome_code(const struct outcome *outcome)
{
    if (audit_check_end(&outcome->check) != AUDIT_FINDING_SOUND) {
        return EXIT_CODE_INCOMPLETE;
    }
    return outcome->findings > 0 ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
}
