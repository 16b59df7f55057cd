// SPDX-License-Identifier: BSD-2-Clause
#include "spawn.h"

// The slot's capability is derived from the root task's own: the system's endpoints and
// notifications, the target's reply objects, or, for tripwires and built-in services, the auditor.
static cap_slot origin(const struct objects_site *site, const struct plan_cap *cap,
                       cap_slot auditor)
{
    return cap->object == PLAN_AUDITOR ? auditor : objects_origin(site, cap);
}

enum status spawn_populate(struct spawn_slot *made, const struct objects_site *site,
                           cap_slot auditor, struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    cap_slot cnode = objects_cap(site, objects_find(site, PLAN_CNODE), 0);
    memset(made, 0, sizeof(*made) << target->cnode_bits);
    for (uint32_t i = 0; i < target->caps; i++) {
        const struct plan_cap *cap = plan_cap_at(site->plan, site->target, i);
        cap_slot from = origin(site, cap, auditor);
        struct cnode_derive derive = {
            .to = {.root = cnode, .index = cap->slot, .depth = target->cnode_bits},
            .from = cspace_slot(site->cspace, from),
            .rights = cap->rights,
            .data = cap->badge,
        };
        // Only endpoints and notifications have a badge to mint.
        bool badged = cap->type == PLAN_ENDPOINT || cap->type == PLAN_NOTIFICATION;
        enum status status = badged ? cnode_mint(site->kernel, &derive, diag)
                                    : cnode_copy(site->kernel, &derive, diag);
        if (status != STATUS_OK) {
            return status;
        }
        made[cap->slot] = (struct spawn_slot){from, derive.rights, derive.data};
    }
    return STATUS_OK;
}
