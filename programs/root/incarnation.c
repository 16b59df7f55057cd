// SPDX-License-Identifier: BSD-2-Clause
#include "incarnation.h"

#include "bootinfo.h"
#include "dump.h"
#include "live.h"
#include "packages.h"
#include "peers.h"
#include "relay.h"
#include "spawn.h"
#include "stop.h"
#include "tcb.h"

// A life is made step by step, and a step that fails leaves what was made to the undo: there is
// one, the same from every state, a revoke of the target's untyped. It deletes the thread, its
// CNode and frames, and every capability derived from them, wherever it stands. Then the kernel is
// asked what is left.

static enum status build(struct root *root, uint32_t index, struct diag *diag)
{
    return objects_build(&root->targets[index].site, diag);
}

static enum status load(struct root *root, uint32_t index, struct diag *diag)
{
    struct root_target *target = &root->targets[index];
    struct schema_texts texts = packages_arguments(root, index);
    struct bytes arguments[BOUND_ARGUMENTS + 1]; // and one from its parent
    for (size_t i = 0; i < texts.count; i++) {
        arguments[i] = texts.at[i].value;
    }
    arguments[texts.count] =
        (struct bytes){(const uint8_t *)target->argument, target->argument_len};
    const struct root_package *package = packages_of(root, index);
    struct bytes binary = package->verified.binary;
    struct spawn_source source = {
        .binary = binary,
        .frames = package->frames + (cap_slot)(binary.at - package->file.at) / BOUND_PAGE,
        .arguments = arguments,
        .argument_count = (uint32_t)texts.count + (target->argument_len != 0),
        .incarnation = target->incarnation,
        .ticks_per_us = root->clock.ticks_per_us,
        .window = root->window,
    };
    return spawn_load(&target->site, &source, diag);
}

static enum status populate(struct root *root, uint32_t index, struct diag *diag)
{
    struct spawn_slot *made = root->ledger + root->plan.targets[index].first_cap;
    return spawn_populate(made, &root->targets[index].site, root->auditor, diag);
}

static enum status configure(struct root *root, uint32_t index, struct diag *diag)
{
    const struct root_target *target = &root->targets[index];
    enum status status = relay_make(root, index, diag);
    cap_slot control = root->bootinfo->sched_control.start;
    return status == STATUS_OK
               ? spawn_configure(&target->site, root->auditor, control, target->incarnation, diag)
               : status;
}

// No target runs before the root task waits, so the events that follow come before its own.
static enum status let_run(struct root *root, uint32_t index, struct diag *diag)
{
    return spawn_start(&root->targets[index].site, diag);
}

static const struct step {
    const char *name;
    enum status (*take)(struct root *root, uint32_t index, struct diag *diag);
} steps[] = {{"build", build},          {"load", load},      {"populate", populate},
             {"configure", configure},  {"stop", stop_bind}, {"peers", peers_place},
             {"compare", live_compare}, {"start", let_run}};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void record(struct root *root, uint32_t index, const struct audit_spawn *spawn)
{
    struct audit_subject subject = root_subject(root, index);
    uint8_t digest[32];
    dump_digest_target(digest, &root->plan, index);
    struct audit_issue issue = {.digest = digest, .oracle = live_oracle(root)};
    audit_event_issued(root_at(root), &subject, &root->plan, &issue);
    if (subject.incarnation == 1) { // the next ones are made the same way
        live_show(root, &subject);
    }
    audit_event_spawned(root_at(root), &subject, &root->plan, spawn);
}

bool incarnation_make(struct incarnation_failure *failure, struct root *root, uint32_t target)
{
    struct root_target *of = &root->targets[target];
    uint64_t calls = root->kernel.calls, begin = clock_now(&root->clock);
    struct audit_step taken[STEPS];
    of->incarnation++;
    of->faults = 0;
    of->meter.held = false; // that was another thread
    of->cpu_us = 0;
    of->stop_by = 0;
    of->exited = false;
    failure->diag = (struct diag){0};
    for (size_t i = 0; i < STEPS; i++) {
        failure->step = steps[i].name;
        if (steps[i].take(root, target, &failure->diag) != STATUS_OK) {
            objects_clear_spare(&of->site);
            return false;
        }
        uint64_t now = clock_now(&root->clock);
        taken[i] = (struct audit_step){steps[i].name, now - begin};
        begin = now;
    }
    of->life = ROOT_RUNNING;
    struct audit_spawn spawn = {root->kernel.calls - calls, taken, STEPS};
    record(root, target, &spawn);
    return true;
}

static uint64_t objects_of(const struct plan *plan, const struct plan_target *target)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < target->objects; i++) {
        const struct plan_object *object = &plan->objects[target->first_object + i];
        count += plan_is_made(object->type) ? object->count : 0;
    }
    return count;
}

static void silence(struct root *root, uint32_t target)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
    enum status status = tcb_suspend(&root->kernel, tcb, NULL);
    (void)status; // refused where there is no thread to stop
}

void incarnation_check(struct root *root, uint32_t target)
{
    enum root_life life = root->targets[target].life;
    if (life != ROOT_RUNNING && life != ROOT_SUSPENDED) {
        return;
    }
    struct diag diag = {0};
    struct audit_subject subject = root_subject(root, target);
    bool same = live_compare(root, target, &diag) == STATUS_OK;
    root->denied |= !same;
    audit_event_checked(root_at(root), &subject, live_oracle(root), same ? NULL : &diag);
}

bool incarnation_undo(struct root *root, uint32_t target)
{
    struct root_target *of = &root->targets[target];
    const struct plan_target *plan = &root->plan.targets[target];
    struct audit_subject subject = root_subject(root, target);
    struct audit_reclaim back = {
        .bytes = plan->memory_used,
        .objects = objects_of(&root->plan, plan),
        .caps = plan->caps,
    };
    relay_end(root, target);
    incarnation_check(root, target);
    struct objects_left left = {.bytes = plan->memory_used}; // as long as nothing else is known
    if (objects_reclaim(&left, &of->site, NULL) != STATUS_OK) {
        silence(root, target);
    }
    back.leaked = left.bytes;
    back.slots_leaked = left.slots;
    bool whole = left.bytes == 0 && left.slots == 0;
    of->spoiled |= !whole;
    root->denied |= !whole;
    of->life = ROOT_DOWN;
    of->ended_at = clock_now(&root->clock);
    audit_log_settle(&root->log, of->ended_at, target);
    audit_event_reclaimed(root_at(root), &subject, &back);
    return whole;
}
