// SPDX-License-Identifier: BSD-2-Clause
#include "policy.h"

#include "compile_caps.h"
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

// NO_MEMORY, or OK with the instance drafted and linked or refused.
static enum status take_instance(struct work *w, uint16_t i)
{
    const struct policy_instance *instance = &w->input->instances[i];
    w->refused[i] = (struct diag){0};
    w->links.of[i] = arena_take(w->arena, instance->manifest->cap_count + 1, sizeof **w->links.of);
    if (w->links.of[i] == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = compile_target(w->draft, instance, w->arena, &w->refused[i]);
    if (status == STATUS_OK) {
        w->draft->target.package_index = i;
        status = keep_draft(&w->parts[i], w->draft, w->arena);
    }
    if (status == STATUS_OK) {
        status = compile_peers(w->links.of[i], i, w->input, &w->refused[i]);
    }
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

// Parts per million of the CPU, rounded up.
static uint64_t share_of(const struct plan_target *target)
{
    return target->passive
               ? 0
               : (target->budget_us * 1000000 + target->period_us - 1) / target->period_us;
}

static void fail(struct diag *diag, enum status status, const char *what,
                 struct schema_number number)
{
    diag_fail(diag, status, what, number.value);
    diag_position(diag, number.span.line, number.span.column);
}

static enum status admit(const struct work *w, struct diag *diag)
{
    const struct system *system = w->input->system;
    uint64_t memory = 0, share = 0;
    for (size_t i = 0; i < system->package_count; i++) {
        if (alive(w, i)) {
            memory += 1ULL << w->parts[i].target.untyped_bits;
            share += share_of(&w->parts[i].target);
        }
    }
    if (memory > system->memory.value) {
        fail(diag, STATUS_MEMORY_LIMIT, "limits.memory", system->memory);
        diag_detail(diag, memory);
        return STATUS_MEMORY_LIMIT;
    }
    if (share > system->cpu.value * 10000) {
        fail(diag, STATUS_BUDGET, "limits.cpu", system->cpu);
        diag_detail(diag, (share + 9999) / 10000);
        return STATUS_BUDGET;
    }
    return STATUS_OK;
}

// Makes room for everything that the living instances have.
static enum status size_plan(struct plan *plan, const struct work *w)
{
    struct plan total = {0};
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        if (!alive(w, i)) {
            continue;
        }
        const struct plan_target *target = &w->parts[i].target;
        total.target_count++;
        total.object_count += target->objects;
        total.mapping_count += target->mappings;
        total.cap_count += 1U << target->cnode_bits;
        for (size_t c = 0; c < w->input->instances[i].manifest->cap_count; c++) {
            total.object_count += w->input->instances[i].manifest->caps[c].owner;
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

// The objects that an instance owns and others may reach. Returns how many objects there are now.
static uint32_t add_system_objects(struct plan *plan, const struct work *w, size_t instance,
                                   uint32_t count)
{
    const struct manifest *manifest = w->input->instances[instance].manifest;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (cap->owner) {
            bool endpoint = cap->kind == MANIFEST_ENDPOINT;
            w->links.of[instance][i].object = count;
            plan->objects[count] = (struct plan_object){
                .type = endpoint ? PLAN_ENDPOINT : PLAN_NOTIFICATION,
                .size_bits = endpoint ? PLAN_ENDPOINT_BITS : PLAN_NOTIFICATION_BITS,
                .owner = PLAN_SYSTEM,
                .count = 1,
                .holder_slot = count,
                .name = cap->name,
            };
            count++;
        }
    }
    return count;
}

// Appends a part as the next target; the totals of `plan` count what is in it so far.
static void add_target(struct plan *plan, const struct part *part)
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
    }
    for (uint32_t i = 0; i < target->mappings; i++) {
        struct plan_mapping *mapping = &plan->mappings[plan->mapping_count++];
        *mapping = part->mappings[i];
        mapping->target = index;
        mapping->object += target->first_object;
    }
    plan->cap_count += target->caps;
}

// The system's objects first, then target after target.
static void assemble(struct plan *plan, const struct work *w)
{
    uint32_t count = 0;
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        count = alive(w, i) ? add_system_objects(plan, w, i, count) : count;
    }
    plan->object_count = count;
    plan->target_count = plan->mapping_count = plan->cap_count = 0;
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        if (alive(w, i)) {
            add_target(plan, &w->parts[i]);
            compile_caps(plan, (uint16_t)(plan->target_count - 1), &w->links, w->input);
        }
    }
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
    if (status == STATUS_NO_MEMORY) {
        return diag_fail(diag, status, "memory of the compiler", arena->size);
    }
    compile_peers_drop(refused, &w.links, input);
    status = admit(&w, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (size_plan(&made, &w) != STATUS_OK) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of the compiler", arena->size);
    }
    assemble(&made, &w);
    *plan = made;
    return STATUS_OK;
}
