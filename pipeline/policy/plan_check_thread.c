// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"

static bool time_is_right(const struct plan_target *t, const struct manifest *m)
{
    const struct manifest_cpu *cpu = &m->cpu;
    if (t->passive != cpu->passive) {
        return false;
    }
    if (cpu->passive) {
        return t->budget_us == 10000 && t->period_us == 1000000 && !plan_check_child_any(m);
    }
    return t->budget_us == plan_check_child_rest(m) && t->period_us == cpu->period.value &&
           t->budget_us >= 20 && t->budget_us <= t->period_us;
}

static bool priorities_are_right(const struct plan_target *t, const struct manifest_cpu *cpu)
{
    return t->priority == cpu->priority.value && t->max_priority == cpu->max_priority.value &&
           t->priority <= 253 && t->max_priority <= 253;
}

static bool actions_are_right(const struct plan_target *t, const struct manifest *m)
{
    static const enum plan_action overruns[] = {[MANIFEST_OVERRUN_WAIT] = PLAN_WAIT,
                                                [MANIFEST_OVERRUN_STOP] = PLAN_STOP,
                                                [MANIFEST_OVERRUN_RESTART] = PLAN_RESTART};
    static const enum plan_action faults[] = {[MANIFEST_STOP] = PLAN_STOP,
                                              [MANIFEST_RESTART] = PLAN_RESTART,
                                              [MANIFEST_SUSPEND] = PLAN_SUSPEND};
    return t->on_overrun == overruns[m->cpu.on_overrun] && t->on_fault == faults[m->fault.action] &&
           t->max_restarts == m->fault.max_restarts.value &&
           t->window_us == m->fault.window.value && t->backoff_us == m->fault.backoff.value &&
           t->max_denials == m->max_denials.value;
}

static bool serves_something(const struct manifest *m)
{
    size_t served = 0;
    for (size_t i = 0; i < m->cap_count; i++) {
        served += m->caps[i].kind == MANIFEST_ENDPOINT && m->caps[i].owner;
    }
    return served != 0;
}

static bool starts_on_demand(const struct plan_check_work *w, const struct plan_target *t)
{
    return w->input->system->packages[t->package_index].start == SYSTEM_START_ON_DEMAND;
}

enum status plan_check_thread(struct plan_check_work *w)
{
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        const struct plan_target *t = &w->plan->targets[i];
        const struct policy_instance *from = plan_check_instance(w, i);
        const struct manifest *m = from->manifest;
        if (plan_check_vacant(w, i)) {
            continue;
        }
        if (t->entry != from->elf->entry || !time_is_right(t, m) ||
            !priorities_are_right(t, &m->cpu) || !actions_are_right(t, m) ||
            t->serves != serves_something(m) || t->on_demand != starts_on_demand(w, t)) {
            return plan_check_fail(w, STATUS_PLAN_THREAD, "thread", i, i);
        }
        if (!plan_check_ceiling(from, t)) {
            return plan_check_fail(w, STATUS_PLAN_CAP, "ceiling of a target", i, i);
        }
    }
    return STATUS_OK;
}
