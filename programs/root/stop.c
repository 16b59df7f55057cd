// SPDX-License-Identifier: BSD-2-Clause
#include "stop.h"

#include "bell.h"
#include "life.h"
#include "sched.h"
#include "tcb.h"

enum { BADGE_KIND = 6, GRACE_MS = 1000 }; // the badge's kind follows that of the timer

enum status stop_bind(struct root *root, uint32_t target, struct diag *diag)
{
    cap_slot bell = bell_of(root, target, "stop");
    const struct objects_site *site = &root->targets[target].site;
    cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
    return bell == SEL4_SLOT_NULL ? STATUS_OK
                                  : tcb_bind_notification(&root->kernel, tcb, bell, diag);
}

// A passive server has no time of its own, and no caller lends it any for a signal: it ends on what
// it began with. Refused where it still begins, or was asked before.
static void lend_time(struct root *root, uint32_t target, cap_slot bell)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot own = objects_cap(site, objects_find(site, PLAN_SCHED_CONTEXT), 0);
    enum status status = sched_bind(&root->kernel, own, bell, NULL);
    (void)status;
}

bool stop_ask(struct root *root, uint32_t target)
{
    cap_slot bell = bell_of(root, target, "stop");
    struct root_target *of = &root->targets[target];
    if (bell == SEL4_SLOT_NULL || of->life != ROOT_RUNNING) {
        return false;
    }
    if (root->plan.targets[target].passive) {
        lend_time(root, target, bell);
    }
    struct audit_subject subject = root_subject(root, target);
    of->stop_seq = audit_event_stopping(root_at(root), &subject, GRACE_MS);
    of->stop_by = clock_now(&root->clock) + UINT64_C(1000000) * GRACE_MS;
    root->denied |= bell_ring(root, bell, (uint64_t)BADGE_KIND << 56) != STATUS_OK;
    return true;
}

void stop_ask_all(struct root *root)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        stop_ask(root, i);
    }
    root_flush(root);
}

bool stop_pending(struct root *root)
{
    bool pending = false;
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        const struct root_target *target = &root->targets[i];
        if (target->stop_by == 0 || target->life != ROOT_RUNNING) {
            continue;
        }
        if (target->stop_by > clock_now(&root->clock)) {
            pending = true;
            continue;
        }
        root->denied = true;
        life_kill(root, i, (struct audit_cause){AUDIT_TARGET_STOPPING, target->stop_seq});
    }
    return pending;
}
