// SPDX-License-Identifier: BSD-2-Clause
#include "stop.h"

#include "life.h"
#include "tcb.h"

enum { BADGE_KIND = 6, GRACE_MS = 1000 }; // the badge's kind follows that of the timer

// The root task's capability to a target's `stop`; 0 = it has none.
static cap_slot bell_of(const struct root *root, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    for (uint32_t i = 0; i < plan->caps; i++) {
        const struct plan_cap *cap = &root->plan.caps[plan->first_cap + i];
        if (cap->kind == PLAN_CAP_ISSUED && cap->type == PLAN_NOTIFICATION &&
            (cap->rights & PLAN_READ) != 0 && bytes_equal(cap->name, bytes_text("stop"))) {
            return objects_cap(&root->targets[target].site, cap->object, 0);
        }
    }
    return SEL4_SLOT_NULL;
}

enum status stop_bind(struct root *root, uint32_t target, struct diag *diag)
{
    cap_slot bell = bell_of(root, target);
    const struct objects_site *site = &root->targets[target].site;
    cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
    return bell == SEL4_SLOT_NULL ? STATUS_OK
                                  : tcb_bind_notification(&root->kernel, tcb, bell, diag);
}

// Rings with a badge, which the root task's own capability does not have.
static enum status ring(struct root *root, cap_slot bell)
{
    struct cnode_derive mint = {
        .to = cspace_slot(&root->cspace, root->cspace.spare),
        .from = cspace_slot(&root->cspace, bell),
        .rights = SEL4_RIGHT_WRITE,
        .data = (uint64_t)BADGE_KIND << 56,
    };
    enum status status = cnode_mint(&root->kernel, &mint, NULL);
    if (status == STATUS_OK) {
        sel4_kernel_signal(&root->kernel, root->cspace.spare);
        status = cnode_delete(&root->kernel, mint.to, NULL);
    }
    return status;
}

bool stop_ask(struct root *root, uint32_t target)
{
    cap_slot bell = bell_of(root, target);
    struct root_target *of = &root->targets[target];
    if (bell == SEL4_SLOT_NULL || of->life != ROOT_RUNNING) {
        return false;
    }
    struct audit_subject subject = root_subject(root, target);
    of->stop_seq = audit_event_stopping(root_at(root), &subject, GRACE_MS);
    of->stop_by = clock_now(&root->clock) + UINT64_C(1000000) * GRACE_MS;
    root->denied |= ring(root, bell) != STATUS_OK;
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
