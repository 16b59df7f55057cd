// SPDX-License-Identifier: BSD-2-Clause
#include "spawn.h"

#include "sched.h"
#include "tcb.h"

// Binds what was made to the thread (spec/plan.md, 6). The thread is given copies: neither its own
// TCB nor CNode, VSpace or scheduling context ever stands in its CSpace, nor does the
// capability that its faults are sent with.

static cap_slot single(const struct objects_site *site, enum plan_type type)
{
    return objects_cap(site, objects_find(site, type), 0);
}

static cap_slot frame_at(const struct objects_site *site, uint64_t vaddr)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    uint32_t i = target->first_mapping;
    while (site->plan->mappings[i].vaddr != vaddr) {
        i++;
    }
    const struct plan_mapping *mapping = &site->plan->mappings[i];
    return objects_cap(site, mapping->object, mapping->first);
}

static enum status set_spaces(const struct objects_site *site, struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    struct tcb_spaces spaces = {
        .cspace = single(site, PLAN_CNODE),
        .cspace_data = sel4_cnode_data(0, (unsigned)SEL4_WORD_BITS - target->cnode_bits),
        .vspace = single(site, PLAN_VSPACE),
        .buffer = target->ipc_buffer,
        .buffer_frame = frame_at(site, target->ipc_buffer),
    };
    return tcb_configure(site->kernel, single(site, PLAN_TCB), &spaces, diag);
}

static enum status set_budget(const struct objects_site *site, cap_slot sched_control,
                              struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    struct sched_parameters parameters = {
        .sched_context = single(site, PLAN_SCHED_CONTEXT),
        .budget_us = target->budget_us,
        .period_us = target->period_us,
        .badge = plan_badge_of(PLAN_BADGE_TIMEOUT, site->target, 0),
    };
    return sched_configure(site->kernel, sched_control, &parameters, diag);
}

// The holder's first slot, which no planned object has: here the handlers' capabilities are made,
// of which the thread takes copies. The last one stays until the holder goes.
static cap_slot handler_slot(const struct objects_site *site)
{
    return cspace_held(site->target, 0);
}

// A badged capability to the auditor.
static enum status mint_handler(const struct objects_site *site, cap_slot auditor, uint64_t badge,
                                struct diag *diag)
{
    struct cnode_derive mint = {
        .to = cspace_slot(site->cspace, handler_slot(site)),
        .from = cspace_slot(site->cspace, auditor),
        .rights = SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY,
        .data = badge,
    };
    return cnode_mint(site->kernel, &mint, diag);
}

static enum status set_scheduling(const struct objects_site *site, cap_slot auditor,
                                  uint64_t incarnation, struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    uint64_t badge = plan_badge_of(PLAN_BADGE_FAULT, site->target, (uint32_t)incarnation);
    enum status status = mint_handler(site, auditor, badge, diag);
    if (status != STATUS_OK) {
        return status;
    }
    struct tcb_scheduling scheduling = {
        .max_priority = target->max_priority,
        .priority = target->priority,
        .authority = SEL4_SLOT_TCB,
        .sched_context = single(site, PLAN_SCHED_CONTEXT),
        .fault_handler = handler_slot(site),
    };
    return tcb_set_sched_params(site->kernel, single(site, PLAN_TCB), &scheduling, diag);
}

static enum status set_timeout(const struct objects_site *site, cap_slot auditor,
                               uint64_t incarnation, struct diag *diag)
{
    uint64_t badge = plan_badge_of(PLAN_BADGE_TIMEOUT, site->target, (uint32_t)incarnation);
    struct cnode_slot slot = cspace_slot(site->cspace, handler_slot(site));
    enum status status = cnode_delete(site->kernel, slot, diag);
    if (status == STATUS_OK) {
        status = mint_handler(site, auditor, badge, diag);
    }
    return status == STATUS_OK ? tcb_set_timeout_endpoint(site->kernel, single(site, PLAN_TCB),
                                                          handler_slot(site), diag)
                               : status;
}

enum status spawn_configure(const struct objects_site *site, cap_slot auditor,
                            cap_slot sched_control, uint64_t incarnation, struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    enum status status = set_spaces(site, diag);
    if (status == STATUS_OK) {
        status = set_budget(site, sched_control, diag);
    }
    if (status == STATUS_OK) {
        status = set_scheduling(site, auditor, incarnation, diag);
    }
    // A thread whose budget is its period is never out of it. A passive one has its own for its
    // start only, and then it is its callers' that ends.
    if (status == STATUS_OK && !target->passive && target->budget_us < target->period_us) {
        status = set_timeout(site, auditor, incarnation, diag);
    }
    return status;
}
