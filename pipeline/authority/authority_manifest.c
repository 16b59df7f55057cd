// SPDX-License-Identifier: BSD-2-Clause

// What a manifest asks for, without a system around it: peers are stand-ins that have the other
// end, so that packages can be compared before they meet. The plan's authority has the same shape,
// made of what is issued (authority_plan.c).

#include "authority.h"
#include "compile_caps.h"

struct work {
    const struct manifest *manifest;
    struct arena *arena;
    struct authority made;
};

static struct plan_span span_of(struct toml_span span)
{
    return (struct plan_span){span.line, span.column, span.offset, span.len};
}

static struct authority_limit limit_of(struct schema_number number)
{
    return (struct authority_limit){number.value, 1, span_of(number.span)};
}

static uint8_t overrun_of(enum manifest_overrun overrun)
{
    static const uint8_t actions[] = {[MANIFEST_OVERRUN_WAIT] = AUTHORITY_WAIT,
                                      [MANIFEST_OVERRUN_STOP] = AUTHORITY_STOP,
                                      [MANIFEST_OVERRUN_RESTART] = AUTHORITY_RESTART};
    return actions[overrun];
}

static uint8_t fault_of(enum manifest_action action)
{
    static const uint8_t actions[] = {[MANIFEST_STOP] = AUTHORITY_STOP,
                                      [MANIFEST_RESTART] = AUTHORITY_RESTART,
                                      [MANIFEST_SUSPEND] = AUTHORITY_SUSPEND};
    return actions[action];
}

static struct authority_target target_of(const struct manifest *m)
{
    bool restarts =
        m->fault.action == MANIFEST_RESTART || m->cpu.on_overrun == MANIFEST_OVERRUN_RESTART;
    struct authority_target target = {
        .name = m->name.value,
        .package = m->name.value,
        .version = m->version.value,
        .limits = {[AUTHORITY_MEMORY] = limit_of(m->memory.limit),
                   [AUTHORITY_SLOTS] = {1ULL << compile_caps_bits(m), 1, {0}},
                   [AUTHORITY_CPU] = {m->cpu.budget.value, m->cpu.period.value, {0}},
                   [AUTHORITY_PRIORITY] = limit_of(m->cpu.priority),
                   [AUTHORITY_MAX_PRIORITY] = limit_of(m->cpu.max_priority),
                   [AUTHORITY_RESTARTS] = {restarts ? m->fault.max_restarts.value : 0,
                                           m->fault.window.value,
                                           {0}},
                   [AUTHORITY_DENIALS] = limit_of(m->max_denials)},
        .guards = {[AUTHORITY_ON_FAULT] = {fault_of(m->fault.action), {0}},
                   [AUTHORITY_ON_OVERRUN] = {overrun_of(m->cpu.on_overrun), {0}}},
    };
    if (m->cpu.passive) {
        target.limits[AUTHORITY_CPU].per = 1;
    }
    authority_manifest_place(&target, m);
    return target;
}

void authority_manifest_place(struct authority_target *target, const struct manifest *m)
{
    struct authority_limit *limits = target->limits;
    struct plan_span cpu = span_of(m->cpu.span);
    limits[AUTHORITY_MEMORY].span = span_of(m->memory.limit.span);
    limits[AUTHORITY_SLOTS].span = (struct plan_span){1, 1, 0, 0};
    limits[AUTHORITY_CPU].span = m->cpu.passive ? cpu : span_of(m->cpu.budget.span);
    limits[AUTHORITY_PRIORITY].span = span_of(m->cpu.priority.span);
    limits[AUTHORITY_MAX_PRIORITY].span = span_of(m->cpu.max_priority.span);
    limits[AUTHORITY_RESTARTS].span = span_of(m->fault.max_restarts.span);
    limits[AUTHORITY_DENIALS].span = span_of(m->max_denials.span);
    target->guards[AUTHORITY_ON_FAULT].span = span_of(m->fault.max_restarts.span);
    target->guards[AUTHORITY_ON_OVERRUN].span = cpu;
    target->guards[AUTHORITY_TRIPWIRES].span = (struct plan_span){1, 1, 0, 0};
}

static uint8_t rights_of(enum manifest_role role)
{
    static const uint8_t rights[] = {[MANIFEST_SERVE] = PLAN_READ,
                                     [MANIFEST_CALL] = PLAN_WRITE | PLAN_GRANT_REPLY,
                                     [MANIFEST_SEND] = PLAN_WRITE,
                                     [MANIFEST_WAIT] = PLAN_READ,
                                     [MANIFEST_SIGNAL] = PLAN_WRITE};
    return rights[role];
}

static bool is_root(const struct manifest_cap *cap)
{
    return !cap->owner && bytes_is(cap->peer.package, MANIFEST_ROOT);
}

// The target that stands for a peer's package, made when it is new. There are few.
static uint32_t peer_of(struct work *w, struct bytes package)
{
    struct authority *a = &w->made;
    for (uint32_t i = 0; i < a->target_count; i++) {
        if (bytes_equal(a->targets[i].name, package)) {
            return i;
        }
    }
    a->targets[a->target_count] =
        (struct authority_target){.name = package, .package = package, .outside = true};
    for (size_t i = 0; i < AUTHORITY_LIMITS; i++) {
        a->targets[a->target_count].limits[i].per = 1;
    }
    return a->target_count++;
}

// The other end of a capability: what the peer must have for it to be of use.
static void add_peer(struct work *w, struct authority_grant grant)
{
    grant.target = grant.provider;
    bool reads = grant.rights & PLAN_READ;
    grant.rights = reads ? PLAN_WRITE : PLAN_READ;
    grant.rights |= grant.type == PLAN_FRAME ? PLAN_READ | PLAN_WRITE : 0;
    grant.auth = authority_of((enum plan_type)grant.type, grant.rights);
    w->made.grants[w->made.grant_count++] = grant;
}

static void add_allow(struct work *w, struct bytes object, struct bytes pattern, bool write,
                      struct toml_span span)
{
    w->made.allows[w->made.allow_count++] = (struct authority_allow){
        .object = object, .pattern = pattern, .write = write, .span = span_of(span)};
}

static struct authority_grant *add_grant(struct work *w, const struct manifest_cap *cap,
                                         enum plan_type type, uint8_t rights, struct bytes object)
{
    struct authority_grant *grant = &w->made.grants[w->made.grant_count++];
    *grant = (struct authority_grant){
        .provider = AUTHORITY_NOBODY,
        .type = (uint8_t)type,
        .rights = rights,
        .auth = authority_of(type, rights),
        .traced = cap->traced,
        .object = object,
        .name = cap->name,
        .span = span_of(cap->span),
    };
    return grant;
}

static uint8_t area_rights(const struct manifest_cap *cap)
{
    return cap->write ? PLAN_READ | PLAN_WRITE : PLAN_READ;
}

// A piece of hardware; an interrupt is a notification as well.
static bool add_hardware(struct work *w, const struct manifest_cap *cap)
{
    uint64_t first = cap->at.value;
    struct bytes object;
    switch (cap->kind) {
    case MANIFEST_IRQ:
        object = authority_path(w->arena, w->manifest->name.value,
                                cap->signal.len != 0 ? cap->signal : cap->name);
        add_grant(w, cap, PLAN_NOTIFICATION, PLAN_READ, object)->provider = 0;
        object = authority_hardware(w->arena, PLAN_IRQ_HANDLER, first, first);
        add_grant(w, cap, PLAN_IRQ_HANDLER, 0, object);
        break;
    case MANIFEST_IOPORT:
        object = authority_hardware(w->arena, PLAN_IO_PORTS, first, cap->last.value);
        add_grant(w, cap, PLAN_IO_PORTS, 0, object);
        break;
    default:
        object =
            authority_hardware(w->arena, PLAN_DEVICE_FRAME, first, first + cap->size.value - 1);
        add_grant(w, cap, PLAN_DEVICE_FRAME, area_rights(cap), object);
        break;
    }
    return object.len != 0;
}

// An endpoint, a notification or a region, of one's own or of a peer.
static bool add_shared(struct work *w, const struct manifest_cap *cap)
{
    static const enum plan_type types[] = {[MANIFEST_ENDPOINT] = PLAN_ENDPOINT,
                                           [MANIFEST_NOTIFICATION] = PLAN_NOTIFICATION,
                                           [MANIFEST_REGION] = PLAN_FRAME};
    struct bytes of = cap->owner ? w->manifest->name.value : cap->peer.package;
    struct bytes object = authority_path(w->arena, of, cap->owner ? cap->name : cap->peer.name);
    uint8_t rights = cap->kind == MANIFEST_REGION ? area_rights(cap) : rights_of(cap->role);
    struct authority_grant *grant = add_grant(w, cap, types[cap->kind], rights, object);
    grant->size = cap->size.value;
    if (!is_root(cap)) {
        grant->provider = peer_of(w, of);
    }
    if (grant->provider != AUTHORITY_NOBODY && grant->provider != 0) {
        add_peer(w, *grant);
    }
    for (size_t i = 0; i < cap->allow.count; i++) {
        add_allow(w, object, cap->allow.at[i].value, false, cap->allow.at[i].span);
    }
    for (size_t i = 0; i < cap->share.count; i++) {
        add_allow(w, object, cap->share.at[i].key, cap->share.at[i].choice == 1, cap->span);
    }
    return object.len != 0;
}

// Instances of another package: whoever starts them controls their threads, as many as there are.
static bool add_children(struct work *w, const struct manifest_cap *cap)
{
    struct bytes object = authority_path(w->arena, cap->peer.package, bytes_text("tcb"));
    struct authority_grant *grant = add_grant(w, cap, PLAN_TCB, 0, object);
    grant->size = cap->most.value * cap->size.value;
    grant->provider = peer_of(w, cap->peer.package);
    return object.len != 0;
}

static bool add_cap(struct work *w, const struct manifest_cap *cap)
{
    switch (cap->role) {
    case MANIFEST_DRIVE:
        return add_hardware(w, cap);
    case MANIFEST_START:
        return add_children(w, cap);
    default:
        return add_shared(w, cap);
    }
}

enum status authority_manifest(struct authority *out, const struct manifest *manifest,
                               struct arena *arena, struct diag *diag)
{
    struct work w = {.manifest = manifest, .arena = arena};
    size_t allows = 1, caps = manifest->cap_count;
    for (size_t i = 0; i < caps; i++) {
        allows += manifest->caps[i].allow.count + manifest->caps[i].share.count;
    }
    w.made.targets = arena_take(arena, caps + 1, sizeof *w.made.targets);
    w.made.grants = arena_take(arena, 2 * caps + 1, sizeof *w.made.grants);
    w.made.allows = arena_take(arena, allows, sizeof *w.made.allows);
    bool room = w.made.targets != NULL && w.made.grants != NULL && w.made.allows != NULL;
    enum status status = room ? STATUS_OK : STATUS_NO_MEMORY;
    if (room) {
        w.made.targets[w.made.target_count++] = target_of(manifest);
    }
    for (size_t i = 0; i < caps && status == STATUS_OK; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        status = add_cap(&w, cap) ? STATUS_OK : STATUS_NO_MEMORY;
    }
    if (status != STATUS_OK) {
        return diag_fail(diag, status, "memory of an authority", arena->size);
    }
    status = authority_finish(&w.made, arena, diag);
    if (status == STATUS_OK) {
        *out = w.made;
    }
    return status;
}
