// SPDX-License-Identifier: BSD-2-Clause
#include "peers.h"

#include "relay.h"
#include "tcb.h"

static bool is_endpoint(const struct plan_cap *cap, enum plan_rights right)
{
    return cap->kind == PLAN_CAP_ISSUED && cap->type == PLAN_ENDPOINT && (cap->rights & right) != 0;
}

static bool serves(const struct root *root, uint32_t target, uint32_t endpoint)
{
    for (uint32_t i = 0; i < root->plan.targets[target].caps; i++) {
        const struct plan_cap *cap = plan_cap_at(&root->plan, target, i);
        if (cap->object == endpoint && is_endpoint(cap, PLAN_READ)) {
            return true;
        }
    }
    return false;
}

uint32_t peers_server(const struct root *root, uint32_t client, uint32_t slot)
{
    if (slot >= root->plan.targets[client].caps ||
        !is_endpoint(plan_cap_at(&root->plan, client, slot), PLAN_WRITE)) {
        return PLAN_SYSTEM;
    }
    uint32_t endpoint = plan_cap_at(&root->plan, client, slot)->object;
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        if (serves(root, i, endpoint)) {
            return i;
        }
    }
    return PLAN_SYSTEM;
}

// Where a client's calls go, past its relay if it has one.
static cap_slot destination(const struct root *root, const struct plan_cap *cap)
{
    uint32_t server = peers_server(root, cap->holder, cap->slot);
    bool stood_in = server != PLAN_SYSTEM && root->targets[server].stood_in;
    return stood_in || cap->object == PLAN_AUDITOR
               ? root->auditor
               : objects_cap(&root->targets[cap->holder].site, cap->object, 0);
}

cap_slot peers_origin(const struct root *root, const struct plan_cap *cap)
{
    return cap->relay != 0 ? objects_origin(&root->targets[cap->holder].site, cap)
                           : destination(root, cap);
}

// Makes a client's calls lead where they should now, with the rights and the badge of the plan.
static enum status lead(struct root *root, const struct plan_cap *cap, struct diag *diag)
{
    cap_slot origin = destination(root, cap);
    struct cnode_derive mint = {
        .to = relay_exit_of(root, cap).slot,
        .from = cspace_slot(&root->cspace, origin),
        .rights = cap->rights,
        .data = cap->badge,
    };
    enum status status = cnode_delete(&root->kernel, mint.to, diag);
    struct spawn_slot made = {0};
    if (status == STATUS_OK) {
        status = cnode_mint(&root->kernel, &mint, diag);
    }
    if (status == STATUS_OK) {
        made = (struct spawn_slot){origin, mint.rights, mint.data};
    }
    if (cap->relay == 0) { // else it is the relay's slot that has changed
        root->ledger[cap - root->plan.caps] = made;
    }
    return status;
}

// Lets a client, or its relay, that waits in a call through `cap` make it again. A thread that
// waits has the capability it waits on in its register still; resuming one that runs changes
// nothing.
static void call_again(struct root *root, const struct plan_cap *cap)
{
    struct relay_exit from = relay_exit_of(root, cap);
    struct registers registers;
    enum status status = tcb_read(&registers, &root->kernel, from.thread, NULL);
    if (status == STATUS_OK && registers.word[REG_CAP] == from.cptr) {
        status = tcb_resume(&root->kernel, from.thread, NULL);
    }
    root->denied |= status != STATUS_OK;
}

// Lets one client's capabilities lead where they should, if that has changed.
static void update_client(struct root *root, uint32_t client, uint32_t server, bool change)
{
    for (uint32_t i = 0; i < root->plan.targets[client].caps; i++) {
        if (peers_server(root, client, i) != server) {
            continue;
        }
        const struct plan_cap *cap = plan_cap_at(&root->plan, client, i);
        root->denied |= change && lead(root, cap, NULL) != STATUS_OK;
        call_again(root, cap);
    }
}

static void update_clients(struct root *root, uint32_t server, bool change)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        if (root->targets[i].life == ROOT_RUNNING) {
            update_client(root, i, server, change);
        }
    }
}

// Whoever waits for a signal of this server looks again, and is told by a call that it is gone.
static void wake_clients(struct root *root, uint32_t server)
{
    for (uint32_t i = 0; i < root->plan.targets[server].caps; i++) {
        const struct plan_cap *cap = plan_cap_at(&root->plan, server, i);
        if (cap->kind == PLAN_CAP_ISSUED && cap->type == PLAN_NOTIFICATION &&
            (cap->rights & PLAN_WRITE) != 0) {
            sel4_kernel_signal(&root->kernel,
                               objects_cap(&root->targets[server].site, cap->object, 0));
        }
    }
}

void peers_leave(struct root *root, uint32_t target)
{
    bool change = !root->targets[target].stood_in;
    root->targets[target].stood_in = true;
    update_clients(root, target, change);
    if (root->plan.targets[target].serves) {
        wake_clients(root, target);
    }
}

void peers_return(struct root *root, uint32_t target)
{
    bool change = root->targets[target].stood_in;
    root->targets[target].stood_in = false;
    if (change || root->targets[target].incarnation > 1) {
        update_clients(root, target, change);
    }
}

enum status peers_place(struct root *root, uint32_t client, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < root->plan.targets[client].caps && status == STATUS_OK; i++) {
        uint32_t server = peers_server(root, client, i);
        if (server != PLAN_SYSTEM && root->targets[server].stood_in) {
            status = lead(root, plan_cap_at(&root->plan, client, i), diag);
        }
    }
    return status;
}
