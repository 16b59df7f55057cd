// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"
#include "plan_check_peer.h"

// The regions and devices of a target are its last mappings, in the order of the manifest
// (plan_check_space). First each system object gets its owner, then every other mapping of it is
// checked against that owner.
struct walk {
    struct plan_check_work *w;
    const struct policy_instance *from;
    uint32_t index;   // of the target
    uint32_t mapping; // of the plan, the next one
};

static enum status wrong(const struct walk *walk, enum status status, const char *what)
{
    return plan_check_fail(walk->w, status, what, walk->mapping, walk->index);
}

static struct walk walk_of(struct plan_check_work *w, uint32_t target)
{
    const struct plan_target *t = &w->plan->targets[target];
    struct walk walk = {.w = w, .from = plan_check_instance(w, target), .index = target};
    walk.mapping = t->first_mapping + t->mappings;
    for (size_t i = 0; i < walk.from->manifest->cap_count; i++) {
        walk.mapping -= plan_check_peer_area(w, &walk.from->manifest->caps[i], walk.from);
    }
    return walk;
}

// The system object that the next mapping shows, whole.
static enum status find_shown(uint64_t *shown, const struct walk *walk,
                              const struct manifest_cap *asked)
{
    const struct plan *p = walk->w->plan;
    const struct plan_object *pages = &p->objects[p->mappings[walk->mapping].object];
    if (pages->vaddr >= walk->w->system_objects) {
        return wrong(walk, STATUS_PLAN_SHARED, "object of a region");
    }
    const struct plan_object *o = &p->objects[pages->vaddr];
    bool device = asked->kind == MANIFEST_DEVICE;
    if (o->type != (device ? PLAN_DEVICE_FRAME : PLAN_FRAME) || o->count != pages->count) {
        return wrong(walk, STATUS_PLAN_SHARED, "object of a region");
    }
    *shown = pages->vaddr;
    return STATUS_OK;
}

static enum status note_owner(const struct walk *walk, const struct manifest_cap *asked,
                              uint64_t shown)
{
    const struct plan_object *o = &walk->w->plan->objects[shown];
    struct plan_check_owner *owner = &walk->w->owners[shown];
    if (o->vaddr != asked->at.value) {
        return wrong(walk, STATUS_PLAN_CAP, "object of a region");
    }
    if (owner->manifest != NULL) { // a device that all its readers share is the first one's
        bool shared = asked->kind == MANIFEST_DEVICE && asked->shared && owner->cap->shared;
        return shared && !asked->write && !owner->cap->write
                   ? STATUS_OK
                   : wrong(walk, STATUS_PLAN_SHARED, "region of two owners");
    }
    if (!bytes_equal(o->name, asked->name)) {
        return wrong(walk, STATUS_PLAN_CAP, "object of a region");
    }
    *owner = (struct plan_check_owner){
        .manifest = walk->from->manifest, .cap = asked, .target = walk->index};
    return STATUS_OK;
}

static enum status check_map(const struct walk *walk, const struct manifest_cap *asked,
                             uint64_t shown)
{
    const struct plan_check_owner *owner = &walk->w->owners[shown];
    if (owner->manifest == NULL || !plan_check_peer(walk->w, asked, walk->from, owner)) {
        return wrong(walk, STATUS_PLAN_CAP, "peer of a region");
    }
    return STATUS_OK;
}

static enum status check_covered(const struct walk *walk, const struct manifest_cap *asked)
{
    uint64_t keys = plan_check_ceiling_keys(walk->from->verified, asked);
    uint64_t given = walk->w->plan->mappings[walk->mapping].signers;
    return given == keys && plan_check_ceiling_enough(walk->from->verified, asked, keys)
               ? STATUS_OK
               : wrong(walk, STATUS_PLAN_CAP, "ceiling of a region");
}

// One of the two passes over a target.
static enum status check_target(struct plan_check_work *w, uint32_t target, bool owners)
{
    struct walk walk = walk_of(w, target);
    const struct manifest *m = walk.from->manifest;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < m->cap_count && status == STATUS_OK; i++) {
        const struct manifest_cap *asked = &m->caps[i];
        uint64_t shown = 0;
        if (!plan_check_peer_area(w, asked, walk.from)) {
            continue;
        }
        if (asked->owner == owners) {
            status = find_shown(&shown, &walk, asked);
        }
        if (asked->owner == owners && status == STATUS_OK) {
            status = owners ? note_owner(&walk, asked, shown) : check_map(&walk, asked, shown);
        }
        if (status == STATUS_OK) {
            status = check_covered(&walk, asked);
        }
        walk.mapping++;
    }
    return status;
}

// The range of hardware that an object is, in its own kind of addresses.
static uint64_t first_of(const struct plan_object *o)
{
    return o->type == PLAN_IO_PORTS ? o->vaddr >> 16 : o->vaddr;
}

static uint64_t last_of(const struct plan_object *o)
{
    switch (o->type) {
    case PLAN_IO_PORTS:
        return o->vaddr & 0xffff;
    case PLAN_DEVICE_FRAME:
        return o->vaddr + o->count * 4096ULL - 1;
    default:
        return o->vaddr;
    }
}

// The last range is COM2, which is a target's where nobody controls the system.
static bool is_root_task(const struct plan_object *o, bool controlled)
{
    static const uint16_t ports[][2] = {
        {0x3f8, 0x3ff}, {0xf4, 0xf7}, {0x510, 0x51f}, {0x2f8, 0x2ff}};
    bool root = false;
    for (size_t i = 0; i < sizeof ports / sizeof *ports - !controlled; i++) {
        root = root || (first_of(o) <= ports[i][1] && last_of(o) >= ports[i][0]);
    }
    bool line = controlled && o->type == PLAN_IRQ_HANDLER && o->vaddr == 3;
    return (root && o->type == PLAN_IO_PORTS) || line;
}

// No two objects are the same piece of hardware.
static enum status check_hardware(const struct plan_check_work *w)
{
    for (uint32_t i = 0; i < w->system_objects; i++) {
        const struct plan_object *a = &w->plan->objects[i];
        bool hardware =
            a->type == PLAN_IO_PORTS || a->type == PLAN_DEVICE_FRAME || a->type == PLAN_IRQ_HANDLER;
        for (uint32_t k = 0; k < i && hardware; k++) {
            const struct plan_object *b = &w->plan->objects[k];
            if (a->type == b->type && first_of(a) <= last_of(b) && first_of(b) <= last_of(a)) {
                return plan_check_fail(w, STATUS_PLAN_SHARED, "hardware of two", i, PLAN_SYSTEM);
            }
        }
        if (is_root_task(a, w->input->system->control.allowed)) {
            return plan_check_fail(w, STATUS_PLAN_SHARED, "ports of the root task", i, PLAN_SYSTEM);
        }
    }
    return STATUS_OK;
}

enum status plan_check_shared(struct plan_check_work *w)
{
    enum status status = check_hardware(w);
    for (uint32_t i = 0; i < w->plan->target_count && status == STATUS_OK; i++) {
        status = plan_check_vacant(w, i) ? STATUS_OK : check_target(w, i, true);
    }
    for (uint32_t i = 0; i < w->plan->target_count && status == STATUS_OK; i++) {
        status = plan_check_vacant(w, i) ? STATUS_OK : check_target(w, i, false);
    }
    return status;
}
