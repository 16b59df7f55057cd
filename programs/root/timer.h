// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Time that passes while the root task waits: a second thread of it, which sends a message to the
// auditor's endpoint and gives up its budget, so that the kernel lets it go on in its next period.
// No timer hardware is needed, and nothing spins.

#include "objects.h"

enum { TIMER_BADGE = 5 }; // kind of its messages' badge, after those of the plan

struct timer {
    cap_slot tcb;
    cap_slot sched_context;
    cap_slot sched_control;
    uint64_t period_us; // 0 before the first timer_set
};

// What the thread is made from and where it sends.
struct timer_place {
    const struct objects_pool *pool;
    cap_slot auditor;
    cap_slot sched_control;
};

enum status timer_open(struct timer *timer, const struct timer_place *place,
                       struct diag *diag) MUST_CHECK;

// From now on it sends once in `period_us`; the first message may come at once. It starts with the
// first call of this.
void timer_set(struct timer *timer, struct sel4_kernel *kernel, uint64_t period_us);
