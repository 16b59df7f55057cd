// SPDX-License-Identifier: BSD-2-Clause
#include "control_show.h"

#include "audit_compare.h"
#include "control_answer.h"
#include "dump_words.h"
#include "live.h"
#include "packages.h"
#include "peers.h"
#include "watch.h"

static uint32_t issued_slots(const struct plan *plan, const struct plan_target *target)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < target->caps; i++) {
        count += plan->caps[target->first_cap + i].kind != PLAN_CAP_TRIPWIRE;
    }
    return count;
}

static void take_package(struct control_instance *instance, const struct root_package *package)
{
    instance->package = package->manifest.name.value;
    instance->version = package->manifest.version.value;
    instance->counter = package->verified.package.counter;
    instance->arrived = package->store != 0;
}

static void take_limits(struct control_instance *instance, const struct plan_target *plan)
{
    instance->passive = plan->passive;
    instance->priority = plan->priority;
    instance->max_priority = plan->max_priority;
    instance->budget_us = plan->budget_us;
    instance->period_us = plan->period_us;
    instance->max_restarts = plan->max_restarts;
    instance->max_denials = plan->max_denials;
    instance->memory_limit = UINT64_C(1) << plan->untyped_bits;
    instance->slots = plan->caps;
}

static void take_use(struct control_instance *instance, const struct root_target *target)
{
    static const enum control_life lives[] = {
        [ROOT_DOWN] = CONTROL_DOWN,           [ROOT_DORMANT] = CONTROL_DORMANT,
        [ROOT_RUNNING] = CONTROL_RUNNING,     [ROOT_WAITING] = CONTROL_WAITING,
        [ROOT_SUSPENDED] = CONTROL_SUSPENDED,
    };
    instance->life = lives[target->life];
    instance->incarnation = target->incarnation;
    instance->restarts = target->restarts;
    instance->faults = target->faults;
    instance->denials = target->denials;
    instance->cpu_us = target->cpu_us;
}

static bool has_objects(const struct root *root, uint32_t target)
{
    enum root_life life = root->targets[target].life;
    return life == ROOT_RUNNING || life == ROOT_SUSPENDED;
}

void control_show_instance(struct root *root, uint32_t number, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    struct control_instance instance = {.name = plan->name};
    struct control_writer message = {0};
    if (root->targets[target].life == ROOT_RUNNING) {
        watch_count(root, target);
    }
    take_package(&instance, packages_of(root, target));
    take_limits(&instance, plan);
    take_use(&instance, &root->targets[target]);
    if (has_objects(root, target)) {
        instance.memory_used = plan->memory_used;
        instance.slots_used = issued_slots(&root->plan, plan);
    }
    control_message_put_instance(&message, &instance);
    control_answer(root, number, CONTROL_INSTANCE, &message);
}

void control_show_system(struct root *root, uint32_t number)
{
    struct control_writer message = {0};
    struct control_system system = {
        .memory_left = memory_left(&root->memory),
        .slots_left = root->cspace.end - root->cspace.next,
        .stores = root->system.control.places.value,
    };
    for (uint64_t i = 0; i < system.stores; i++) {
        system.stores_used += root->stores[i].pages != 0;
    }
    control_message_put_system(&message, &system);
    control_answer(root, number, CONTROL_SYSTEM, &message);
}

// A capability whose server is not there leads to the auditor, under the planned badge; one that
// is traced leads to its relay all the same.
static bool is_stood_in(const struct root *root, const struct plan_cap *cap)
{
    uint32_t server = peers_server(root, cap->holder, cap->slot);
    return cap->relay == 0 && server != PLAN_SYSTEM && root->targets[server].stood_in;
}

static enum control_live verdict(const struct root *root, const struct plan_cap *cap,
                                 const struct audit_slot *slots)
{
    if (audit_compare_slot(cap, &slots[cap->slot], NULL) != STATUS_OK) {
        return CONTROL_DIFFERS;
    }
    return is_stood_in(root, cap) ? CONTROL_STOOD_IN : CONTROL_AS_PLANNED;
}

static void show(struct root *root, uint32_t number, const struct plan_cap *cap,
                 enum control_live live)
{
    char rights[5];
    bool auditor = cap->object == PLAN_AUDITOR;
    struct control_writer message = {0};
    struct control_cap shown = {
        .name = cap->name,
        .type = bytes_text(plan_type_name(cap->type)),
        .rights = bytes_text(dump_words_rights(rights, cap->rights)),
        .object = auditor ? bytes_text("auditor") : root->plan.objects[cap->object].name,
        .slot = cap->slot,
        .badge = cap->badge,
        .kind = cap->kind,
        .live = live,
    };
    control_message_put_cap(&message, &shown);
    control_answer(root, number, CONTROL_CAP, &message);
}

void control_show_caps(struct root *root, uint32_t number, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    if (!has_objects(root, target)) {
        return;
    }
    const struct audit_slot *slots = live_read(root, target);
    for (uint32_t i = 0; i < plan->caps; i++) {
        const struct plan_cap *cap = plan_cap_at(&root->plan, target, i);
        enum control_live live = slots == NULL ? CONTROL_NOT_SHOWN : verdict(root, cap, slots);
        bool quiet = live == CONTROL_AS_PLANNED || live == CONTROL_NOT_SHOWN;
        if (cap->kind != PLAN_CAP_TRIPWIRE || cap->name.len != 0 || !quiet) {
            show(root, number, cap, live);
        }
    }
}
