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

// Fills `slots` with what the kernel has accepted, then with what it shows of it now.
static enum status look(struct root *root, uint32_t target, struct diag *diag)
{
    const struct plan_target *plan = &root->plan.targets[target];
    for (uint32_t i = 0; i < plan->caps; i++) {
        slots[i] = accepted(root, plan_cap_at(&root->plan, target, i));
    }
    switch (live_oracle(root)) {
    case AUDIT_ORACLE_BOARD:
        return live_board_read(slots, root, target, diag);
    case AUDIT_ORACLE_DEBUG:
        return live_debug_read(slots, &root->targets[target].site, diag);
    default:
        return STATUS_OK;
    }
}

const struct audit_slot *live_read(struct root *root, uint32_t target)
{
    bool shown = live_oracle(root) != AUDIT_ORACLE_ACCEPTED;
    return shown && look(root, target, NULL) == STATUS_OK ? slots : NULL;
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
    enum status status = look(root, target, diag);
    size_t count = root->plan.targets[target].caps;
    return status == STATUS_OK ? audit_compare(&root->plan, target, slots, count, diag) : status;
}
