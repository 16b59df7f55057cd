// SPDX-License-Identifier: BSD-2-Clause
#include "override.h"

static enum status widens(const struct system *system, const char *what,
                          const struct schema_number *bound, struct diag *diag)
{
    (void)schema_number_fail(diag, STATUS_OVERRIDE, what, *bound);
    diag_subject(diag, bytes_part(system->text, bound->span.offset, bound->span.len));
    return STATUS_OVERRIDE;
}

static enum status tighten(struct manifest *m, const struct system *system,
                           const struct system_override *override, struct diag *diag)
{
    // The period is the one bound that tightens upwards.
    struct {
        const char *what;
        const struct schema_number *bound;
        struct schema_number *value;
        bool upwards, time;
    } bounds[] = {
        {"memory.limit", &override->memory_limit, &m->memory.limit, false, false},
        {"cpu.priority", &override->priority, &m->cpu.priority, false, false},
        {"cpu.max-priority", &override->max_priority, &m->cpu.max_priority, false, false},
        {"cpu.budget", &override->budget, &m->cpu.budget, false, true},
        {"cpu.period", &override->period, &m->cpu.period, true, true},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const struct schema_number *bound = bounds[i].bound;
        uint64_t asked = bounds[i].value->value;
        if (bound->span.line == 0) {
            continue;
        }
        bool wider = bounds[i].upwards ? bound->value < asked : bound->value > asked;
        if (wider || (bounds[i].time && m->cpu.passive)) {
            return widens(system, bounds[i].what, bound, diag);
        }
        bounds[i].value->value = bound->value;
    }
    return STATUS_OK;
}

enum status override_apply(struct manifest *manifest, const struct system *system,
                           struct bytes instance, struct diag *diag)
{
    struct manifest tightened = *manifest;
    for (size_t i = 0; i < system->override_count; i++) {
        const struct system_override *override = &system->overrides[i];
        enum status status = bytes_equal(override->instance, instance)
                                 ? tighten(&tightened, system, override, diag)
                                 : STATUS_OK;
        if (status != STATUS_OK) {
            return status;
        }
    }
    *manifest = tightened;
    return STATUS_OK;
}
