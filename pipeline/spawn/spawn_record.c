// SPDX-License-Identifier: BSD-2-Clause
#include "spawn.h"

#include "record.h"

static uint8_t kind_of(const struct plan_cap *cap)
{
    if (cap->kind == PLAN_CAP_BUILT_IN) {
        return KPKG_CAP_SERVICE;
    }
    switch (cap->type) {
    case PLAN_NOTIFICATION:
        return KPKG_CAP_NOTIFICATION;
    case PLAN_REPLY:
        return KPKG_CAP_REPLY;
    default:
        return KPKG_CAP_ENDPOINT;
    }
}

static void put_name(char *to, size_t size, struct bytes name)
{
    memcpy(to, name.at, name.len < size ? name.len : size - 1);
}

static struct kpkg_record_cap cap_of(const struct plan_cap *cap)
{
    struct kpkg_record_cap out = {
        .kind = kind_of(cap),
        .rights = cap->rights,
        .flags = cap->kind == PLAN_CAP_TRIPWIRE ? KPKG_CAP_ABSENT : 0,
        .slot = cap->slot,
    };
    put_name(out.name, sizeof(out.name), cap->name);
    return out;
}

// Where the stack begins: the mapping that ends at its top.
static uint64_t stack_low(const struct plan *plan, const struct plan_target *target)
{
    for (uint32_t i = 0; i < target->mappings; i++) {
        const struct plan_mapping *mapping = &plan->mappings[target->first_mapping + i];
        uint64_t len = (uint64_t)mapping->pages << plan->objects[mapping->object].size_bits;
        if (mapping->vaddr + len == target->stack_top) {
            return mapping->vaddr;
        }
    }
    return target->stack_top;
}

static uint32_t named_caps(const struct plan *plan, const struct plan_target *target)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < target->caps; i++) {
        count += plan->caps[target->first_cap + i].name.len != 0;
    }
    return count;
}

static struct kpkg_record header_of(const struct plan *plan, const struct plan_target *target,
                                    const struct spawn_source *source)
{
    struct kpkg_record record = {
        .magic = KPKG_RECORD_MAGIC,
        .abi = 1,
        .incarnation = source->incarnation,
        .ipc_buffer = target->ipc_buffer,
        .stack_low = stack_low(plan, target),
        .stack_high = target->stack_top,
        .heap = target->heap,
        .heap_len = target->heap_len,
        .budget_us = target->passive ? 0 : target->budget_us,
        .period_us = target->passive ? 0 : target->period_us,
        .ticks_per_us = source->ticks_per_us,
        .caps_offset = sizeof(struct kpkg_record),
        .cap_count = named_caps(plan, target),
        .argument_count = source->argument_count,
    };
    put_name(record.name, sizeof(record.name), target->name);
    record.arguments_offset =
        record.caps_offset + record.cap_count * (uint32_t)sizeof(struct kpkg_record_cap);
    record.len = record.arguments_offset;
    for (uint32_t i = 0; i < source->argument_count; i++) {
        record.len += (uint32_t)source->arguments[i].len + 1;
    }
    return record;
}

enum status spawn_record(uint8_t *page, const struct plan *plan, uint32_t target,
                         const struct spawn_source *source, struct diag *diag)
{
    const struct plan_target *of = &plan->targets[target];
    struct kpkg_record record = header_of(plan, of, source);
    if (record.len > 1U << PLAN_PAGE_BITS) {
        return diag_fail(diag, STATUS_TOO_MANY_CAPS, "start-up record", record.len);
    }
    memcpy(page, &record, sizeof(record));
    uint8_t *at = page + record.caps_offset;
    for (uint32_t i = 0; i < of->caps; i++) {
        const struct plan_cap *cap = &plan->caps[of->first_cap + i];
        if (cap->name.len != 0) {
            struct kpkg_record_cap entry = cap_of(cap);
            memcpy(at, &entry, sizeof(entry));
            at += sizeof(entry);
        }
    }
    for (uint32_t i = 0; i < source->argument_count; i++) {
        memcpy(at, source->arguments[i].at, source->arguments[i].len);
        at += source->arguments[i].len + 1;
    }
    return STATUS_OK;
}
