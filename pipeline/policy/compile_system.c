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
    case MANIFEST_SPAWN: // no owner of anything
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

// The object of the notification that an interrupt signals: one of the manifest's, or a new one.
static uint32_t signalled(struct plan *plan, const struct manifest *manifest,
                          const struct compile_link *links, const struct manifest_cap *irq)
{
    for (size_t i = 0; irq->signal.len != 0 && i < manifest->cap_count; i++) {
        if (bytes_equal(manifest->caps[i].name, irq->signal)) {
            return links[i].object;
        }
    }
    add(plan, object_of(irq));
    return plan->object_count - 1;
}

static enum status add_interrupt(struct plan *plan, const struct manifest_cap *cap,
                                 struct compile_link *link, struct arena *arena)
{
    struct plan_object handler = {
        .type = PLAN_IRQ_HANDLER,
        .owner = PLAN_SYSTEM,
        .count = 1,
        .signals = link->object,
        .level = cap->level,
        .low = cap->low,
        .vaddr = cap->at.value,
        .name = compile_objects_name(cap->name, COMPILE_OBJECTS_HANDLER, arena),
    };
    link->handler = plan->object_count;
    if (handler.name.at == NULL) {
        return STATUS_NO_MEMORY;
    }
    add(plan, handler);
    return STATUS_OK;
}

// A device that is shared is one object for all who read it.
static uint32_t shared_device(const struct plan *plan, const struct manifest_cap *cap)
{
    uint32_t i = cap->shared ? 0 : plan->object_count;
    while (i < plan->object_count && !(plan->objects[i].type == PLAN_DEVICE_FRAME &&
                                       plan->objects[i].vaddr == cap->at.value)) {
        i++;
    }
    return i;
}

enum status compile_system_add(struct plan *plan, const struct manifest *manifest,
                               struct compile_link *links, struct arena *arena)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < manifest->cap_count && status == STATUS_OK; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (!cap->owner) {
            continue;
        }
        if (cap->kind == MANIFEST_IRQ) {
            links[i].object = signalled(plan, manifest, links, cap);
            status = add_interrupt(plan, cap, &links[i], arena);
            continue;
        }
        links[i].object = shared_device(plan, cap);
        if (links[i].object == plan->object_count) {
            add(plan, object_of(cap));
        }
    }
    return status;
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

// All of the same device, which both only read and are content to share.
static bool share(const struct manifest_cap *a, const struct manifest_cap *b)
{
    return a->shared && b->shared && a->at.value == b->at.value && a->size.value == b->size.value;
}

static bool overlap(const struct manifest_cap *a, const struct manifest_cap *b)
{
    return a->kind == b->kind && a->at.value <= last_of(b) && b->at.value <= last_of(a) &&
           !share(a, b);
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

static bool has_ports(const struct manifest_cap *cap, const struct plan_ports *ports)
{
    return cap->kind == MANIFEST_IOPORT && cap->at.value <= ports->last &&
           ports->first <= cap->last.value;
}

// The ports through which the root task speaks, listens and ends the run.
static bool is_root(const struct manifest_cap *cap, const struct system *system)
{
    bool root = false;
    for (size_t i = 0; i < sizeof plan_root_ports / sizeof *plan_root_ports; i++) {
        root |= has_ports(cap, &plan_root_ports[i]);
    }
    bool line = cap->kind == MANIFEST_IRQ && cap->at.value == PLAN_CONTROL_LINE;
    return root || (system->control.allowed && (line || has_ports(cap, &plan_control_ports)));
}

static bool is_taken(const struct policy_input *input, const struct diag *refused,
                     uint16_t instance, const struct manifest_cap *cap)
{
    const struct manifest *own = input->instances[instance].manifest;
    bool taken = is_root(cap, input->system) || takes(own, (size_t)(cap - own->caps), cap);
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
            struct toml_span span = cap->at.span;
            return toml_fail(diag, STATUS_RESOURCE_TAKEN, "hardware", span,
                             bytes_part(manifest->text, span.offset, span.len));
        }
    }
    return STATUS_OK;
}
