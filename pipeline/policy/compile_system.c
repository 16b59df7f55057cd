// SPDX-License-Identifier: BSD-2-Clause
#include "compile_system.h"

#include "compile_objects.h"

uint32_t compile_system_objects(const struct manifest_cap *cap)
{
    if (!cap->owner) {
        return 0;
    }
    return cap->kind == MANIFEST_IRQ ? 2 : 1;
}

uint64_t compile_system_memory(const struct manifest *manifest)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        sum += cap->kind == MANIFEST_REGION && cap->owner ? cap->size.value : 0;
    }
    return sum;
}

uint64_t compile_system_slots(const struct manifest *manifest)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        bool pages = manifest_is_area(cap) && cap->owner;
        sum += pages ? cap->size.value >> PLAN_PAGE_BITS : compile_system_objects(cap);
    }
    return sum;
}

// The first object of a capability.
static struct plan_object object_of(const struct manifest_cap *cap)
{
    struct plan_object object = {.owner = PLAN_SYSTEM, .count = 1, .name = cap->name};
    switch (cap->kind) {
    case MANIFEST_ENDPOINT:
        object.type = PLAN_ENDPOINT;
        object.size_bits = PLAN_ENDPOINT_BITS;
        break;
    case MANIFEST_NOTIFICATION:
    case MANIFEST_IRQ:
        object.type = PLAN_NOTIFICATION;
        object.size_bits = PLAN_NOTIFICATION_BITS;
        break;
    case MANIFEST_REGION:
        object.type = PLAN_FRAME;
        object.size_bits = PLAN_PAGE_BITS;
        object.count = (uint32_t)(cap->size.value >> PLAN_PAGE_BITS);
        break;
    case MANIFEST_IOPORT:
        object.type = PLAN_IO_PORTS;
        object.vaddr = cap->at.value << 16 | cap->last.value;
        break;
    case MANIFEST_DEVICE:
        object.type = PLAN_DEVICE_FRAME;
        object.size_bits = PLAN_PAGE_BITS;
        object.count = (uint32_t)(cap->size.value >> PLAN_PAGE_BITS);
        object.vaddr = cap->at.value;
        break;
    }
    return object;
}

static void add(struct plan *plan, struct plan_object object)
{
    struct plan_object *next = &plan->objects[plan->object_count];
    object.holder_slot = plan->object_count == 0 ? 0 : next[-1].holder_slot + next[-1].count;
    *next = object;
    plan->object_count++;
}

enum status compile_system_add(struct plan *plan, const struct manifest *manifest,
                               struct compile_link *links, struct arena *arena)
{
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (!cap->owner) {
            continue;
        }
        links[i].object = plan->object_count;
        add(plan, object_of(cap));
        if (cap->kind == MANIFEST_IRQ) {
            struct bytes name = compile_objects_name(cap->name, COMPILE_OBJECTS_HANDLER, arena);
            if (name.at == NULL) {
                return STATUS_NO_MEMORY;
            }
            add(plan, (struct plan_object){.type = PLAN_IRQ_HANDLER,
                                           .owner = PLAN_SYSTEM,
                                           .count = 1,
                                           .vaddr = cap->at.value,
                                           .name = name});
        }
    }
    return STATUS_OK;
}

// What a capability takes of its kind of hardware, from the first to the last.
static uint64_t last_of(const struct manifest_cap *cap)
{
    switch (cap->kind) {
    case MANIFEST_IOPORT:
        return cap->last.value;
    case MANIFEST_DEVICE:
        return cap->at.value + cap->size.value - 1;
    default:
        return cap->at.value;
    }
}

static bool overlap(const struct manifest_cap *a, const struct manifest_cap *b)
{
    return a->kind == b->kind && a->at.value <= last_of(b) && b->at.value <= last_of(a);
}

// Does one of the first `count` capabilities take some of it?
static bool takes(const struct manifest *manifest, size_t count, const struct manifest_cap *cap)
{
    for (size_t i = 0; i < count; i++) {
        if (manifest->caps[i].role == MANIFEST_DRIVE && overlap(&manifest->caps[i], cap)) {
            return true;
        }
    }
    return false;
}

// The ports through which the root task speaks and ends the run.
static bool is_root(const struct manifest_cap *cap)
{
    for (size_t i = 0; i < sizeof plan_root_ports / sizeof *plan_root_ports; i++) {
        if (cap->kind == MANIFEST_IOPORT && cap->at.value <= plan_root_ports[i].last &&
            plan_root_ports[i].first <= cap->last.value) {
            return true;
        }
    }
    return false;
}

static bool is_taken(const struct policy_input *input, const struct diag *refused,
                     uint16_t instance, const struct manifest_cap *cap)
{
    const struct manifest *own = input->instances[instance].manifest;
    bool taken = is_root(cap) || takes(own, (size_t)(cap - own->caps), cap);
    for (uint16_t i = 0; i < instance && !taken; i++) {
        const struct policy_instance *other = &input->instances[i];
        taken = other->verified != NULL && refused[i].status == STATUS_OK &&
                takes(other->manifest, other->manifest->cap_count, cap);
    }
    return taken;
}

enum status compile_system_taken(const struct policy_input *input, const struct diag *refused,
                                 uint16_t instance, struct diag *diag)
{
    const struct manifest *manifest = input->instances[instance].manifest;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (cap->role == MANIFEST_DRIVE && is_taken(input, refused, instance, cap)) {
            const struct toml_span *span = &cap->at.span;
            diag_fail(diag, STATUS_RESOURCE_TAKEN, "hardware", span->offset);
            diag_subject(diag, bytes_part(manifest->text, span->offset, span->len));
            diag_position(diag, span->line, span->column);
            return STATUS_RESOURCE_TAKEN;
        }
    }
    return STATUS_OK;
}
