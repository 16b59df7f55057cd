// SPDX-License-Identifier: BSD-2-Clause
#include "life.h"

#include "children.h"
#include "incarnation.h"
#include "live.h"
#include "objects_system.h"
#include "packages.h"
#include "peers.h"
#include "relay.h"
#include "stop.h"
#include "store.h"
#include "watch.h"

// Lives (enum root_life): a target waits for its start, runs, and goes down; from there a restart
// lets it wait again, as its next incarnation. Only a running or suspended one owns objects, so
// whoever leaves these two states calls incarnation_undo; clients are told through peers.h.

enum { BACKOFF_DOUBLINGS = 6 };

static void schedule(struct root *root, uint32_t target, struct audit_cause cause);

bool life_is_up(const struct root *root, uint32_t target)
{
    enum root_life life = root->targets[target].life;
    return life == ROOT_RUNNING || life == ROOT_WAITING;
}

// It is not coming back by itself.
static void leave(struct root *root, uint32_t target)
{
    peers_leave(root, target);
    children_tell(root, target);
}

// What a target has started ends before it, since its memory is the target's.
static void end_children(struct root *root, uint32_t target, struct audit_cause cause)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        struct root_target *child = &root->targets[i];
        if (root->plan.targets[i].parent != target + 1 || child->life == ROOT_DOWN) {
            continue;
        }
        if (child->life == ROOT_RUNNING) {
            struct audit_subject subject = root_subject(root, i);
            audit_event_killed(root_at(root), &subject, cause);
        }
        if (child->life == ROOT_RUNNING || child->life == ROOT_SUSPENDED) {
            incarnation_undo(root, i);
        }
        child->life = ROOT_DOWN;
        peers_leave(root, i);
    }
}

// A start that failed counts as a fault: the same action follows.
static void on_failure(struct root *root, uint32_t target,
                       const struct incarnation_failure *failure)
{
    bool again =
        root->plan.targets[target].on_fault == PLAN_RESTART && life_may_restart(root, target);
    struct audit_subject subject = root_subject(root, target);
    struct audit_failure facts = {
        .step = failure->step,
        .diag = &failure->diag,
        .action = again ? AUDIT_RESTARTED : AUDIT_KILLED,
    };
    struct audit_cause cause = {.type = AUDIT_TARGET_FAILED};
    cause.seq = audit_event_failed(root_at(root), &subject, &facts);
    root->denied = true;
    root->start_failure = failure->diag;
    if (incarnation_undo(root, target) && again) {
        schedule(root, target, cause);
    } else {
        leave(root, target);
    }
}

static void start(struct root *root, uint32_t target)
{
    struct incarnation_failure failure;
    children_place(root, target);
    if (incarnation_make(&failure, root, target)) {
        if (!root->plan.targets[target].passive) { // it will say when it is ready
            peers_return(root, target);
        }
    } else {
        on_failure(root, target, &failure);
    }
    root_flush(root);
}

enum status life_begin(struct root *root, struct diag *diag)
{
    cap_slot system = SEL4_SLOT_NULL;
    root->ledger = arena_take(&root->arena, root->plan.cap_count, sizeof(*root->ledger));
    if (root->ledger == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "ledger", root->plan.cap_count);
    }
    enum status status = objects_system_make(&system, &root->pool, &root->plan, diag);
    for (uint32_t i = 0; i < root->plan.target_count && status == STATUS_OK; i++) {
        struct objects_site *site = &root->targets[i].site;
        *site = (struct objects_site){
            .kernel = &root->kernel,
            .cspace = &root->cspace,
            .plan = &root->plan,
            .target = i,
            .system = system,
        };
        bool dormant = root->plan.targets[i].on_demand;
        root->targets[i].life = dormant ? ROOT_DORMANT : ROOT_WAITING;
        root->targets[i].stood_in = dormant || root->plan.targets[i].passive;
        bool place = root->plan.targets[i].package_index >= root->system.first_place;
        bool child = root->plan.targets[i].parent != 0;
        site->untyped_bits = place ? store_memory_bits(root) : root->plan.targets[i].untyped_bits;
        root->targets[i].life = place || child ? ROOT_DOWN : root->targets[i].life;
        root->targets[i].stood_in |= child;
        if (child) {
            continue; // its untyped is made with its parent
        }
        status = objects_make(&site->untyped, &root->pool, SEL4_OBJECT_UNTYPED, site->untyped_bits,
                              diag);
    }
    if (status == STATUS_OK) {
        status = store_open(root, diag);
    }
    if (status == STATUS_OK) {
        status = relay_prepare(root, diag);
    }
    if (status == STATUS_OK) {
        life_tick(root);
    }
    return status;
}

void life_kill(struct root *root, uint32_t target, struct audit_cause cause)
{
    struct audit_subject subject = root_subject(root, target);
    audit_event_killed(root_at(root), &subject, cause);
    end_children(root, target, cause);
    incarnation_undo(root, target);
    leave(root, target);
}

void life_exit(struct root *root, uint32_t target, uint32_t code)
{
    struct audit_subject subject = root_subject(root, target);
    watch_count(root, target);
    struct audit_exit end = {
        .code = code,
        .cpu_us = root->targets[target].cpu_us,
        .faults = root->targets[target].faults,
    };
    root->denied |= code != 0;
    struct audit_cause cause = {.type = AUDIT_TARGET_EXITED};
    cause.seq = audit_event_exited(root_at(root), &subject, &end);
    end_children(root, target, cause);
    incarnation_undo(root, target);
    root->targets[target].exited = true;
    root->targets[target].code = code;
    leave(root, target);
}

bool life_may_restart(struct root *root, uint32_t target)
{
    struct root_target *of = &root->targets[target];
    const struct plan_target *plan = &root->plan.targets[target];
    uint64_t now = clock_now(&root->clock);
    if (of->stop_by != 0) { // it was asked to end
        return false;
    }
    if (now - of->window_from > plan->window_us * 1000) {
        of->window_from = now;
        of->restarts = 0;
    }
    return of->restarts < plan->max_restarts;
}

// Doubles with every restart of a window, BACKOFF_DOUBLINGS times at most, and up to the window.
static uint64_t backoff_us(const struct root *root, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    uint64_t doublings = root->targets[target].restarts - 1;
    uint64_t wait = plan->backoff_us
                    << (doublings < BACKOFF_DOUBLINGS ? doublings : BACKOFF_DOUBLINGS);
    return wait < plan->window_us ? wait : plan->window_us;
}

static void schedule(struct root *root, uint32_t target, struct audit_cause cause)
{
    struct root_target *of = &root->targets[target];
    of->restarts++;
    uint64_t wait = backoff_us(root, target);
    struct audit_subject subject = root_subject(root, target);
    subject.incarnation++;
    struct audit_restart restart = {
        .cause = cause,
        .restarts = of->restarts,
        .max = root->plan.targets[target].max_restarts,
        .backoff_ms = wait / 1000,
    };
    audit_event_restarted(root_at(root), &subject, &restart);
    of->life = ROOT_WAITING;
    of->start_at = clock_now(&root->clock) + wait * 1000;
    if (root->plan.targets[target].passive) {
        peers_leave(root, target);
    }
}

void life_restart(struct root *root, uint32_t target, struct audit_cause cause)
{
    end_children(root, target, cause);
    if (incarnation_undo(root, target)) {
        schedule(root, target, cause);
    } else {
        leave(root, target);
    }
}

bool life_call(struct root *root, uint32_t target, uint32_t client)
{
    struct root_target *of = &root->targets[target];
    if (of->life == ROOT_DORMANT) {
        struct audit_subject subject = root_subject(root, target);
        subject.incarnation++;
        audit_event_called(root_at(root), &subject, root->plan.targets[client].name);
        of->life = ROOT_WAITING;
        of->start_at = clock_now(&root->clock);
    }
    return life_is_up(root, target);
}

void life_tick(struct root *root)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        struct root_target *target = &root->targets[i];
        if (target->life == ROOT_WAITING && target->start_at <= clock_now(&root->clock) &&
            children_may_start(root, i)) {
            start(root, i);
        }
    }
}

bool life_start(struct root *root, uint32_t target)
{
    struct root_target *of = &root->targets[target];
    if (of->life == ROOT_SUSPENDED) {
        incarnation_undo(root, target);
    }
    if (of->spoiled) {
        (void)diag_fail(&root->start_failure, STATUS_INSTANCE_STATE,
                        "something of it did not come back", 0);
        return false;
    }
    of->restarts = 0;
    of->life = ROOT_WAITING;
    of->start_at = clock_now(&root->clock);
    return true;
}

void life_stop(struct root *root, uint32_t target, struct audit_cause cause)
{
    struct root_target *of = &root->targets[target];
    if (of->life == ROOT_RUNNING && !stop_ask(root, target)) {
        life_kill(root, target, cause);
    } else if (of->life == ROOT_SUSPENDED) {
        incarnation_undo(root, target);
    } else if (of->life != ROOT_RUNNING) {
        of->life = ROOT_DOWN;
        leave(root, target);
    }
}

void life_suspend(struct root *root, uint32_t target, struct audit_cause cause)
{
    struct audit_subject subject = root_subject(root, target);
    audit_event_suspended(root_at(root), &subject, cause);
    end_children(root, target, cause);
    root->targets[target].life = ROOT_SUSPENDED;
    leave(root, target);
}

void life_check(struct root *root)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        relay_end(root, i);
        incarnation_check(root, i);
    }
    live_show(root, NULL);
}

bool life_goes_on(const struct root *root)
{
    if (root->channel.open && !root->stuck) {
        return !root->ending;
    }
    if (root->stuck) {
        return false;
    }
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        if (life_is_up(root, i) && !root->plan.targets[i].serves) {
            return true;
        }
    }
    return false;
}
