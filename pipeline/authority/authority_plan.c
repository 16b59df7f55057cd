// SPDX-License-Identifier: BSD-2-Clause

// What a plan gives, target by target, from its capabilities and mappings. Objects get names of
// their owners and not numbers, so that two plans of different sizes can be compared.

#include "authority.h"
#include "order.h"
#include "text.h"

// Who uses an object of the system, to tell whose it is: the plan does not say.
struct users {
    uint32_t readers, writers;       // how many targets; how many capabilities
    uint32_t last_reader;            // the last one's holder
    uint32_t reader, writer;         // the first one's holder
    uint32_t own_reader, own_writer; // the first one that calls it by its own name
};

struct work {
    const struct plan *plan;
    struct arena *arena;
    struct users *users; // of each object
};

static uint32_t first_of(uint32_t known, uint32_t target)
{
    return known == AUTHORITY_NOBODY ? target : known;
}

// The object behind a mapping: pages of the system stand for one of its objects.
static uint32_t shown_by(const struct plan *plan, const struct plan_mapping *mapping)
{
    const struct plan_object *o = &plan->objects[mapping->object];
    return o->type == PLAN_SYSTEM_PAGES ? (uint32_t)o->vaddr : mapping->object;
}

static enum status note_users(struct work *w)
{
    const struct plan *plan = w->plan;
    w->users = arena_take(w->arena, plan->object_count + 1U, sizeof *w->users);
    if (w->users == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < plan->object_count; i++) {
        w->users[i] = (struct users){.last_reader = AUTHORITY_NOBODY,
                                     .reader = AUTHORITY_NOBODY,
                                     .writer = AUTHORITY_NOBODY,
                                     .own_reader = AUTHORITY_NOBODY,
                                     .own_writer = AUTHORITY_NOBODY};
    }
    for (uint32_t i = 0; i < plan->mapping_count; i++) {
        const struct plan_mapping *mapping = &plan->mappings[i];
        uint32_t object = shown_by(plan, mapping);
        struct users *users = &w->users[object];
        bool own = bytes_equal(mapping->name, plan->objects[object].name);
        users->reader = first_of(users->reader, mapping->target);
        users->own_reader = own ? first_of(users->own_reader, mapping->target) : users->own_reader;
    }
    for (uint32_t i = 0; i < plan->cap_count; i++) {
        const struct plan_cap *cap = &plan->caps[i];
        if (cap->object == PLAN_AUDITOR) {
            continue;
        }
        struct users *users = &w->users[cap->object];
        bool own = bytes_equal(cap->name, plan->objects[cap->object].name);
        if (cap->rights & PLAN_READ) {
            users->readers += users->last_reader != cap->holder; // an interrupt may read another's
            users->last_reader = cap->holder;
            users->reader = first_of(users->reader, cap->holder);
            users->own_reader = own ? first_of(users->own_reader, cap->holder) : users->own_reader;
        }
        if (cap->rights & PLAN_WRITE) {
            users->writers++;
            users->writer = first_of(users->writer, cap->holder);
            users->own_writer = own ? first_of(users->own_writer, cap->holder) : users->own_writer;
        }
    }
    return STATUS_OK;
}

// Memory is of the first who calls it by its own name, an endpoint of who serves it. A notification
// is of the one side that has just one member, and of the waiting one when both have; with one
// member each, whose capability bears the object's name decides (spec/diff.md, 1).
static uint32_t provider_of(const struct work *w, uint32_t object)
{
    const struct plan_object *o = &w->plan->objects[object];
    const struct users *users = &w->users[object];
    if (o->owner != PLAN_SYSTEM) {
        return o->owner;
    }
    if (o->type != PLAN_ENDPOINT && o->type != PLAN_NOTIFICATION) {
        return users->own_reader != AUTHORITY_NOBODY ? users->own_reader : users->reader;
    }
    bool signaller = o->type == PLAN_NOTIFICATION && users->writers == 1 &&
                     (users->readers != 1 || users->own_reader == AUTHORITY_NOBODY) &&
                     users->own_writer != AUTHORITY_NOBODY;
    return signaller ? users->own_writer : users->reader;
}

// Tripwires, the `exit` that every target has, and what only belongs to serving an endpoint.
static bool is_no_authority(const struct work *w, const struct plan_cap *cap)
{
    if (cap->object == PLAN_AUDITOR) {
        bool sends = cap->type == PLAN_ENDPOINT && cap->rights == PLAN_WRITE;
        return sends && (cap->service == PLAN_SERVICE_NONE || cap->service == PLAN_SERVICE_EXIT);
    }
    return cap->type == PLAN_REPLY && !(cap->rights & PLAN_GRANT) &&
           w->plan->objects[cap->object].owner == cap->holder;
}

// What an object is called, and whose it is. Hardware is nobody's.
static struct bytes path_of(const struct work *w, uint32_t index, uint32_t *provider)
{
    const struct plan_object *o = &w->plan->objects[index];
    *provider = AUTHORITY_NOBODY;
    switch (o->type) {
    case PLAN_IRQ_HANDLER:
        return authority_hardware(w->arena, o->type, o->vaddr, o->vaddr);
    case PLAN_IO_PORTS:
        return authority_hardware(w->arena, o->type, o->vaddr >> 16, o->vaddr & 0xffff);
    case PLAN_DEVICE_FRAME:
        return authority_hardware(w->arena, o->type, o->vaddr,
                                  o->vaddr + ((uint64_t)o->count << PLAN_PAGE_BITS) - 1);
    default:
        *provider = provider_of(w, index);
        return authority_path(w->arena,
                              *provider == AUTHORITY_NOBODY ? bytes_text("nobody")
                                                            : w->plan->targets[*provider].name,
                              o->name);
    }
}

static enum status add_grant(struct authority *out, const struct work *w,
                             const struct plan_cap *cap)
{
    bool root = cap->object == PLAN_AUDITOR;
    uint32_t provider = AUTHORITY_NOBODY;
    struct bytes object =
        root ? authority_path(w->arena, bytes_text(MANIFEST_ROOT), plan_cap_object(w->plan, cap))
             : path_of(w, cap->object, &provider);
    struct authority_grant *grant = &out->grants[out->grant_count++];
    *grant = (struct authority_grant){
        .target = cap->holder,
        .provider = provider,
        .type = (uint8_t)cap->type,
        .rights = cap->rights,
        .auth = authority_of(cap->type, cap->rights),
        .slot = cap->slot,
        .badge = cap->badge,
        .traced = cap->relay != 0,
        .object = object,
        .name = cap->name,
        .span = cap->span,
        .signers = cap->signers,
    };
    if (cap->rights & PLAN_WRITE && cap->badge == 0) {
        grant->auth |= AUTHORITY_UNBADGED;
    }
    return grant->object.len != 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

// Memory that is shown to a target and is not its own.
static enum status add_mapping(struct authority *out, const struct work *w,
                               const struct plan_mapping *mapping)
{
    uint32_t index = shown_by(w->plan, mapping), provider;
    enum plan_type type = w->plan->objects[index].type;
    uint8_t rights = mapping->write ? PLAN_READ | PLAN_WRITE : PLAN_READ;
    struct bytes object = path_of(w, index, &provider);
    struct authority_grant *grant = &out->grants[out->grant_count++];
    *grant = (struct authority_grant){
        .target = mapping->target,
        .provider = provider,
        .type = (uint8_t)type,
        .rights = rights,
        .auth = authority_of(type, rights),
        .size = type == PLAN_DEVICE_FRAME ? 0 : (uint64_t)mapping->pages << PLAN_PAGE_BITS,
        .object = object,
        .name = mapping->name,
        .span = mapping->span,
        .signers = mapping->signers,
    };
    return grant->object.len != 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

// Who starts and stops a target controls its thread.
static enum status add_parent(struct authority *out, const struct work *w, uint32_t child)
{
    const struct plan *plan = w->plan;
    const struct plan_target *target = &plan->targets[child];
    struct authority_grant *grant = &out->grants[out->grant_count++];
    *grant = (struct authority_grant){
        .target = target->parent - 1,
        .provider = child,
        .type = PLAN_TCB,
        .auth = authority_of(PLAN_TCB, 0),
        .slot = target->parent_slot,
        .object = authority_path(w->arena, target->name, bytes_text("tcb")),
    };
    const struct plan_target *parent = &plan->targets[target->parent - 1];
    for (uint32_t i = 0; i < parent->caps; i++) {
        const struct plan_cap *cap = &plan->caps[parent->first_cap + i];
        if (cap->slot == target->parent_slot) {
            grant->name = cap->name;
            grant->span = cap->span;
            grant->signers = cap->signers;
        }
    }
    return grant->object.len != 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status add_grants(struct authority *out, const struct work *w)
{
    const struct plan *plan = w->plan;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < plan->cap_count && status == STATUS_OK; i++) {
        if (!is_no_authority(w, &plan->caps[i])) {
            status = add_grant(out, w, &plan->caps[i]);
        }
    }
    for (uint32_t i = 0; i < plan->mapping_count && status == STATUS_OK; i++) {
        const struct plan_mapping *mapping = &plan->mappings[i];
        if (plan->objects[shown_by(plan, mapping)].owner != mapping->target) {
            status = add_mapping(out, w, mapping);
        }
    }
    for (uint32_t i = 0; i < plan->target_count && status == STATUS_OK; i++) {
        uint32_t parent = plan->targets[i].parent;
        if (parent != 0 && parent <= plan->target_count) {
            status = add_parent(out, w, i);
        }
    }
    return status;
}

static int compare_badges(const void *context, uint32_t a, uint32_t b)
{
    const struct authority *all = context;
    const struct authority_grant *x = &all->grants[a], *y = &all->grants[b];
    int order = bytes_compare(x->object, y->object);
    return order != 0 ? order : (x->badge > y->badge) - (x->badge < y->badge);
}

static bool is_client(const struct authority_grant *grant)
{
    return grant->rights & PLAN_WRITE && grant->badge != 0;
}

// Marks the capabilities of different targets to one object that have one badge.
static enum status mark_badges(struct authority *a, struct arena *arena)
{
    uint32_t *order = arena_take(arena, a->grant_count + 1U, sizeof *order);
    uint32_t *scratch = arena_take(arena, a->grant_count + 1U, sizeof *scratch);
    if (order == NULL || scratch == NULL) {
        return STATUS_NO_MEMORY;
    }
    order_sort(order, scratch, a->grant_count, compare_badges, a);
    for (uint32_t i = 1; i < a->grant_count; i++) {
        struct authority_grant *x = &a->grants[order[i - 1]], *y = &a->grants[order[i]];
        if (is_client(x) && is_client(y) && x->target != y->target &&
            compare_badges(a, order[i - 1], order[i]) == 0) {
            x->auth |= AUTHORITY_SHARED_BADGE;
            y->auth |= AUTHORITY_SHARED_BADGE;
        }
    }
    return STATUS_OK;
}

static uint8_t action_of(enum plan_action action)
{
    static const uint8_t actions[] = {[PLAN_STOP] = AUTHORITY_STOP,
                                      [PLAN_RESTART] = AUTHORITY_RESTART,
                                      [PLAN_SUSPEND] = AUTHORITY_SUSPEND,
                                      [PLAN_WAIT] = AUTHORITY_WAIT};
    return actions[action];
}

static struct authority_target target_of(const struct plan_target *t)
{
    bool restarts = t->on_fault == PLAN_RESTART || t->on_overrun == PLAN_RESTART;
    return (struct authority_target){
        .name = t->name,
        .package = t->package,
        .limits = {[AUTHORITY_MEMORY] = {1ULL << t->untyped_bits, 1, {0}},
                   [AUTHORITY_SLOTS] = {1ULL << t->cnode_bits, 1, {0}},
                   [AUTHORITY_CPU] = {t->passive ? 0 : t->budget_us, t->period_us, {0}},
                   [AUTHORITY_PRIORITY] = {t->priority, 1, {0}},
                   [AUTHORITY_MAX_PRIORITY] = {t->max_priority, 1, {0}},
                   [AUTHORITY_RESTARTS] = {restarts ? t->max_restarts : 0, t->window_us, {0}},
                   [AUTHORITY_DENIALS] = {t->max_denials, 1, {0}}},
        .guards = {[AUTHORITY_ON_FAULT] = {action_of(t->on_fault), {0}},
                   [AUTHORITY_ON_OVERRUN] = {action_of(t->on_overrun), {0}},
                   [AUTHORITY_TRIPWIRES] = {t->caps >> t->cnode_bits == 0, {0}}},
    };
}

enum status authority_plan(struct authority *out, const struct plan *plan, struct arena *arena,
                           struct diag *diag)
{
    struct work w = {.plan = plan, .arena = arena};
    struct authority made = {.target_count = plan->target_count};
    made.targets = arena_take(arena, plan->target_count + 1U, sizeof *made.targets);
    uint32_t most = plan->cap_count + plan->mapping_count + plan->target_count;
    made.grants = arena_take(arena, most + 1U, sizeof *made.grants);
    enum status status =
        made.targets != NULL && made.grants != NULL ? note_users(&w) : STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < plan->target_count && status == STATUS_OK; i++) {
        made.targets[i] = target_of(&plan->targets[i]);
    }
    status = status == STATUS_OK ? add_grants(&made, &w) : status;
    status = status == STATUS_OK ? mark_badges(&made, arena) : status;
    if (status != STATUS_OK) {
        return diag_fail(diag, status, "memory of an authority", arena->size);
    }
    status = authority_finish(&made, arena, diag);
    if (status == STATUS_OK) {
        *out = made;
    }
    return status;
}
