// SPDX-License-Identifier: BSD-2-Clause
#include "sched.h"
#include "spawn.h"
#include "tcb.h"

// One relay and the capability whose calls pass it.
struct relay {
    const struct objects_site *site;
    const struct spawn_relays *all;
    const struct plan_cap *cap;
};

static cap_slot part(const struct relay *relay, enum plan_type type)
{
    return objects_relay(relay->site, relay->cap, type);
}

// What stands in a slot of its CSpace.
struct content {
    enum plan_relay_slot slot;
    cap_slot from;
    uint8_t rights;
    uint64_t badge; // 0 = a plain copy
};

static enum status fill(const struct relay *relay, const struct content *content, struct diag *diag)
{
    struct cnode_derive derive = {
        .to = {.root = part(relay, PLAN_RELAY_CNODE),
               .index = content->slot,
               .depth = PLAN_RELAY_RADIX},
        .from = cspace_slot(relay->site->cspace, content->from),
        .rights = content->rights,
        .data = content->badge,
    };
    return content->badge == 0 ? cnode_copy(relay->site->kernel, &derive, diag)
                               : cnode_mint(relay->site->kernel, &derive, diag);
}

static enum status populate(const struct relay *relay, struct diag *diag)
{
    const struct plan_cap *cap = relay->cap;
    const struct content contents[] = {
        {PLAN_RELAY_IN, part(relay, PLAN_RELAY_ENDPOINT), SEL4_RIGHT_READ, 0},
        {PLAN_RELAY_ANSWER, part(relay, PLAN_RELAY_REPLY), 0, 0},
        {PLAN_RELAY_OUT, objects_cap(relay->site, cap->object, 0), cap->rights, cap->badge},
        {PLAN_RELAY_AUDITOR, relay->all->auditor, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY,
         plan_badge_of(PLAN_BADGE_TRACE, cap->holder, cap->slot)},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof contents / sizeof *contents && status == STATUS_OK; i++) {
        status = fill(relay, &contents[i], diag);
    }
    return status;
}

static uint8_t *page_of(const struct relay *relay)
{
    return relay->all->pages + (relay->cap->relay - 1) * (size_t)SPAWN_RELAY_PAGE;
}

static enum status configure(const struct relay *relay, struct diag *diag)
{
    struct sel4_kernel *kernel = relay->site->kernel;
    struct tcb_spaces spaces = {
        .cspace = part(relay, PLAN_RELAY_CNODE),
        .cspace_data = sel4_cnode_data(0, SEL4_WORD_BITS - PLAN_RELAY_RADIX),
        .vspace = SEL4_SLOT_VSPACE,
        .buffer = (uintptr_t)page_of(relay),
        .buffer_frame = relay->all->frames + relay->cap->relay - 1,
    };
    struct tcb_scheduling scheduling = {
        .priority = SEL4_MAX_PRIORITY,
        .authority = SEL4_SLOT_TCB,
        .sched_context = relay->all->starter,
    };
    cap_slot tcb = part(relay, PLAN_RELAY_TCB);
    enum status status = tcb_configure(kernel, tcb, &spaces, diag);
    return status == STATUS_OK ? tcb_set_sched_params(kernel, tcb, &scheduling, diag) : status;
}

// Runs it on the starter until it waits, which its answer to a first call shows; from then on it
// has its caller's priority and time.
static enum status start(const struct relay *relay, struct diag *diag)
{
    const struct objects_site *site = relay->site;
    cap_slot tcb = part(relay, PLAN_RELAY_TCB);
    struct registers registers = {0};
    registers.word[REG_PC] = relay->all->entry;
    registers.word[REG_SP] =
        (uintptr_t)page_of(relay) + SPAWN_RELAY_PAGE - sizeof(uint64_t); // as after a call
    enum status status = tcb_start(site->kernel, tcb, &registers, diag);
    if (status == STATUS_OK) {
        struct sel4_invoke greeting = {.on = part(relay, PLAN_RELAY_ENDPOINT)};
        sel4_kernel_call(site->kernel, &greeting, 0);
        status = sched_unbind(site->kernel, relay->all->starter, diag);
    }
    uint8_t priority = site->plan->targets[site->target].priority;
    return status == STATUS_OK ? tcb_set_priority(site->kernel, tcb, SEL4_SLOT_TCB, priority, diag)
                               : status;
}

enum status spawn_relays(const struct objects_site *site, const struct spawn_relays *relays,
                         struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < target->caps && status == STATUS_OK; i++) {
        struct relay relay = {site, relays, plan_cap_at(site->plan, site->target, i)};
        if (relay.cap->relay == 0) {
            continue;
        }
        status = populate(&relay, diag);
        if (status == STATUS_OK) {
            status = configure(&relay, diag);
        }
        if (status == STATUS_OK) {
            status = start(&relay, diag);
        }
    }
    return status;
}
