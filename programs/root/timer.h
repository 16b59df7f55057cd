// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Time that passes while the root task waits: a second thread of it, which sends a message to the
// auditor's endpoint and gives up its budget, so that the kernel lets it go on in its next period.
// No timer hardware is needed, and nothing spins.

#include "objects.h"

enum {
    TIMER_BADGE = 5,         // kind of its messages' badge, after those of the plan
    TIMER_PERIOD_US = 10000, // one message in each; a wait is rounded up to it
};

// What the thread is made from and where it sends.
struct timer_place {
    const struct objects_pool *pool;
    cap_slot auditor;
    cap_slot sched_control;
};

// Makes the thread and starts it.
enum status timer_start(const struct timer_place *place, struct diag *diag) MUST_CHECK;
