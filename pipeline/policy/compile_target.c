// SPDX-License-Identifier: BSD-2-Clause
#include "compile_target.h"

#include "compile_caps.h"
#include "compile_ceiling.h"
#include "compile_child.h"
#include "compile_objects.h"
#include "compile_space.h"

// What the kernel accepts as a budget: twice its own worst-case time (seL4 manual, 6.1.5).
enum { BUDGET_LEAST_US = 20, PRIORITY_MOST = 253 };

static enum status check_cpu(const struct manifest_cpu *cpu, struct diag *diag)
{
    if (!cpu->passive && cpu->budget.value < BUDGET_LEAST_US) {
        return schema_number_fail(diag, STATUS_BUDGET, "cpu.budget", cpu->budget);
    }
    if (!cpu->passive && cpu->budget.value > cpu->period.value) {
        return schema_number_fail(diag, STATUS_BUDGET, "cpu.period", cpu->period);
    }
    if (cpu->priority.value > PRIORITY_MOST) {
        return schema_number_fail(diag, STATUS_PRIORITY, "cpu.priority", cpu->priority);
    }
    if (cpu->max_priority.value > PRIORITY_MOST) {
        return schema_number_fail(diag, STATUS_PRIORITY, "cpu.max-priority", cpu->max_priority);
    }
    return STATUS_OK;
}

// What is left to itself of a budget that its children share.
static enum status check_shares(const struct manifest *m, struct diag *diag)
{
    struct schema_number budget = m->cpu.budget;
    budget.span = m->cpu.passive ? m->cpu.span : budget.span;
    return compile_child_rest(m) >= BUDGET_LEAST_US
               ? STATUS_OK
               : schema_number_fail(diag, STATUS_BUDGET, "cpu.budget less the shares of [spawn]",
                                    budget);
}

// A relay has no time of its own, and only a Call lends it the caller's. The root task's services
// are the auditor's own.
static enum status check_traced(const struct manifest *manifest, struct diag *diag)
{
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (cap->traced && !compile_objects_relayed(cap)) {
            return toml_fail(diag, STATUS_TRACE, "audit.trace", cap->span, cap->name);
        }
    }
    return STATUS_OK;
}

static enum plan_action overrun_action(enum manifest_overrun overrun)
{
    static const enum plan_action actions[] = {[MANIFEST_OVERRUN_WAIT] = PLAN_WAIT,
                                               [MANIFEST_OVERRUN_STOP] = PLAN_STOP,
                                               [MANIFEST_OVERRUN_RESTART] = PLAN_RESTART};
    return actions[overrun];
}

static enum plan_action fault_action(enum manifest_action action)
{
    static const enum plan_action actions[] = {[MANIFEST_STOP] = PLAN_STOP,
                                               [MANIFEST_RESTART] = PLAN_RESTART,
                                               [MANIFEST_SUSPEND] = PLAN_SUSPEND};
    return actions[action];
}

static bool serves(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->cap_count; i++) {
        if (manifest->caps[i].role == MANIFEST_SERVE) {
            return true;
        }
    }
    return false;
}

// What the manifest says about the target without any arithmetic.
static void copy_target(struct plan_target *target, const struct policy_instance *instance)
{
    const struct manifest *m = instance->manifest;
    *target = (struct plan_target){
        .name = instance->name,
        .package = m->name.value,
        .untyped_bits = plan_size_bits(m->memory.limit.value),
        .cnode_bits = compile_caps_bits(m),
        .serves = serves(m),
        .priority = (uint8_t)m->cpu.priority.value,
        .max_priority = (uint8_t)m->cpu.max_priority.value,
        .passive = m->cpu.passive,
        .budget_us = compile_child_rest(m),
        .period_us = m->cpu.passive ? PLAN_START_PERIOD_US : m->cpu.period.value,
        .on_overrun = overrun_action(m->cpu.on_overrun),
        .on_fault = fault_action(m->fault.action),
        .max_restarts = (uint32_t)m->fault.max_restarts.value,
        .window_us = m->fault.window.value,
        .backoff_us = m->fault.backoff.value,
        .max_denials = (uint32_t)m->max_denials.value,
    };
    memcpy(target->package_id, instance->verified->package.id, sizeof target->package_id);
}

// What a draft starts with.
static void start(struct compile_draft *draft, const struct policy_instance *instance)
{
    *draft = (struct compile_draft){.object_count = COMPILE_DRAFT_FIRST};
    copy_target(&draft->target, instance);
    draft->objects[COMPILE_DRAFT_UNTYPED] = (struct plan_object){
        .type = PLAN_UNTYPED,
        .size_bits = draft->target.untyped_bits,
        .count = 1,
        .name = bytes_text("memory"),
    };
    draft->objects[COMPILE_DRAFT_HOLDER] =
        (struct plan_object){.type = PLAN_HOLDER, .count = 1, .name = bytes_text("holder")};
}

enum status compile_target_check(const struct policy_instance *instance, struct diag *diag)
{
    const struct manifest *manifest = instance->manifest;
    enum status status = check_cpu(&manifest->cpu, diag);
    if (status == STATUS_OK) {
        status = check_shares(manifest, diag);
    }
    if (status == STATUS_OK) {
        status = check_traced(manifest, diag);
    }
    if (status == STATUS_OK) {
        status = compile_caps_names(manifest, diag);
    }
    if (status == STATUS_OK) {
        status = compile_ceiling(instance, compile_caps_bits(manifest), diag);
    }
    return status;
}

enum status compile_target(const struct compile_place *place,
                           const struct policy_instance *instance, const struct compile_link *links,
                           struct diag *diag)
{
    start(place->draft, instance);
    compile_space(place->draft, instance, links);
    return compile_objects(place->draft, instance->manifest, place->arena, diag);
}
