// SPDX-License-Identifier: BSD-2-Clause
#include "live.h"

#include "audit_compare.h"
#include "live_board.h"
#include "live_debug.h"

static struct audit_slot slots[1 << BOUND_CNODE_BITS];

// Which planned object a capability of the root task names.
static uint32_t object_of(const struct root *root, const struct objects_site *site, cap_slot from)
{
    if (from == root->auditor) {
        return PLAN_AUDITOR;
    }
    for (uint32_t i = 0; i < root->plan.object_count; i++) {
        uint16_t owner = root->plan.objects[i].owner;
        bool held = owner == PLAN_SYSTEM || owner == site->target;
        if (held && objects_cap(site, i, 0) == from) {
            return i;
        }
    }
    return AUDIT_NO_OBJECT;
}

static struct audit_slot accepted(const struct root *root, const struct objects_site *site,
                                  uint32_t index, const struct spawn_slot *made)
{
    const struct plan_cap *cap =
        &root->plan.caps[root->plan.targets[site->target].first_cap + index];
    bool relayed = cap->relay != 0 && made->from == objects_origin(site, cap);
    uint32_t object = relayed ? cap->object : object_of(root, site, made->from);
    struct audit_slot slot = {
        .empty = made->from == SEL4_SLOT_NULL,
        .type = PLAN_ENDPOINT,
        .rights = made->rights,
        .object = object,
        .badge = made->badge,
    };
    if (object < root->plan.object_count) {
        slot.type = root->plan.objects[object].type;
    }
    return slot;
}

enum audit_oracle live_oracle(const struct root *root)
{
    if (root->hosted) {
        return AUDIT_ORACLE_BOARD;
    }
    return root->bundle.built.debug ? AUDIT_ORACLE_DEBUG : AUDIT_ORACLE_ACCEPTED;
}

const struct audit_slot *live_read(const struct root *root, uint32_t target, struct diag *diag)
{
    const struct plan_target *plan = &root->plan.targets[target];
    enum status status = STATUS_LIVE_DIFFERS;
    for (uint32_t i = 0; i < plan->caps; i++) {
        const struct plan_cap *cap = &root->plan.caps[plan->first_cap + i];
        slots[i] = (struct audit_slot){
            .type = cap->type, .rights = cap->rights, .object = cap->object, .badge = cap->badge};
    }
    if (live_oracle(root) == AUDIT_ORACLE_BOARD) {
        status = live_board_read(slots, root, target, diag);
    } else if (live_oracle(root) == AUDIT_ORACLE_DEBUG) {
        status = live_debug_read(slots, &root->targets[target].site, diag);
    }
    return status == STATUS_OK ? slots : NULL;
}

enum status live_compare(struct root *root, uint32_t target, const struct spawn_slot *made,
                         struct diag *diag)
{
    uint32_t count = UINT32_C(1) << root->plan.targets[target].cnode_bits;
    enum status status = STATUS_OK;
    enum audit_oracle oracle = live_oracle(root);
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = accepted(root, &root->targets[target].site, i, &made[i]);
    }
    if (oracle == AUDIT_ORACLE_BOARD) {
        status = live_board_read(slots, root, target, diag);
    } else if (oracle == AUDIT_ORACLE_DEBUG) {
        status = live_debug_read(slots, &root->targets[target].site, diag);
    }
    return status == STATUS_OK ? audit_compare(&root->plan, target, slots, count, diag) : status;
}
