// SPDX-License-Identifier: BSD-2-Clause
#include "life.h"

#include "audit_compare.h"
#include "bootinfo.h"
#include "dump.h"
#include "live.h"
#include "objects_system.h"
#include "packages.h"
#include "peers.h"
#include "spawn.h"
#include "watch.h"

enum { BACKOFF_DOUBLINGS = 6 };

static struct spawn_slot made[1 << BOUND_CNODE_BITS];

static enum status load(struct root *root, uint32_t index, struct diag *diag)
{
    struct root_target *target = &root->targets[index];
    struct schema_texts texts = packages_arguments(root, index);
    struct bytes arguments[BOUND_ARGUMENTS];
    for (size_t i = 0; i < texts.count; i++) {
        arguments[i] = texts.at[i].value;
    }
    struct bytes binary = packages_of(root, index)->verified.binary;
    struct spawn_source source = {
        .binary = binary,
        .frames = bootinfo_frame(root->bootinfo, binary.at),
        .arguments = arguments,
        .argument_count = (uint32_t)texts.count,
        .incarnation = target->incarnation,
        .ticks_per_us = root->clock.ticks_per_us,
        .window = root->window,
    };
    return spawn_load(&target->site, &source, diag);
}

// Everything but letting it run, which waits for the comparison of the kernel with the plan.
static enum status build(struct root *root, uint32_t index, struct diag *diag)
{
    struct root_target *target = &root->targets[index];
    enum status status = objects_build(&target->site, diag);
    if (status == STATUS_OK) {
        status = load(root, index, diag);
    }
    if (status == STATUS_OK) {
        status = spawn_populate(made, &target->site, root->auditor, diag);
    }
    if (status == STATUS_OK) {
        status = spawn_configure(&target->site, root->auditor, root->bootinfo->sched_control.start,
                                 target->incarnation, diag);
    }
    return status;
}

static void reclaim(struct root *root, uint32_t index)
{
    struct root_target *target = &root->targets[index];
    const struct plan_target *plan = &root->plan.targets[index];
    struct audit_subject subject = root_subject(root, index);
    struct audit_reclaim back = {.bytes = plan->memory_used};
    struct diag diag = {0};
    for (uint32_t i = 0; i < plan->objects; i++) {
        const struct plan_object *object = &root->plan.objects[plan->first_object + i];
        back.objects += plan_is_made(object->type) ? object->count : 0;
    }
    back.caps = plan->caps;
    enum status status = objects_reclaim(&back.leaked, &target->site, &diag);
    if (status != STATUS_OK) {
        back.leaked = plan->memory_used; // nothing is known to be back
    }
    root->denied |= back.leaked != 0;
    target->life = ROOT_DOWN;
    audit_log_settle(&root->log, clock_now(&root->clock), index);
    audit_event_reclaimed(root_at(root), &subject, &back);
}

static void report_failure(struct root *root, uint32_t index, const struct diag *diag)
{
    const struct package *header = &packages_of(root, index)->verified.package;
    struct audit_package facts = {
        .name = root->plan.targets[index].name,
        .id = header->id,
        .policy = header->manifest_digest,
        .size = root->bundle.packages[root->plan.targets[index].package_index].len,
    };
    audit_event_refused(root_at(root), &facts, diag);
    root->denied = true;
}

static void start(struct root *root, uint32_t index)
{
    struct root_target *target = &root->targets[index];
    struct diag diag = {0};
    target->incarnation++;
    target->faults = 0;
    target->cpu_us = 0;
    uint64_t calls = root->kernel.calls;
    enum status status = build(root, index, &diag);
    if (status == STATUS_OK) {
        status = live_compare(root, index, made, &diag);
    }
    calls = root->kernel.calls - calls + 1; // and the one that lets it run
    struct audit_subject subject = root_subject(root, index);
    if (status == STATUS_OK) {
        uint8_t digest[32];
        dump_digest_target(digest, &root->plan, index);
        audit_event_issued(root_at(root), &subject, &root->plan, digest);
        audit_event_spawned(root_at(root), &subject, &root->plan, calls);
        target->life = ROOT_RUNNING;
        status = spawn_start(&target->site, &diag);
    }
    if (status != STATUS_OK) {
        report_failure(root, index, &diag);
        objects_clear_spare(&target->site);
        reclaim(root, index);
        peers_refuse(root, index);
    }
    root_flush(root);
}

enum status life_begin(struct root *root, struct diag *diag)
{
    cap_slot system = SEL4_SLOT_NULL;
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
        status = objects_make(&site->untyped, &root->pool, SEL4_OBJECT_UNTYPED,
                              root->plan.targets[i].untyped_bits, diag);
    }
    for (uint32_t i = 0; i < root->plan.target_count && status == STATUS_OK; i++) {
        start(root, i);
    }
    return status;
}

void life_kill(struct root *root, uint32_t target, struct audit_cause cause)
{
    struct audit_subject subject = root_subject(root, target);
    audit_event_killed(root_at(root), &subject, cause);
    reclaim(root, target);
    peers_refuse(root, target);
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
    audit_event_exited(root_at(root), &subject, &end);
    reclaim(root, target);
    peers_refuse(root, target);
}

bool life_may_restart(struct root *root, uint32_t target)
{
    struct root_target *of = &root->targets[target];
    const struct plan_target *plan = &root->plan.targets[target];
    uint64_t now = clock_now(&root->clock);
    if (now - of->window_from > plan->window_us * 1000) {
        of->window_from = now;
        of->restarts = 0;
    }
    return of->restarts < plan->max_restarts;
}

// Doubles with every restart of a window, BACKOFF_DOUBLINGS times at most.
static uint64_t backoff_us(const struct root *root, uint32_t target)
{
    uint64_t doublings = root->targets[target].restarts - 1;
    return root->plan.targets[target].backoff_us
           << (doublings < BACKOFF_DOUBLINGS ? doublings : BACKOFF_DOUBLINGS);
}

void life_restart(struct root *root, uint32_t target, struct audit_cause cause)
{
    struct root_target *of = &root->targets[target];
    const struct plan_target *plan = &root->plan.targets[target];
    reclaim(root, target);
    of->restarts++;
    uint64_t wait = backoff_us(root, target);
    struct audit_subject subject = root_subject(root, target);
    subject.incarnation++;
    struct audit_restart restart = {
        .cause = cause,
        .restarts = of->restarts,
        .max = plan->max_restarts,
        .backoff_ms = wait / 1000,
    };
    audit_event_restarted(root_at(root), &subject, &restart);
    of->life = ROOT_WAITING;
    of->start_at = clock_now(&root->clock) + wait * 1000;
    life_tick(root);
}

void life_tick(struct root *root)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        struct root_target *target = &root->targets[i];
        if (target->life == ROOT_WAITING && target->start_at <= clock_now(&root->clock)) {
            start(root, i);
            peers_call_again(root, i);
        }
    }
}

void life_suspend(struct root *root, uint32_t target)
{
    root->targets[target].life = ROOT_SUSPENDED;
}

bool life_goes_on(const struct root *root)
{
    if (root->stuck) {
        return false;
    }
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        enum root_life life = root->targets[i].life;
        if ((life == ROOT_RUNNING || life == ROOT_WAITING) && !root->plan.targets[i].serves) {
            return true;
        }
    }
    return false;
}
