// SPDX-License-Identifier: BSD-2-Clause

// Which records of a log are findings; the live run and a log that is read later are judged by the
// same rule. Only records that continue the log's chain count.

#include "outcome.h"

static bool says(struct bytes object, const char *name, const char *word)
{
    struct bytes text;
    return audit_scan_string(&text, audit_scan_member(object, name)) && bytes_is(text, word);
}

// A fault after which the target went on as its manifest allows is not one.
static bool is_finding(const struct audit_record *event)
{
    static const char *const always[] = {"package.refused", "policy.refused", "system.refused",
                                         "target.failed", "log.drop"};
    if (bytes_starts_with(event->type, bytes_text("fault.")) ||
        bytes_starts_with(event->type, bytes_text("deny."))) {
        return !says(event->data, "action", "resumed");
    }
    if (bytes_is(event->type, "target.exited")) {
        return !bytes_is(audit_scan_member(event->data, "code"), "0");
    }
    if (bytes_is(event->type, "target.killed")) { // as somebody wished, or with its parent's end
        return !says(event->data, "reason", "control.asked") &&
               !says(event->data, "reason", "target.exited");
    }
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (bytes_is(event->type, always[i])) {
            return true;
        }
    }
    // caps.checked: what a target holds is not what the plan gives it.
    return bytes_is(audit_scan_member(event->data, "equal"), "false");
}

bool outcome_take(struct outcome *outcome, struct bytes record, bool *finding)
{
    *finding = false;
    if (audit_check_record(&outcome->check, record) != AUDIT_FINDING_SOUND) {
        return false;
    }
    *finding = is_finding(&outcome->check.record);
    outcome->findings += *finding ? 1 : 0;
    return true;
}

int outcome_code(const struct outcome *outcome)
{
    if (audit_check_end(&outcome->check) != AUDIT_FINDING_SOUND) {
        return EXIT_CODE_INCOMPLETE;
    }
    return outcome->findings > 0 ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
}
