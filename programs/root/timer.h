// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Time that passes while the root task waits. A second thread of the root task, armed only while
// somebody waits for a moment: it gives up its budget, so that the kernel lets it go on in its next
// period, and sends a message to the auditor's endpoint. No timer hardware is needed, and nothing
// spins.

#include "objects.h"

enum {
    TIMER_BADGE = 5,        // kind of its messages' badge, after those of the plan
    TIMER_PERIOD_US = 1000, // how often it sends while it is armed
};

struct timer {
    cap_slot tcb;
    bool armed;
};

// What the thread is made from and where it sends.
struct timer_place {
    struct sel4_kernel *kernel;
    struct cspace *cspace;
    struct memory *memory;
    cap_slot auditor;
    cap_slot sched_control;
};

enum status timer_open(struct timer *timer, const struct timer_place *place,
                       struct diag *diag) MUST_CHECK;

void timer_arm(struct timer *timer, struct sel4_kernel *kernel);
void timer_disarm(struct timer *timer, struct sel4_kernel *kernel);
