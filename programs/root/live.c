// SPDX-License-Identifier: BSD-2-Clause
#include "live.h"

#include "audit_compare.h"
#include "live_board.h"
#include "live_debug.h"
#include "peers.h"

static struct audit_slot slots[1 << BOUND_CNODE_BITS];

static struct audit_slot accepted(const struct root *root, const struct plan_cap *cap)
{
    const struct spawn_slot *made = &root->ledger[cap - root->plan.caps];
    bool planned = made->from == peers_origin(root, cap);
    return (struct audit_slot){
        .empty = made->from == SEL4_SLOT_NULL,
        .type = cap->type,
        .rights = made->rights,
        .object = planned ? cap->object : AUDIT_NO_OBJECT,
        .badge = made->badge,
    };
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

void live_show(struct root *root, const struct audit_subject *made)
{
    if (live_oracle(root) == AUDIT_ORACLE_DEBUG) {
        audit_event_shown(root_at(root), made);
        root_flush_events(root);
        sel4_kernel_snapshot();
    }
}

enum status live_compare(struct root *root, uint32_t target, struct diag *diag)
{
    uint32_t first = root->plan.targets[target].first_cap;
    uint32_t count = root->plan.targets[target].caps;
    enum status status = STATUS_OK;
    enum audit_oracle oracle = live_oracle(root);
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = accepted(root, &root->plan.caps[first + i]);
    }
    if (oracle == AUDIT_ORACLE_BOARD) {
        status = live_board_read(slots, root, target, diag);
    } else if (oracle == AUDIT_ORACLE_DEBUG) {
        status = live_debug_read(slots, &root->targets[target].site, diag);
    }
    return status == STATUS_OK ? audit_compare(&root->plan, target, slots, count, diag) : status;
}
