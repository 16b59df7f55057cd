// SPDX-License-Identifier: BSD-2-Clause
#include "serve.h"

#include "control.h"
#include "life.h"
#include "overrun.h"
#include "relay.h"
#include "services.h"
#include "stop.h"
#include "tcb.h"
#include "timer.h"
#include "watch.h"

// One loop, one endpoint. Who a message is from, and of which kind it is, says its badge alone: the
// root task gave it out, and no sender can choose it. The label is the sender's and is read only
// where the badge says what it means.

// What a planned action comes to now: a restart that is not allowed any more is a stop.
static enum audit_action action_of(struct root *root, uint32_t target, enum plan_action planned)
{
    switch (planned) {
    case PLAN_RESTART:
        return life_may_restart(root, target) ? AUDIT_RESTARTED : AUDIT_KILLED;
    case PLAN_SUSPEND:
        return AUDIT_SUSPENDED;
    case PLAN_WAIT:
        return AUDIT_RESUMED;
    case PLAN_STOP:
        break;
    }
    return AUDIT_KILLED;
}

static void act(struct root *root, uint32_t target, enum audit_action action,
                struct audit_cause cause)
{
    switch (action) {
    case AUDIT_KILLED:
        life_kill(root, target, cause);
        break;
    case AUDIT_RESTARTED:
        life_restart(root, target, cause);
        break;
    case AUDIT_SUSPENDED:
        life_suspend(root, target, cause);
        break;
    case AUDIT_RESUMED:
        overrun_resume(root, target);
        break;
    case AUDIT_IGNORED:
        break;
    }
}

static void on_fault(struct root *root, uint32_t target, const struct sel4_received *received)
{
    const struct plan_target *plan = &root->plan.targets[target];
    struct audit_message message = {
        .badge = received->badge,
        .label = received->label,
        .words = received->words,
        .length = received->length,
    };
    struct audit_fault fault;
    if (audit_fault_decode(&fault, &message, &root->plan, target) != STATUS_OK) {
        life_kill(root, target, (struct audit_cause){.type = AUDIT_FAULT_EXCEPTION});
        return;
    }
    bool overrun = fault.type == AUDIT_FAULT_TIMEOUT;
    if (overrun) { // the kernel has begun to count anew
        watch_consumed(root, target, fault.timeout.consumed_us);
    }
    enum audit_action action = action_of(root, target, overrun ? plan->on_overrun : plan->on_fault);
    struct audit_subject subject = root_subject(root, target);
    uint64_t seq = audit_event_fault(root_at(root), &subject, &fault, action);
    root->targets[target].faults++;
    root->denied |= action != AUDIT_RESUMED;
    act(root, target, action, (struct audit_cause){.type = fault.type, .seq = seq});
}

// Who called through a tripwire waits for ever, who sent goes on, and the receiver cannot tell
// which it was: so the target's fault action decides, until it has used up its denials.
static void on_tripwire(struct root *root, uint32_t target, const struct sel4_received *received)
{
    const struct plan_target *plan = &root->plan.targets[target];
    struct audit_tripwire tripwire = {
        .slot = (uint32_t)received->badge,
        .badge = received->badge,
        .label = received->label,
        .length = received->length,
        .caps = received->caps,
    };
    for (unsigned i = 0; i < received->length && i < SEL4_MESSAGE_REGISTERS; i++) {
        tripwire.words[i] = received->words[i];
    }
    bool last = ++root->targets[target].denials > plan->max_denials;
    enum audit_action action = action_of(root, target, last ? PLAN_STOP : plan->on_fault);
    struct audit_subject subject = root_subject(root, target);
    uint64_t seq = audit_event_tripwire(root_at(root), &subject, &tripwire, action);
    root->denied = true;
    act(root, target, action, (struct audit_cause){.type = AUDIT_DENY_TRIPWIRE, .seq = seq});
}

static void take(struct root *root, const struct sel4_received *received)
{
    if (received->badge >> 56 == TIMER_BADGE) {
        watch_tick(root);
        services_tick(root);
        control_timer(root);
        return;
    }
    if (received->badge >> 56 == CHANNEL_BADGE) {
        control_poll(root);
        return;
    }
    uint32_t target = (uint32_t)(received->badge >> 32) & 0xffffff;
    if (target >= root->plan.target_count || root->targets[target].life != ROOT_RUNNING) {
        return;
    }
    watch_saw(root); // its message says that it has run
    switch ((enum plan_badge)(received->badge >> 56)) {
    case PLAN_BADGE_FAULT:
    case PLAN_BADGE_TIMEOUT:
        on_fault(root, target, received);
        break;
    case PLAN_BADGE_TRIPWIRE:
        on_tripwire(root, target, received);
        break;
    case PLAN_BADGE_CLIENT:
        services_call(root, target, received);
        break;
    case PLAN_BADGE_TRACE:
        relay_note(root, target, received);
        break;
    }
}

static void dispatch(struct root *root, const struct sel4_received *received)
{
    take(root, received);
    life_tick(root);
    (void)stop_pending(root);
    control_tick(root);
    audit_log_tick(&root->log, clock_now(&root->clock));
    root_flush(root);
}

// With the lowest priority the root task runs only when nobody else can: a message that is not
// there then will not come.
static void serve_rest(struct root *root, struct sel4_received *received)
{
    if (tcb_set_priority(&root->kernel, SEL4_SLOT_TCB, SEL4_SLOT_TCB, 0, NULL) != STATUS_OK) {
        return;
    }
    sel4_kernel_yield();
    while (sel4_kernel_poll(received, &root->kernel, root->auditor, root->reply)) {
        dispatch(root, received);
        sel4_kernel_yield();
    }
}

void serve_all(struct root *root)
{
    struct sel4_received received;
    root->idle_since = root->watched_at = clock_now(&root->clock);
    while (life_goes_on(root)) {
        sel4_kernel_receive(&received, &root->kernel, root->auditor, root->reply);
        dispatch(root, &received);
    }
    if (!root->stuck) {
        stop_ask_all(root);
    }
    while (stop_pending(root)) {
        sel4_kernel_receive(&received, &root->kernel, root->auditor, root->reply);
        dispatch(root, &received);
    }
    serve_rest(root, &received);
}
