// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"
#include "plan_check_peer.h"

// No target holds what its manifest does not ask for and its signers' ceilings do not cover, none
// lacks what it asks for, each object of the system is some target's own, and whatever is left of a
// CNode is tripwires (spec/plan.md, 5).
//
// Walks the slots of a target side by side with its manifest. It is done twice: first the owners of
// system objects are noted, then everything is checked.
struct walk {
    struct plan_check_work *w;
    const struct plan_target *target;
    const struct policy_instance *from;
    uint32_t index; // of the target
    uint32_t slot;  // the next one
    uint32_t relay; // of the capability at hand; 0 = it is not traced
    uint32_t relays;
};

static const struct plan_cap *cap_at(const struct walk *walk, uint32_t slot)
{
    return &walk->w->plan->caps[walk->target->first_cap + slot];
}

static enum status wrong(const struct walk *walk, enum status status, const char *what)
{
    return plan_check_fail(walk->w, status, what, walk->target->first_cap + walk->slot,
                           walk->index);
}

static struct walk walk_of(struct plan_check_work *w, uint32_t target)
{
    return (struct walk){.w = w,
                         .target = &w->plan->targets[target],
                         .from = plan_check_instance(w, target),
                         .index = target,
                         .slot = 2};
}

static bool is_serve(const struct manifest_cap *asked)
{
    return asked->kind == MANIFEST_ENDPOINT && asked->owner;
}

// How many slots a capability of the manifest takes: regions and devices are not in the CSpace.
static uint32_t slots_of(const struct manifest_cap *asked)
{
    switch (asked->kind) {
    case MANIFEST_REGION:
    case MANIFEST_DEVICE:
        return 0;
    case MANIFEST_IRQ:
        return 2;
    default:
        return is_serve(asked) ? 2 : 1;
    }
}

// Is it NAME and then the suffix?
static bool is_named(struct bytes name, struct bytes first, const char *suffix)
{
    struct bytes rest = bytes_text(suffix);
    return name.len == first.len + rest.len && bytes_equal(bytes_part(name, 0, first.len), first) &&
           bytes_equal(bytes_part(name, first.len, rest.len), rest);
}

// The type of its first slot.
static enum plan_type type_of(const struct manifest_cap *asked)
{
    switch (asked->kind) {
    case MANIFEST_ENDPOINT:
    case MANIFEST_SPAWN:
        return PLAN_ENDPOINT;
    case MANIFEST_IOPORT:
        return PLAN_IO_PORTS;
    default:
        return PLAN_NOTIFICATION;
    }
}

// What a slot must be whatever it holds.
static enum status check_frame(const struct walk *walk, const struct plan_cap *c)
{
    if (c->slot != walk->slot || c->holder != walk->index) {
        return wrong(walk, STATUS_PLAN_SLOT, "place of a capability");
    }
    if (c->relay != (c->kind == PLAN_CAP_ISSUED ? walk->relay : 0)) {
        return wrong(walk, STATUS_PLAN_CAP, "relay of a capability");
    }
    if (c->type != PLAN_ENDPOINT && c->type != PLAN_NOTIFICATION && c->type != PLAN_REPLY &&
        c->type != PLAN_IRQ_HANDLER && c->type != PLAN_IO_PORTS) {
        return wrong(walk, STATUS_PLAN_CONTROL, "type of a capability");
    }
    return STATUS_OK;
}

static uint64_t auditor_badge(const struct walk *walk, uint64_t kind)
{
    return kind * 0x0100000000000000ULL + walk->index * 0x100000000ULL + walk->slot;
}

static bool is_tripwire(const struct walk *walk, const struct plan_cap *c)
{
    return c->kind == PLAN_CAP_TRIPWIRE && c->service == PLAN_SERVICE_NONE &&
           c->type == PLAN_ENDPOINT && c->rights == PLAN_WRITE && c->object == PLAN_AUDITOR &&
           c->badge == auditor_badge(walk, 2);
}

static bool nobody_asked(const struct plan_cap *c)
{
    return c->span.line == 0 && c->span.column == 0 && c->span.offset == 0 && c->span.len == 0 &&
           c->signers == 0;
}

static enum status check_unissued(const struct walk *walk)
{
    const struct plan_cap *c = cap_at(walk, walk->slot);
    enum status status = check_frame(walk, c);
    if (status != STATUS_OK) {
        return status;
    }
    if (!is_tripwire(walk, c) || !nobody_asked(c) || c->name.len != 0) {
        return wrong(walk, STATUS_PLAN_SLOT, "tripwire");
    }
    return STATUS_OK;
}

static enum status check_exit(const struct walk *walk)
{
    const struct plan_cap *c = cap_at(walk, walk->slot);
    enum status status = check_frame(walk, c);
    if (status != STATUS_OK) {
        return status;
    }
    if (c->kind != PLAN_CAP_BUILT_IN || c->service != PLAN_SERVICE_EXIT ||
        c->type != PLAN_ENDPOINT || c->rights != PLAN_WRITE || c->object != PLAN_AUDITOR ||
        c->badge != auditor_badge(walk, 3) || !bytes_is(c->name, "exit") || !nobody_asked(c)) {
        return wrong(walk, STATUS_PLAN_SLOT, "exit");
    }
    return STATUS_OK;
}

// The line of the manifest and the keys that cover it.
static enum status check_reason(const struct walk *walk, const struct plan_cap *c,
                                const struct manifest_cap *asked)
{
    const struct toml_span *span = &asked->span;
    if (c->span.line != span->line || c->span.column != span->column ||
        c->span.offset != span->offset || c->span.len != span->len) {
        return wrong(walk, STATUS_PLAN_CAP, "line of a capability");
    }
    uint64_t keys = plan_check_ceiling_keys(walk->from->verified, asked);
    if (c->signers != keys || !plan_check_ceiling_enough(walk->from->verified, asked, keys)) {
        return wrong(walk, STATUS_PLAN_CAP, "ceiling of a capability");
    }
    return STATUS_OK;
}

static enum status check_rights(const struct walk *walk, const struct plan_cap *c,
                                const struct manifest_cap *asked)
{
    static const uint8_t rights[] = {
        [MANIFEST_SERVE] = 2,  [MANIFEST_CALL] = 9,  [MANIFEST_SEND] = 1, [MANIFEST_WAIT] = 2,
        [MANIFEST_SIGNAL] = 1, [MANIFEST_DRIVE] = 0, [MANIFEST_START] = 9};
    uint8_t most = asked->kind == MANIFEST_IRQ ? 2 : rights[asked->role];
    if (c->rights & ~most) {
        return wrong(walk, STATUS_PLAN_CAP, "rights of a capability");
    }
    return c->rights == most ? STATUS_OK
                             : wrong(walk, STATUS_PLAN_MISSING, "rights of a capability");
}

// Everything of an asked-for capability but its object and badge.
static enum status check_asked(const struct walk *walk, const struct plan_cap *c,
                               const struct manifest_cap *asked)
{
    if (c->type != type_of(asked) || !bytes_equal(c->name, asked->name)) {
        return wrong(walk, STATUS_PLAN_CAP, "name of a capability");
    }
    enum status status = check_rights(walk, c, asked);
    return status == STATUS_OK ? check_reason(walk, c, asked) : status;
}

// A slot of an optional peer that is not there.
static enum status check_absent(const struct walk *walk, const struct plan_cap *c,
                                const struct manifest_cap *asked)
{
    if (!is_tripwire(walk, c) || !bytes_equal(c->name, asked->name)) {
        return wrong(walk, STATUS_PLAN_SLOT, "tripwire of an absent peer");
    }
    if (asked->owner || !asked->optional || plan_check_peer_there(walk->w, asked, walk->from)) {
        return wrong(walk, STATUS_PLAN_MISSING, "capability");
    }
    return check_reason(walk, c, asked);
}

static enum status check_service(const struct walk *walk, const struct plan_cap *c,
                                 const struct manifest_cap *asked)
{
    bool root = bytes_is(asked->peer.package, "kpkg.root");
    bool console = bytes_is(asked->peer.name, "console") && c->service == PLAN_SERVICE_CONSOLE;
    bool time = bytes_is(asked->peer.name, "time") && c->service == PLAN_SERVICE_TIME;
    bool spawn = asked->kind == MANIFEST_SPAWN && c->service == PLAN_SERVICE_SPAWN;
    if (asked->owner || !(spawn || (root && (console || time))) || c->object != PLAN_AUDITOR ||
        c->badge != auditor_badge(walk, 3)) {
        return wrong(walk, STATUS_PLAN_CAP, "built-in service");
    }
    return check_asked(walk, c, asked);
}

static uint64_t badge_for(const struct walk *walk, const struct plan_cap *c,
                          const struct manifest_cap *asked)
{
    switch (asked->role) {
    case MANIFEST_CALL:
    case MANIFEST_SEND:
        return auditor_badge(walk, 3);
    case MANIFEST_SIGNAL:
        return 4096ULL << walk->w->owners[c->object].signals++ % 44;
    default:
        return 0;
    }
}

// Does `asked`, or the notification that it signals, own the object?
static bool is_own(const struct walk *walk, const struct plan_check_owner *owner,
                   const struct manifest_cap *asked)
{
    if (owner->manifest != walk->from->manifest || owner->target != walk->index) {
        return false;
    }
    bool signalled = asked->signal.len != 0 && owner->cap->role == MANIFEST_WAIT &&
                     bytes_equal(owner->cap->name, asked->signal);
    return signalled || (asked->signal.len == 0 && owner->cap == asked);
}

static enum status check_issued(const struct walk *walk, const struct plan_cap *c,
                                const struct manifest_cap *asked)
{
    if (c->object >= walk->w->system_objects) {
        return wrong(walk, STATUS_PLAN_SHARED, "object of a capability");
    }
    const struct plan_check_owner *owner = &walk->w->owners[c->object];
    bool connected = asked->owner ? is_own(walk, owner, asked)
                                  : plan_check_peer(walk->w, asked, walk->from, owner);
    if (!connected) {
        return wrong(walk, STATUS_PLAN_CAP, "peer of a capability");
    }
    if (c->service != PLAN_SERVICE_NONE || c->badge != badge_for(walk, c, asked)) {
        return wrong(walk, STATUS_PLAN_CAP, "badge of a capability");
    }
    return check_asked(walk, c, asked);
}

static enum status check_reply(const struct walk *walk, const struct plan_cap *c,
                               const struct manifest_cap *asked)
{
    const struct plan_target *t = walk->target;
    enum status status = check_frame(walk, c);
    if (status != STATUS_OK) {
        return status;
    }
    if (c->object < t->first_object || c->object - t->first_object >= t->objects ||
        walk->w->used[c->object]) {
        return wrong(walk, STATUS_PLAN_SHARED, "reply object");
    }
    if (!is_named(c->name, asked->name, ".reply") || c->kind != PLAN_CAP_ISSUED ||
        c->service != PLAN_SERVICE_NONE || c->type != PLAN_REPLY ||
        walk->w->plan->objects[c->object].type != PLAN_REPLY || c->rights != 0 || c->badge != 0) {
        return wrong(walk, STATUS_PLAN_CAP, "reply capability");
    }
    walk->w->used[c->object] = true;
    return check_reason(walk, c, asked);
}

// The handler of an interrupt line, whose notification is in the slot before: it signals that one.
static enum status check_handler(const struct walk *walk, const struct plan_cap *c,
                                 const struct manifest_cap *asked)
{
    enum status status = check_frame(walk, c);
    if (status != STATUS_OK) {
        return status;
    }
    if (c->object >= walk->w->system_objects || walk->w->owners[c->object].cap != asked ||
        walk->w->owners[c->object].target != walk->index) {
        return wrong(walk, STATUS_PLAN_SHARED, "interrupt handler");
    }
    if (c->kind != PLAN_CAP_ISSUED || c->service != PLAN_SERVICE_NONE ||
        c->type != PLAN_IRQ_HANDLER || walk->w->plan->objects[c->object].type != PLAN_IRQ_HANDLER ||
        c->rights != 0 || c->badge != 0 ||
        !bytes_equal(c->name, walk->w->plan->objects[c->object].name) ||
        walk->w->plan->objects[c->object].signals != c[-1].object) {
        return wrong(walk, STATUS_PLAN_CAP, "interrupt handler");
    }
    return check_reason(walk, c, asked);
}

// The slots of one capability of the manifest.
static enum status check_entry(struct walk *walk, const struct manifest_cap *asked)
{
    if (slots_of(asked) == 0) {
        return STATUS_OK;
    }
    if (asked->traced && (asked->role != MANIFEST_CALL || asked->owner ||
                          bytes_is(asked->peer.package, "kpkg.root"))) {
        return wrong(walk, STATUS_PLAN_CAP, "traced capability");
    }
    walk->relay = asked->traced ? ++walk->relays : 0;
    const struct plan_cap *c = cap_at(walk, walk->slot);
    enum status status = check_frame(walk, c);
    if (status != STATUS_OK) {
        return status;
    }
    switch (c->kind) {
    case PLAN_CAP_TRIPWIRE:
        status = check_absent(walk, c, asked);
        break;
    case PLAN_CAP_BUILT_IN:
        status = check_service(walk, c, asked);
        break;
    case PLAN_CAP_ISSUED:
        status = check_issued(walk, c, asked);
        break;
    default:
        return wrong(walk, STATUS_PLAN_SLOT, "kind of a capability");
    }
    walk->slot++;
    if (status != STATUS_OK || slots_of(asked) == 1) {
        return status;
    }
    c = cap_at(walk, walk->slot);
    status = is_serve(asked) ? check_reply(walk, c, asked) : check_handler(walk, c, asked);
    walk->slot++;
    return status;
}

// The radix is the least with a slot left after everything that was asked for.
static enum status check_radix(const struct walk *walk)
{
    const struct manifest *m = walk->from->manifest;
    uint64_t slots = 3;
    for (size_t i = 0; i < m->cap_count; i++) {
        slots += slots_of(&m->caps[i]);
    }
    uint64_t have = walk->target->caps;
    return slots <= have && slots > have / 2
               ? STATUS_OK
               : plan_check_fail(walk->w, STATUS_PLAN_SUM, "radix of a CNode", walk->index,
                                 walk->index);
}

// The system object of the capability in a slot gets its owner; each has one.
static enum status note_owner(const struct walk *walk, uint32_t object, enum plan_type type,
                              const struct manifest_cap *asked)
{
    if (object >= walk->w->system_objects || walk->w->owners[object].manifest != NULL) {
        return wrong(walk, STATUS_PLAN_SHARED, "object of an owner");
    }
    const struct plan_object *o = &walk->w->plan->objects[object];
    bool handler = type == PLAN_IRQ_HANDLER;
    uint64_t at = asked->kind == MANIFEST_IOPORT ? asked->at.value << 16 | asked->last.value : 0;
    at = handler ? asked->at.value : at;
    bool triggered = o->level == (handler && asked->level) && o->low == (handler && asked->low);
    bool named = is_named(o->name, asked->name, handler ? ".handler" : "");
    if (o->type != type || o->vaddr != at || !triggered || !named) {
        return wrong(walk, STATUS_PLAN_CAP, "object of an owner");
    }
    walk->w->owners[object] = (struct plan_check_owner){
        .manifest = walk->from->manifest, .cap = asked, .target = walk->index};
    return STATUS_OK;
}

// Notes which of this target's capabilities own system objects. The notification of an interrupt
// that signals another one is that one's.
static enum status note_owners(struct walk *walk)
{
    const struct manifest *m = walk->from->manifest;
    enum status status = check_radix(walk);
    for (size_t i = 0; i < m->cap_count && status == STATUS_OK; i++) {
        const struct manifest_cap *asked = &m->caps[i];
        if (slots_of(asked) == 0) {
            continue;
        }
        uint32_t object = cap_at(walk, walk->slot)->object;
        if (asked->owner && asked->signal.len == 0) {
            status = note_owner(walk, object, type_of(asked), asked);
        }
        if (asked->kind == MANIFEST_IRQ && status == STATUS_OK) {
            object = cap_at(walk, walk->slot + 1)->object;
            status = note_owner(walk, object, PLAN_IRQ_HANDLER, asked);
        }
        walk->slot += slots_of(asked);
    }
    return status;
}

static enum status check_slots(struct walk *walk)
{
    const struct manifest *m = walk->from->manifest;
    walk->slot = 0;
    enum status status = check_unissued(walk);
    walk->slot = 1;
    status = status == STATUS_OK ? check_exit(walk) : status;
    walk->slot = 2;
    for (size_t i = 0; i < m->cap_count && status == STATUS_OK; i++) {
        status = check_entry(walk, &m->caps[i]);
    }
    walk->relay = 0;
    for (; walk->slot < walk->target->caps && status == STATUS_OK; walk->slot++) {
        status = check_unissued(walk);
    }
    return status;
}

static enum status check_nothing_unowned(const struct plan_check_work *w)
{
    for (uint32_t i = 0; i < w->system_objects; i++) {
        if (w->owners[i].manifest == NULL) {
            return plan_check_fail(w, STATUS_PLAN_SHAPE, "object without owner", i, PLAN_SYSTEM);
        }
    }
    return STATUS_OK;
}

static enum status check_replies(const struct plan_check_work *w)
{
    for (uint32_t i = w->system_objects; i < w->plan->object_count; i++) {
        if (w->plan->objects[i].type == PLAN_REPLY && !w->used[i]) {
            return plan_check_fail(w, STATUS_PLAN_SHAPE, "reply object without capability", i,
                                   w->plan->objects[i].owner);
        }
    }
    return STATUS_OK;
}

enum status plan_check_caps(struct plan_check_work *w)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < w->plan->target_count && status == STATUS_OK; i++) {
        struct walk walk = walk_of(w, i);
        status = plan_check_vacant(w, i) ? STATUS_OK : note_owners(&walk);
    }
    for (uint32_t i = 0; i < w->plan->target_count && status == STATUS_OK; i++) {
        struct walk walk = walk_of(w, i);
        status = plan_check_vacant(w, i) ? STATUS_OK : check_slots(&walk);
    }
    if (status == STATUS_OK) {
        status = check_nothing_unowned(w);
    }
    return status == STATUS_OK ? check_replies(w) : status;
}
