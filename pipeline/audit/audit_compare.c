// SPDX-License-Identifier: BSD-2-Clause
#include "audit_compare.h"

static enum status differs(struct diag *diag, const char *what, uint64_t slot, uint64_t found)
{
    return diag_fail_detail(diag, STATUS_LIVE_DIFFERS, what, slot, found);
}

enum status audit_compare_slot(const struct plan_cap *cap, const struct audit_slot *live,
                               struct diag *diag)
{
    if (live->empty) {
        return differs(diag, "slot contents", cap->slot, 0);
    }
    if (live->type != cap->type) {
        return differs(diag, "slot type", cap->slot, live->type);
    }
    if (live->object != cap->object) {
        return differs(diag, "slot object", cap->slot, live->object);
    }
    if (live->rights != cap->rights) {
        return differs(diag, "slot rights", cap->slot, live->rights);
    }
    if (live->badge != cap->badge) {
        return differs(diag, "slot badge", cap->slot, live->badge);
    }
    return STATUS_OK;
}

enum status audit_compare(const struct plan *plan, uint32_t target, const struct audit_slot *live,
                          size_t count, struct diag *diag)
{
    const struct plan_target *owner = &plan->targets[target];
    if (count != UINT64_C(1) << owner->cnode_bits || count != owner->caps) {
        return differs(diag, "slot count", owner->caps, count);
    }
    for (uint32_t slot = 0; slot < owner->caps; slot++) {
        const struct plan_cap *cap = plan_cap_at(plan, target, slot);
        if (cap->slot != slot) {
            return differs(diag, "slot count", slot, cap->slot);
        }
        enum status status = audit_compare_slot(cap, &live[slot], diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}
