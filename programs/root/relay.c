// SPDX-License-Identifier: BSD-2-Clause
#include "relay.h"

#include "arch.h"
#include "bootinfo.h"
#include "peers.h"
#include "sched.h"
#include "sel4_syscall.h"
#include "services.h"
#include "spawn.h"

enum { STARTER_US = 10000, LENGTH = 0x7f, LABEL_SHIFT = 12, CAPS = 0xf80 };

// What is known of the call that a relay is in, by the relay itself but for `denied`.
struct call {
    uint64_t began, ended; // ticks; 0 = is in no call; 0 = has no answer yet
    uint64_t label, length, answer;
    bool denied; // the answer is the root task's
};

// A relay's own page. Root task and relay share it; of the two only one ever runs.
struct page {
    struct sel4_ipc_buffer buffer;
    struct call call;
    uint8_t stack[SPAWN_RELAY_PAGE - sizeof(struct sel4_ipc_buffer) - sizeof(struct call)];
};
_Static_assert(sizeof(struct page) == SPAWN_RELAY_PAGE, "its stack ends with the page");

static _Alignas(SPAWN_RELAY_PAGE) struct page pages[PLAN_RELAYS_MAX];

// The thread. Its first caller is the root task, which then knows that it waits (spawn_relays).
// Words beyond the fourth stay in its IPC buffer, which no other message of it touches.
static _Noreturn void run(void)
{
    uintptr_t own = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)(SPAWN_RELAY_PAGE - 1);
    volatile struct call *now = &((struct page *)own)->call;
    struct arch_message call = {.cap_or_badge = PLAN_RELAY_IN};
    arch_syscall(&call, SEL4_SYSCALL_RECV, PLAN_RELAY_ANSWER);
    for (;;) {
        call.cap_or_badge = PLAN_RELAY_IN;
        call.info &= ~(uint64_t)CAPS;
        arch_syscall(&call, SEL4_SYSCALL_REPLY_RECV, PLAN_RELAY_ANSWER);
        now->label = call.info >> LABEL_SHIFT;
        now->length = call.info & LENGTH;
        now->ended = 0;
        now->denied = false;
        now->began = arch_ticks();
        call.cap_or_badge = PLAN_RELAY_OUT;
        call.info &= ~(uint64_t)CAPS;
        arch_syscall(&call, SEL4_SYSCALL_CALL, 0);
        now->answer = call.info >> LABEL_SHIFT;
        now->ended = arch_ticks();
        struct arch_message note = {.cap_or_badge = PLAN_RELAY_AUDITOR};
        arch_syscall(&note, SEL4_SYSCALL_CALL, 0);
    }
}

uint32_t relay_count(const struct plan *plan, uint32_t target)
{
    struct objects_site site = {.plan = plan, .target = target};
    const struct plan_target *of = &plan->targets[target];
    uint32_t i = objects_find(&site, PLAN_RELAY_TCB);
    return i < of->first_object + of->objects ? plan->objects[i].count : 0;
}

// Relays of the targets before this one.
static uint32_t relays_before(const struct root *root, uint32_t target)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < target; i++) {
        count += relay_count(&root->plan, i);
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
    if (relay_count(&root->plan, target) == 0) {
        return STATUS_OK;
    }
    struct page *first = &pages[relays_before(root, target)];
    struct spawn_relays relays = {
        .auditor = root->auditor,
        .starter = root->starter,
        .entry = (uintptr_t)run,
        .pages = (uint8_t *)first,
        .frames = bootinfo_frame(root->bootinfo, first),
    };
    return spawn_relays(&root->targets[target].site, &relays, diag);
}

static struct call *call_of(const struct root *root, const struct plan_cap *cap)
{
    return &pages[relays_before(root, cap->holder) + cap->relay - 1].call;
}

static void record(struct root *root, const struct plan_cap *cap)
{
    struct call *call = call_of(root, cap);
    uint32_t server = peers_server(root, cap->holder, cap->slot);
    struct audit_subject subject = root_subject(root, cap->holder);
    uint64_t end = call->ended != 0 ? call->ended : arch_ticks();
    struct audit_trace trace = {
        .via = cap->name,
        .to = root->plan.targets[server].name,
        .badge = cap->badge,
        .label = call->label,
        .length = call->length,
        .duration = clock_span(&root->clock, end - call->began),
        .verdict = call->ended == 0 ? AUDIT_CALL_FAILED
                   : call->denied   ? AUDIT_CALL_DENIED
                                    : AUDIT_CALL_ANSWERED,
        .answer = call->answer,
    };
    audit_event_trace(root_at(root), &subject, &trace);
    call->began = 0;
}

// Who calls more often than its share of the root task allows is answered in its next window.
void relay_note(struct root *root, uint32_t target, const struct sel4_received *received)
{
    static const struct sel4_reply go_on = {0};
    const struct plan_cap *cap = plan_cap_at(&root->plan, target, (uint32_t)received->badge);
    if (services_room(root, target, relay_exit_of(root, cap).thread, 0)) {
        record(root, cap);
        sel4_kernel_reply(&root->kernel, root->reply, &go_on);
    }
}

void relay_deny(struct root *root, const struct plan_cap *cap)
{
    if (cap->relay != 0) {
        call_of(root, cap)->denied = true;
    }
}

void relay_end(struct root *root, uint32_t target)
{
    for (uint32_t i = 0; i < root->plan.targets[target].caps; i++) {
        const struct plan_cap *cap = plan_cap_at(&root->plan, target, i);
        if (cap->relay != 0 && call_of(root, cap)->began != 0) {
            record(root, cap);
        }
    }
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
