// SPDX-License-Identifier: BSD-2-Clause
#include "compile_caps.h"

#include "compile_ceiling.h"
#include "compile_objects.h"

enum { SLOT_EXIT = 1, SLOT_FIRST = 2 };

// What the second slot is called after the first.
static const char *suffix_of(const struct manifest_cap *cap)
{
    if (cap->kind == MANIFEST_IRQ) {
        return COMPILE_OBJECTS_HANDLER;
    }
    return cap->role == MANIFEST_SERVE ? COMPILE_OBJECTS_REPLY : NULL;
}

uint32_t compile_caps_slots(const struct manifest *manifest)
{
    uint32_t slots = 0;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (!manifest_is_area(cap)) {
            slots += suffix_of(cap) != NULL ? 2 : 1;
        }
    }
    return slots;
}

uint8_t compile_caps_bits(const struct manifest *manifest)
{
    uint32_t slots = SLOT_FIRST + compile_caps_slots(manifest) + 1;
    uint8_t bits = 1;
    while (1U << bits < slots) {
        bits++;
    }
    return bits;
}

enum status compile_caps_names(const struct manifest *manifest, struct diag *diag)
{
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        const char *suffix = suffix_of(cap);
        size_t len = cap->name.len + (suffix != NULL ? bytes_text(suffix).len : 0);
        if (bytes_is(cap->name, "exit") || len > BOUND_CAP_NAME) {
            return toml_fail(diag, STATUS_CAP_NAME, "capability name", cap->span, cap->name);
        }
    }
    return STATUS_OK;
}

// What the filling of one CNode needs to know.
struct filling {
    struct plan *plan;
    const struct compile_links *links;
    const struct policy_instance *instance;
    const struct plan_target *target;
    uint16_t index;   // of the target
    uint16_t package; // of the instance
    uint32_t slot;    // the next one
    uint32_t relays;  // given out
};

static struct plan_cap *next_slot(struct filling *f)
{
    struct plan_cap *cap = &f->plan->caps[f->target->first_cap + f->slot];
    *cap = (struct plan_cap){
        .type = PLAN_ENDPOINT, .holder = f->index, .rights = PLAN_WRITE, .slot = f->slot};
    f->slot++;
    return cap;
}

// To the auditor, so that using it is seen.
static void put_tripwire(struct filling *f)
{
    struct plan_cap *cap = next_slot(f);
    cap->kind = PLAN_CAP_TRIPWIRE;
    cap->object = PLAN_AUDITOR;
    cap->badge = plan_badge_of(PLAN_BADGE_TRIPWIRE, f->index, cap->slot);
}

static void put_exit(struct filling *f)
{
    struct plan_cap *cap = next_slot(f);
    cap->kind = PLAN_CAP_BUILT_IN;
    cap->service = PLAN_SERVICE_EXIT;
    cap->object = PLAN_AUDITOR;
    cap->badge = plan_badge_of(PLAN_BADGE_CLIENT, f->index, cap->slot);
    cap->name = bytes_text("exit");
}

uint8_t compile_caps_rights(enum manifest_role role)
{
    static const uint8_t rights[] = {
        [MANIFEST_SERVE] = PLAN_READ,
        [MANIFEST_CALL] = PLAN_WRITE | PLAN_GRANT_REPLY,
        [MANIFEST_SEND] = PLAN_WRITE,
        [MANIFEST_WAIT] = PLAN_READ,
        [MANIFEST_SIGNAL] = PLAN_WRITE,
        [MANIFEST_DRIVE] = 0,
        [MANIFEST_START] = PLAN_WRITE | PLAN_GRANT_REPLY,
    };
    return rights[role];
}

// Callers and senders are told apart by target and slot, signallers by one bit each: above the
// number of any slot, below the kinds of badges. Who receives has no badge.
static uint64_t badge_of(const struct filling *f, const struct plan_cap *cap,
                         enum manifest_role role, struct compile_link *owner)
{
    if (role == MANIFEST_CALL || role == MANIFEST_SEND || role == MANIFEST_START) {
        return plan_badge_of(PLAN_BADGE_CLIENT, f->index, cap->slot);
    }
    return role == MANIFEST_SIGNAL ? PLAN_BADGE_SIGNAL << owner->signals++ % PLAN_SIGNALLERS : 0;
}

static void put_asked(struct filling *f, const struct manifest_cap *asked,
                      const struct compile_link *link)
{
    struct plan_cap *cap = next_slot(f);
    bool service = link->service != PLAN_SERVICE_NONE;
    struct compile_link *owner = service ? NULL : &f->links->of[link->instance][link->cap];
    cap->kind = service ? PLAN_CAP_BUILT_IN : PLAN_CAP_ISSUED;
    cap->service = link->service;
    cap->object = service ? PLAN_AUDITOR : owner->object;
    cap->type = service ? PLAN_ENDPOINT : f->plan->objects[cap->object].type;
    cap->rights = asked->kind == MANIFEST_IRQ ? PLAN_READ : compile_caps_rights(asked->role);
    cap->badge = badge_of(f, cap, asked->role, owner);
    cap->relay = compile_objects_relayed(asked) ? f->relays : 0;
}

// The reply object that was made for a served endpoint.
static void put_reply(struct filling *f, struct bytes endpoint)
{
    struct plan_cap *cap = next_slot(f);
    size_t suffix = sizeof COMPILE_OBJECTS_REPLY - 1;
    cap->type = PLAN_REPLY;
    cap->rights = 0;
    for (uint32_t i = 0; i < f->target->objects; i++) {
        const struct plan_object *object = &f->plan->objects[f->target->first_object + i];
        if (object->type == PLAN_REPLY && object->name.len == endpoint.len + suffix &&
            bytes_starts_with(object->name, endpoint)) {
            cap->object = f->target->first_object + i;
            cap->name = object->name;
        }
    }
}

static void put_handler(struct filling *f, const struct compile_link *link)
{
    struct plan_cap *cap = next_slot(f);
    cap->type = PLAN_IRQ_HANDLER;
    cap->rights = 0;
    cap->object = link->handler;
    cap->name = f->plan->objects[cap->object].name;
}

// Says of the last `count` slots which line of the manifest asked for them.
static void give_reason(struct filling *f, uint32_t count, const struct manifest_cap *asked)
{
    for (uint32_t slot = f->slot - count; slot < f->slot; slot++) {
        struct plan_cap *cap = &f->plan->caps[f->target->first_cap + slot];
        cap->signers = compile_ceiling_signers(f->instance, asked);
        cap->span = (struct plan_span){.line = asked->span.line,
                                       .column = asked->span.column,
                                       .offset = asked->span.offset,
                                       .len = asked->span.len};
        if (cap->name.len == 0) {
            cap->name = asked->name;
        }
    }
}

static void put_manifest(struct filling *f)
{
    const struct manifest *manifest = f->instance->manifest;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *asked = &manifest->caps[i];
        const struct compile_link *link = &f->links->of[f->package][i];
        uint32_t before = f->slot;
        if (manifest_is_area(asked)) {
            continue;
        }
        f->relays += compile_objects_relayed(asked); // an absent peer's has nothing to do
        if (link->absent) {
            put_tripwire(f);
        } else {
            put_asked(f, asked, link);
        }
        if (asked->role == MANIFEST_SERVE) {
            put_reply(f, asked->name);
        } else if (asked->kind == MANIFEST_IRQ) {
            put_handler(f, link);
        }
        give_reason(f, f->slot - before, asked);
    }
}

void compile_caps(struct plan *plan, uint16_t index, const struct compile_links *links,
                  const struct policy_input *input)
{
    struct filling f = {.plan = plan,
                        .links = links,
                        .target = &plan->targets[index],
                        .index = index,
                        .package = plan->targets[index].package_index};
    f.instance = &input->instances[f.package];
    put_tripwire(&f);
    put_exit(&f);
    put_manifest(&f);
    while (f.slot < 1U << f.target->cnode_bits) {
        put_tripwire(&f);
    }
}
