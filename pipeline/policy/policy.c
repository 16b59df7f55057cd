// SPDX-License-Identifier: BSD-2-Clause
#include "policy.h"

#include "compile_caps.h"
#include "compile_child.h"
#include "compile_objects.h"
#include "compile_record.h"
#include "compile_system.h"
#include "compile_target.h"

// A target that has its memory laid out, kept until all are known.
struct part {
    struct plan_target target;
    struct plan_object *objects;
    struct plan_mapping *mappings;
};

struct work {
    const struct policy_input *input;
    struct diag *refused;
    struct arena *arena;
    struct compile_draft *draft; // of the instance at hand
    struct part *parts;          // one per instance
    struct compile_links links;
};

static bool alive(const struct work *w, size_t instance)
{
    return w->input->instances[instance].verified != NULL &&
           w->refused[instance].status == STATUS_OK;
}

// A place that no package has arrived for: a target that has nothing, so that others keep their
// numbers.
static bool vacant(const struct work *w, size_t instance)
{
    return instance >= w->input->system->first_place && !alive(w, instance);
}

// Keeps the draft, in memory of its size.
static enum status keep_draft(struct part *part, const struct compile_draft *draft,
                              struct arena *arena)
{
    part->target = draft->target;
    part->target.objects = draft->object_count;
    part->target.mappings = draft->mapping_count;
    part->objects = arena_take(arena, draft->object_count, sizeof *part->objects);
    part->mappings = arena_take(arena, draft->mapping_count, sizeof *part->mappings);
    if (part->objects == NULL || part->mappings == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy(part->objects, draft->objects, draft->object_count * sizeof *part->objects);
    memcpy(part->mappings, draft->mappings, draft->mapping_count * sizeof *part->mappings);
    return STATUS_OK;
}

// Makes and keeps the draft of a linked instance, or refuses it. NO_MEMORY or OK.
static enum status draft_instance(struct work *w, uint16_t i)
{
    const struct compile_place place = {w->draft, w->arena};
    enum status status =
        compile_target(&place, &w->input->instances[i], w->links.of[i], &w->refused[i]);
    if (status == STATUS_OK) {
        w->draft->target.package_index = i;
        w->draft->target.on_demand = w->input->system->packages[i].start == SYSTEM_START_ON_DEMAND;
        status = keep_draft(&w->parts[i], w->draft, w->arena);
    }
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

// What outlives a target is made when the system starts, so a package that arrives later has none.
static enum status check_place(const struct work *w, uint16_t i, struct diag *diag)
{
    const struct manifest *manifest = w->input->instances[i].manifest;
    if (i < w->input->system->first_place) {
        return STATUS_OK;
    }
    if (manifest->memory.limit.value > w->input->system->control.memory.value) {
        return schema_number_fail(diag, STATUS_MEMORY_LIMIT, "memory of a place",
                                  manifest->memory.limit);
    }
    for (size_t c = 0; c < manifest->cap_count; c++) {
        const struct manifest_cap *cap = &manifest->caps[c];
        if (cap->owner || cap->traced) {
            return toml_fail(diag, STATUS_RESOURCE_ABSENT, "what is made at the start", cap->span,
                             cap->name);
        }
    }
    return STATUS_OK;
}

// NO_MEMORY, or OK with the instance drafted and linked or refused.
static enum status take_instance(struct work *w, uint16_t i)
{
    const struct policy_instance *instance = &w->input->instances[i];
    struct diag *refused = &w->refused[i];
    *refused = (struct diag){0};
    w->links.of[i] = arena_take(w->arena, instance->manifest->cap_count + 1, sizeof **w->links.of);
    if (w->links.of[i] == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = check_place(w, i, refused);
    if (status == STATUS_OK) {
        status = compile_target_check(instance, refused);
    }
    if (status == STATUS_OK) {
        status = compile_record(instance->manifest, &w->input->system->packages[i], refused);
    }
    if (status == STATUS_OK) {
        status = compile_peers(w->links.of[i], i, w->input, refused);
    }
    if (status == STATUS_OK) {
        status = compile_system_taken(w->input, w->refused, i, refused);
    }
    return status == STATUS_OK ? draft_instance(w, i) : STATUS_OK;
}

// Drops what lost its parent or its peer, and drafts again what lost an optional region, until
// nothing changes.
static enum status settle(struct work *w)
{
    bool again = true;
    while (again) {
        compile_peers_drop(w->refused, &w->links, w->input);
        again = compile_child_drop(w->refused, &w->links, w->input);
        for (uint16_t i = 0; i < w->input->system->package_count; i++) {
            if (!alive(w, i) || !w->links.changed[i]) {
                continue;
            }
            w->links.changed[i] = false;
            again = true;
            if (draft_instance(w, i) != STATUS_OK) {
                return STATUS_NO_MEMORY;
            }
        }
    }
    return STATUS_OK;
}

// What all living instances come to.
struct total {
    uint64_t memory; // bytes of untypeds and regions
    uint64_t share;  // parts per million of the CPU
    uint64_t slots;  // of the system's objects
    uint64_t relays;
};

static struct total total_of(const struct work *w)
{
    const struct system_control *control = &w->input->system->control;
    struct total total = {
        .memory = control->places.value * (control->memory.value + control->package.value),
        .share = control->cpu.value * 10000,
    };
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        if (alive(w, i)) {
            const struct manifest *manifest = w->input->instances[i].manifest;
            bool child = w->input->system->packages[i].parent.value.len != 0;
            bool placed = i >= w->input->system->first_place;
            total.memory += placed || child ? 0 : 1ULL << w->parts[i].target.untyped_bits;
            total.memory += compile_system_memory(manifest);
            total.share += child ? 0 : compile_child_share(&manifest->cpu);
            total.slots += compile_system_slots(manifest);
            total.relays += compile_objects_relays(manifest);
        }
    }
    return total;
}

// Admission of the system as a whole. The share at or above a priority is greatest at the least
// priority, so the sum over all targets bounds it at each.
static enum status admit(const struct work *w, struct diag *diag)
{
    const struct system *system = w->input->system;
    struct total total = total_of(w);
    if (total.memory > system->memory.value) {
        schema_number_fail(diag, STATUS_MEMORY_LIMIT, "limits.memory", system->memory);
        diag_detail(diag, total.memory);
        return STATUS_MEMORY_LIMIT;
    }
    if (total.share > system->cpu.value * 10000) {
        schema_number_fail(diag, STATUS_BUDGET, "limits.cpu", system->cpu);
        diag_detail(diag, (total.share + 9999) / 10000);
        return STATUS_BUDGET;
    }
    if (total.slots > PLAN_SYSTEM_SLOTS_MAX) {
        return diag_fail(diag, STATUS_OUT_OF_SLOTS, "pages of regions and devices", total.slots);
    }
    if (total.relays > PLAN_RELAYS_MAX) {
        return diag_fail(diag, STATUS_TRACE, "traced endpoints of all instances", total.relays);
    }
    return STATUS_OK;
}

// Makes room for everything that the living instances have.
static enum status size_plan(struct plan *plan, const struct work *w)
{
    struct plan total = {0};
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        total.target_count += alive(w, i) || vacant(w, i);
        if (!alive(w, i)) {
            continue;
        }
        const struct plan_target *target = &w->parts[i].target;
        total.object_count += target->objects;
        total.mapping_count += target->mappings;
        total.cap_count += 1U << target->cnode_bits;
        for (size_t c = 0; c < w->input->instances[i].manifest->cap_count; c++) {
            total.object_count += compile_system_objects(&w->input->instances[i].manifest->caps[c]);
        }
    }
    total.targets = arena_take(w->arena, total.target_count + 1, sizeof *total.targets);
    total.objects = arena_take(w->arena, total.object_count + 1, sizeof *total.objects);
    total.caps = arena_take(w->arena, total.cap_count + 1, sizeof *total.caps);
    total.mappings = arena_take(w->arena, total.mapping_count + 1, sizeof *total.mappings);
    if (total.targets == NULL || total.objects == NULL || total.caps == NULL ||
        total.mappings == NULL) {
        return STATUS_NO_MEMORY;
    }
    *plan = total;
    return STATUS_OK;
}

// The object in the plan that system pages of an instance show.
static uint32_t shown_object(const struct work *w, uint16_t instance, uint64_t cap)
{
    const struct compile_link *link = &w->links.of[instance][cap];
    return w->links.of[link->instance][link->cap].object;
}

// Appends a part as the next target; the totals of `plan` count what is in it so far.
static void add_target(struct plan *plan, const struct work *w, const struct part *part)
{
    uint16_t index = (uint16_t)plan->target_count++;
    struct plan_target *target = &plan->targets[index];
    *target = part->target;
    target->first_object = plan->object_count;
    target->first_mapping = plan->mapping_count;
    target->first_cap = plan->cap_count;
    target->caps = 1U << target->cnode_bits;
    for (uint32_t i = 0; i < target->objects; i++) {
        struct plan_object *object = &plan->objects[plan->object_count++];
        *object = part->objects[i];
        object->owner = index;
        if (object->type == PLAN_SYSTEM_PAGES) {
            object->vaddr = shown_object(w, target->package_index, object->vaddr);
        }
    }
    for (uint32_t i = 0; i < target->mappings; i++) {
        struct plan_mapping *mapping = &plan->mappings[plan->mapping_count++];
        *mapping = part->mappings[i];
        mapping->target = index;
        mapping->object += target->first_object;
    }
    plan->cap_count += target->caps;
}

static void add_vacant(struct plan *plan, uint16_t package)
{
    plan->targets[plan->target_count++] = (struct plan_target){
        .package_index = package,
        .first_object = plan->object_count,
        .first_mapping = plan->mapping_count,
        .first_cap = plan->cap_count,
    };
}

// The system's objects first, then target after target.
static enum status assemble(struct plan *plan, struct work *w)
{
    plan->target_count = plan->object_count = plan->mapping_count = plan->cap_count = 0;
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        const struct manifest *manifest = w->input->instances[i].manifest;
        if (alive(w, i) &&
            compile_system_add(plan, manifest, w->links.of[i], w->arena) != STATUS_OK) {
            return STATUS_NO_MEMORY;
        }
    }
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        if (alive(w, i)) {
            add_target(plan, w, &w->parts[i]);
            compile_caps(plan, (uint16_t)(plan->target_count - 1), &w->links, w->input);
        } else if (vacant(w, i)) {
            add_vacant(plan, (uint16_t)i);
        }
    }
    compile_child_mark(plan, w->input);
    return STATUS_OK;
}

enum status policy_compile(struct plan *plan, struct diag *refused,
                           const struct policy_input *input, struct arena *arena, struct diag *diag)
{
    size_t count = input->system->package_count;
    struct work w = {.input = input, .refused = refused, .arena = arena};
    struct plan made = {0};
    w.draft = arena_take(arena, 1, sizeof *w.draft);
    w.parts = arena_take(arena, count, sizeof *w.parts);
    enum status status = w.draft != NULL && w.parts != NULL ? STATUS_OK : STATUS_NO_MEMORY;
    for (uint16_t i = 0; i < count && status == STATUS_OK; i++) {
        if (input->instances[i].verified != NULL) {
            status = take_instance(&w, i);
        }
    }
    if (status == STATUS_OK) {
        status = settle(&w);
    }
    if (status == STATUS_OK) {
        status = admit(&w, diag);
        if (status != STATUS_OK) {
            return status;
        }
        status = size_plan(&made, &w);
    }
    if (status == STATUS_OK) {
        status = assemble(&made, &w);
    }
    if (status != STATUS_OK) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of the compiler", arena->size);
    }
    *plan = made;
    return STATUS_OK;
}
