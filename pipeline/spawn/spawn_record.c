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
    case PLAN_IRQ_HANDLER:
        return KPKG_CAP_IRQ_HANDLER;
    case PLAN_IO_PORTS:
        return KPKG_CAP_IO_PORTS;
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

static bool is_region(const struct plan_mapping *mapping)
{
    return mapping->fill == PLAN_FILL_REGION || mapping->fill == PLAN_FILL_DEVICE;
}

static struct kpkg_record_region region_of(const struct plan_mapping *mapping)
{
    struct kpkg_record_region out = {
        .address = mapping->vaddr,
        .len = (uint64_t)mapping->pages << PLAN_PAGE_BITS,
        .rights = mapping->write ? PLAN_READ | PLAN_WRITE : PLAN_READ,
        .device = mapping->fill == PLAN_FILL_DEVICE,
    };
    put_name(out.name, sizeof(out.name), mapping->name);
    return out;
}

static uint32_t region_count(const struct plan *plan, const struct plan_target *target)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < target->mappings; i++) {
        count += is_region(&plan->mappings[target->first_mapping + i]);
    }
    return count;
}

static struct kpkg_record_labels labels_for(const struct sel4_abi *abi)
{
    return (struct kpkg_record_labels){
        .irq_ack = abi->label[SEL4_INVOCATION_IRQ_ACK],
        .in8 = abi->label[SEL4_INVOCATION_IO_PORT_IN8],
        .in16 = abi->label[SEL4_INVOCATION_IO_PORT_IN16],
        .in32 = abi->label[SEL4_INVOCATION_IO_PORT_IN32],
        .out8 = abi->label[SEL4_INVOCATION_IO_PORT_OUT8],
        .out16 = abi->label[SEL4_INVOCATION_IO_PORT_OUT16],
        .out32 = abi->label[SEL4_INVOCATION_IO_PORT_OUT32],
    };
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
    record.regions_offset =
        record.caps_offset + record.cap_count * (uint32_t)sizeof(struct kpkg_record_cap);
    record.region_count = region_count(plan, target);
    record.arguments_offset =
        record.regions_offset + record.region_count * (uint32_t)sizeof(struct kpkg_record_region);
    record.len = record.arguments_offset;
    for (uint32_t i = 0; i < source->argument_count; i++) {
        record.len += (uint32_t)source->arguments[i].len + 1;
    }
    return record;
}

// Both return where the next part begins.
static uint8_t *put_caps(uint8_t *at, const struct plan *plan, const struct plan_target *target)
{
    for (uint32_t i = 0; i < target->caps; i++) {
        const struct plan_cap *cap = &plan->caps[target->first_cap + i];
        if (cap->name.len != 0) {
            struct kpkg_record_cap entry = cap_of(cap);
            memcpy(at, &entry, sizeof(entry));
            at += sizeof(entry);
        }
    }
    return at;
}

static uint8_t *put_regions(uint8_t *at, const struct plan *plan, const struct plan_target *target)
{
    for (uint32_t i = 0; i < target->mappings; i++) {
        const struct plan_mapping *mapping = &plan->mappings[target->first_mapping + i];
        if (is_region(mapping)) {
            struct kpkg_record_region entry = region_of(mapping);
            memcpy(at, &entry, sizeof(entry));
            at += sizeof(entry);
        }
    }
    return at;
}

enum status spawn_record(uint8_t *page, const struct objects_site *site,
                         const struct spawn_source *source, struct diag *diag)
{
    const struct plan *plan = site->plan;
    const struct plan_target *target = &plan->targets[site->target];
    struct kpkg_record record = header_of(plan, target, source);
    if (record.len > 1U << PLAN_PAGE_BITS) {
        return diag_fail(diag, STATUS_TOO_MANY_CAPS, "start-up record", record.len);
    }
    record.labels = labels_for(&site->kernel->abi);
    memcpy(page, &record, sizeof(record));
    uint8_t *at = put_caps(page + record.caps_offset, plan, target);
    at = put_regions(at, plan, target);
    for (uint32_t i = 0; i < source->argument_count; i++) {
        memcpy(at, source->arguments[i].at, source->arguments[i].len);
        at += source->arguments[i].len + 1;
    }
    return STATUS_OK;
}
