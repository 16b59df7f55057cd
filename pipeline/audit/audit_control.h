// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Events of who asks that the system change: whoever is at the control channel (spec/control.md,
// 6), or a target about its children (spec/plan.md, 10), which is then the subject.

#include "audit_event.h"

// What was asked for, before anything is done about it. Texts come from who asks.
struct audit_control {
    struct audit_subject subject; // zero: the channel
    const char *verb;
    struct bytes instance; // empty: of none
    uint64_t size;         // of the package that is to come; 0 = none
};
uint64_t audit_control_asked(struct audit_at at, const struct audit_control *control);

// Why it was not done; `asked` is the number of the event before, and of the same subject.
uint64_t audit_control_refused(struct audit_at at, const struct audit_subject *subject,
                               uint64_t asked, const struct diag *diag);

// Bytes that were no frame, since the last such event.
uint64_t audit_control_noise(struct audit_at at, uint64_t bytes);
