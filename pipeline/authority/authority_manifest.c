// SPDX-License-Identifier: BSD-2-Clause
#include "authority.h"
#include "compile_caps.h"
#include "text.h"

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
    return a->target_count++;
}

// The other end of a capability: what the peer must have for it to be of use.
static void add_peer(struct work *w, struct authority_grant grant)
{
    grant.target = grant.provider;
    grant.rights = grant.rights & PLAN_READ ? PLAN_WRITE : PLAN_READ;
    grant.auth = authority_of((enum plan_type)grant.type, grant.rights);
    w->made.grants[w->made.grant_count++] = grant;
}

static enum status add_cap(struct work *w, const struct manifest_cap *cap)
{
    struct bytes of = cap->owner ? w->manifest->name.value : cap->peer.package;
    struct bytes name = cap->owner ? cap->name : cap->peer.name;
    char *at = arena_take(w->arena, of.len + name.len + 1, 1);
    struct text path = text_of(at, at != NULL ? of.len + name.len + 1 : 0);
    text_put_bytes(&path, of);
    text_char(&path, '/');
    text_put_bytes(&path, name);
    struct authority_grant grant = {
        .provider = is_root(cap) ? AUTHORITY_NOBODY : peer_of(w, of),
        .type = cap->kind == MANIFEST_ENDPOINT ? PLAN_ENDPOINT : PLAN_NOTIFICATION,
        .rights = rights_of(cap->role),
        .object = text_bytes(&path),
        .name = cap->name,
        .span = span_of(cap->span),
    };
    grant.auth = authority_of((enum plan_type)grant.type, grant.rights);
    w->made.grants[w->made.grant_count++] = grant;
    if (grant.provider != AUTHORITY_NOBODY && grant.provider != 0) {
        add_peer(w, grant);
    }
    for (size_t i = 0; i < cap->allow.count; i++) {
        w->made.allows[w->made.allow_count++] = (struct authority_allow){
            .object = grant.object,
            .pattern = cap->allow.at[i].value,
            .span = span_of(cap->allow.at[i].span),
        };
    }
    return at != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status authority_manifest(struct authority *out, const struct manifest *manifest,
                               struct arena *arena, struct diag *diag)
{
    struct work w = {.manifest = manifest, .arena = arena};
    size_t allows = 1, caps = manifest->cap_count;
    for (size_t i = 0; i < caps; i++) {
        allows += manifest->caps[i].allow.count;
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
        status = add_cap(&w, &manifest->caps[i]);
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
