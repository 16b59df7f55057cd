// SPDX-License-Identifier: BSD-2-Clause
#include "peers.h"

#include "tcb.h"

// Whether `client` may send through an endpoint.
static bool may_send(const struct root *root, uint32_t client, uint32_t endpoint)
{
    const struct plan_target *target = &root->plan.targets[client];
    for (uint32_t i = 0; i < target->caps; i++) {
        const struct plan_cap *cap = &root->plan.caps[target->first_cap + i];
        if (cap->object == endpoint && (cap->rights & PLAN_WRITE) != 0) {
            return true;
        }
    }
    return false;
}

// Resuming a thread that is not stopped repeats the call in which it waits, which is what it asked
// for anyway.
static void resume_clients(struct root *root, uint32_t endpoint)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        const struct objects_site *site = &root->targets[i].site;
        if (root->targets[i].life == ROOT_RUNNING && may_send(root, i, endpoint)) {
            cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
            root->denied |= tcb_resume(&root->kernel, tcb, NULL) != STATUS_OK;
        }
    }
}

// The root task's capability goes last, and with it whoever waits at the endpoint.
static void delete_endpoint(struct root *root, cap_slot endpoint)
{
    struct cnode_slot slot = cspace_slot(&root->cspace, endpoint);
    if (cnode_revoke(&root->kernel, slot, NULL) != STATUS_OK ||
        cnode_delete(&root->kernel, slot, NULL) != STATUS_OK) {
        root->denied = true;
    }
}

static bool is_served(const struct plan_cap *cap)
{
    return cap->kind == PLAN_CAP_ISSUED && cap->type == PLAN_ENDPOINT &&
           (cap->rights & PLAN_READ) != 0;
}

void peers_call_again(struct root *root, uint32_t target)
{
    const struct plan_target *server = &root->plan.targets[target];
    for (uint32_t i = 0; i < server->caps; i++) {
        const struct plan_cap *cap = &root->plan.caps[server->first_cap + i];
        if (is_served(cap)) {
            resume_clients(root, cap->object);
        }
    }
}

void peers_refuse(struct root *root, uint32_t target)
{
    const struct plan_target *server = &root->plan.targets[target];
    for (uint32_t i = 0; i < server->caps; i++) {
        const struct plan_cap *cap = &root->plan.caps[server->first_cap + i];
        if (is_served(cap)) {
            delete_endpoint(root, objects_cap(&root->targets[target].site, cap->object, 0));
            resume_clients(root, cap->object);
        }
    }
}
