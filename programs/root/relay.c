// SPDX-License-Identifier: BSD-2-Clause
#include "relay.h"

#include "arch.h"
#include "bootinfo.h"
#include "peers.h"
#include "sched.h"
#include "sel4_syscall.h"
#include "services.h"
#include "spawn.h"

enum { STARTER_US = 10000, NOTE_WORDS = 2, LENGTH = 0x7f, LABEL_SHIFT = 12, CAPS = 0xf80 };

static _Alignas(SPAWN_RELAY_PAGE) uint8_t pages[PLAN_RELAYS_MAX][SPAWN_RELAY_PAGE];

// The thread. Its first caller is the root task, which then knows that it waits (spawn_relays).
// Words beyond the fourth stay in its IPC buffer, which no other message of it touches.
static _Noreturn void run(void)
{
    struct arch_message call = {.cap_or_badge = PLAN_RELAY_IN};
    arch_syscall(&call, SEL4_SYSCALL_RECV, PLAN_RELAY_ANSWER);
    for (;;) {
        call.cap_or_badge = PLAN_RELAY_IN;
        call.info &= ~(uint64_t)CAPS;
        arch_syscall(&call, SEL4_SYSCALL_REPLY_RECV, PLAN_RELAY_ANSWER);
        struct arch_message note = {
            .cap_or_badge = PLAN_RELAY_AUDITOR,
            .info = NOTE_WORDS,
            .word = {call.info >> LABEL_SHIFT, call.info & LENGTH},
        };
        arch_syscall(&note, SEL4_SYSCALL_CALL, 0);
        call.cap_or_badge = PLAN_RELAY_OUT;
        call.info &= ~(uint64_t)CAPS;
        arch_syscall(&call, SEL4_SYSCALL_CALL, 0);
    }
}

static uint32_t relays_of(const struct root *root, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    uint32_t i = objects_find(&root->targets[target].site, PLAN_RELAY_TCB);
    return i < plan->first_object + plan->objects ? root->plan.objects[i].count : 0;
}

// Relays of the targets before this one.
static uint32_t relays_before(const struct root *root, uint32_t target)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < target; i++) {
        count += relays_of(root, i);
    }
    return count;
}

enum status relay_prepare(struct root *root, struct diag *diag)
{
    if (relays_before(root, root->plan.target_count) == 0) {
        return STATUS_OK;
    }
    enum status status = objects_make(&root->starter, &root->pool, SEL4_OBJECT_SCHED_CONTEXT,
                                      PLAN_SCHED_CONTEXT_BITS, diag);
    struct sched_parameters parameters = {
        .sched_context = root->starter, .budget_us = STARTER_US, .period_us = STARTER_US};
    cap_slot control = root->bootinfo->sched_control.start;
    return status == STATUS_OK ? sched_configure(&root->kernel, control, &parameters, diag)
                               : status;
}

enum status relay_make(struct root *root, uint32_t target, struct diag *diag)
{
    if (relays_of(root, target) == 0) {
        return STATUS_OK;
    }
    uint8_t *first = pages[relays_before(root, target)];
    struct spawn_relays relays = {
        .auditor = root->auditor,
        .starter = root->starter,
        .entry = (uintptr_t)run,
        .pages = first,
        .frames = bootinfo_frame(root->bootinfo, first),
    };
    return spawn_relays(&root->targets[target].site, &relays, diag);
}

static const struct plan_cap *cap_at(const struct root *root, uint32_t target, uint32_t slot)
{
    return &root->plan.caps[root->plan.targets[target].first_cap + slot];
}

// Who calls more often than its share of the root task allows is answered in its next window.
void relay_note(struct root *root, uint32_t target, const struct sel4_received *received)
{
    static const struct sel4_reply go_on = {0};
    uint32_t slot = (uint32_t)received->badge;
    const struct plan_cap *cap = cap_at(root, target, slot);
    if (!services_room(root, target, relay_exit_of(root, cap).thread, received->length)) {
        return;
    }
    uint32_t server = peers_server(root, target, slot);
    struct audit_subject subject = root_subject(root, target);
    struct audit_trace trace = {
        .via = cap->name,
        .to = root->plan.targets[server].name,
        .badge = cap->badge,
        .label = received->words[0],
        .length = received->words[1],
    };
    audit_event_trace(root_at(root), &subject, &trace);
    sel4_kernel_reply(&root->kernel, root->reply, &go_on);
}

struct relay_exit relay_exit_of(const struct root *root, const struct plan_cap *cap)
{
    const struct objects_site *site = &root->targets[cap->holder].site;
    if (cap->relay == 0) {
        return (struct relay_exit){
            .slot = {.root = objects_cap(site, objects_find(site, PLAN_CNODE), 0),
                     .index = cap->slot,
                     .depth = root->plan.targets[cap->holder].cnode_bits},
            .thread = objects_cap(site, objects_find(site, PLAN_TCB), 0),
            .cptr = cap->slot,
        };
    }
    return (struct relay_exit){
        .slot = {.root = objects_relay(site, cap, PLAN_RELAY_CNODE),
                 .index = PLAN_RELAY_OUT,
                 .depth = PLAN_RELAY_RADIX},
        .thread = objects_relay(site, cap, PLAN_RELAY_TCB),
        .cptr = PLAN_RELAY_OUT,
    };
}
