// SPDX-License-Identifier: BSD-2-Clause
#include "bell.h"

cap_slot bell_of(const struct root *root, uint32_t target, const char *name)
{
    const struct plan_target *plan = &root->plan.targets[target];
    for (uint32_t i = 0; i < plan->caps; i++) {
        const struct plan_cap *cap = plan_cap_at(&root->plan, target, i);
        if (cap->kind == PLAN_CAP_ISSUED && cap->type == PLAN_NOTIFICATION &&
            (cap->rights & PLAN_READ) != 0 && bytes_is(cap->name, name)) {
            return objects_cap(&root->targets[target].site, cap->object, 0);
        }
    }
    return SEL4_SLOT_NULL;
}

enum status bell_ring(struct root *root, cap_slot bell, uint64_t badge)
{
    struct cnode_derive mint = {
        .to = cspace_slot(&root->cspace, root->cspace.spare),
        .from = cspace_slot(&root->cspace, bell),
        .rights = SEL4_RIGHT_WRITE,
        .data = badge,
    };
    enum status status = cnode_mint(&root->kernel, &mint, NULL);
    if (status == STATUS_OK) {
        sel4_kernel_signal(&root->kernel, root->cspace.spare);
        status = cnode_delete(&root->kernel, mint.to, NULL);
    }
    if (status != STATUS_OK) { // the next start needs the slot
        enum status again = cnode_delete(&root->kernel, mint.to, NULL);
        (void)again;
    }
    return status;
}
