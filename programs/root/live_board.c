// SPDX-License-Identifier: BSD-2-Clause
#include "live_board.h"

#include "audit_tag.h"
#include "peers.h"

// The kernel's name for the object behind each slot: its address.
static uint64_t objects[1 << BOUND_CNODE_BITS];

static void take(struct audit_slot *slots, const struct board_inspect *seen, uint64_t count)
{
    for (uint64_t i = 0; i < seen->count; i++) {
        const struct board_cap *cap = &seen->cap[i];
        if (cap->slot < count) {
            objects[cap->slot] = cap->object;
            enum plan_type type = audit_tag_type(cap->kind);
            bool hardware = type == PLAN_IRQ_HANDLER || type == PLAN_IO_PORTS;
            slots[cap->slot] = (struct audit_slot){
                .type = type, .rights = hardware ? 0 : cap->rights, .badge = cap->badge};
        }
    }
}

static enum status read_slots(struct audit_slot *slots, const struct root *root,
                              struct sel4_kernel *kernel, const struct objects_site *site,
                              struct diag *diag)
{
    uint64_t count = UINT64_C(1) << root->plan.targets[site->target].cnode_bits;
    cap_slot cnode = objects_cap(site, objects_find(site, PLAN_CNODE), 0);
    uint64_t next = 0;
    for (uint64_t i = 0; i < count; i++) {
        slots[i] = (struct audit_slot){.empty = true};
    }
    do {
        enum status status = hosted_board_inspect(
            &root->board, kernel, (struct hosted_board_slots){cnode, next, 0}, diag);
        if (status != STATUS_OK) {
            return status;
        }
        take(slots, root->board.inspect, count);
        next = root->board.inspect->next;
    } while (next != 0);
    return STATUS_OK;
}

// The name behind a slot of the root task's boot CNode, if the last look was there and showed it.
static bool was_seen(uint64_t *name, const struct board_inspect *seen, cap_slot slot)
{
    for (uint64_t i = 0; seen->cptr == SEL4_SLOT_CNODE && i < seen->count && i < BOARD_CAPS; i++) {
        if (seen->cap[i].slot == slot) {
            *name = seen->cap[i].object;
            return true;
        }
    }
    return false;
}

static enum status look_at(uint64_t *name, const struct root *root, struct sel4_kernel *kernel,
                           struct hosted_board_slots slots, struct diag *diag)
{
    enum status status = hosted_board_inspect(&root->board, kernel, slots, diag);
    if (status == STATUS_OK && !was_seen(name, root->board.inspect, slots.first)) {
        status = diag_fail(diag, STATUS_LIVE_DIFFERS, "root task's capability", slots.first);
    }
    return status;
}

// The name of the object behind a capability in the root task's boot CNode. One look shows its
// neighbours as well.
static enum status name_own(uint64_t *name, const struct root *root, struct sel4_kernel *kernel,
                            cap_slot slot, struct diag *diag)
{
    struct hosted_board_slots from = {SEL4_SLOT_CNODE, slot, slot + BOARD_CAPS};
    return was_seen(name, root->board.inspect, slot) ? STATUS_OK
                                                     : look_at(name, root, kernel, from, diag);
}

// What a target owns is in its holder, which no CPtr names: a copy of the capability passes through
// the boot CNode.
static enum status name_held(uint64_t *name, const struct root *root, struct sel4_kernel *kernel,
                             cap_slot held, struct diag *diag)
{
    struct cnode_slot spare = cspace_slot(&root->cspace, root->cspace.spare);
    struct cnode_derive copy = {
        .to = spare,
        .from = cspace_slot(&root->cspace, held),
        .rights = SEL4_RIGHT_ALL,
    };
    enum status status = cnode_copy(kernel, &copy, diag);
    if (status != STATUS_OK) {
        return status;
    }
    struct hosted_board_slots only = {SEL4_SLOT_CNODE, root->cspace.spare, root->cspace.spare + 1};
    status = look_at(name, root, kernel, only, diag);
    enum status dropped = cnode_delete(kernel, spare, status == STATUS_OK ? diag : NULL);
    return status != STATUS_OK ? status : dropped;
}

static enum status name_planned(uint64_t *name, const struct root *root, struct sel4_kernel *kernel,
                                const struct plan_cap *cap, struct diag *diag)
{
    cap_slot own = peers_origin(root, cap);
    return cap->type == PLAN_REPLY || cap->relay != 0 ? name_held(name, root, kernel, own, diag)
                                                      : name_own(name, root, kernel, own, diag);
}

enum status live_board_read(struct audit_slot *slots, const struct root *root, uint32_t target,
                            struct diag *diag)
{
    const struct plan_target *plan = &root->plan.targets[target];
    struct sel4_kernel kernel = root->kernel; // looking does not count as a call of the spawn
    enum status status = read_slots(slots, root, &kernel, &root->targets[target].site, diag);
    for (uint32_t i = 0; i < plan->caps && status == STATUS_OK; i++) {
        const struct plan_cap *cap = plan_cap_at(&root->plan, target, i);
        uint64_t planned = 0;
        status = name_planned(&planned, root, &kernel, cap, diag);
        slots[cap->slot].object = objects[cap->slot] == planned ? cap->object : AUDIT_NO_OBJECT;
    }
    return status;
}
