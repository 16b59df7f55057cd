// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"

// A child has nothing that its parent has not. Everything is read from the plan, that of a parent
// as well, after plan_check_caps and plan_check_shared have found each to be what was asked for:
// what the parent was granted is what bounds the child, and not what either's manifest says.
struct pair {
    const struct plan_check_work *w;
    const struct plan_target *child, *parent;
    uint32_t index, parent_index;     // of the plan's targets
    const struct manifest_cap *right; // of the parent's manifest
};

static enum status wrong(const struct pair *pair, const char *what, uint64_t where)
{
    return plan_check_fail(pair->w, STATUS_PLAN_CHILD, what, where, pair->index);
}

uint64_t plan_check_child_rest(const struct manifest *m)
{
    uint64_t shares = 0; // percent
    for (size_t i = 0; i < m->cap_count; i++) {
        if (m->caps[i].kind == MANIFEST_SPAWN) {
            shares += m->caps[i].cpu.value * m->caps[i].most.value;
        }
    }
    uint64_t hundredths = shares * m->cpu.period.value;
    uint64_t given = hundredths / 100 + (hundredths % 100 != 0);
    return given > m->cpu.budget.value ? 0 : m->cpu.budget.value - given;
}

bool plan_check_child_any(const struct manifest *m)
{
    bool any = false;
    for (size_t i = 0; i < m->cap_count; i++) {
        any = any || m->caps[i].kind == MANIFEST_SPAWN;
    }
    return any;
}

bool plan_check_child_memory(const struct manifest *m, const struct plan_object *run)
{
    bool asked = false;
    for (size_t i = 0; i < m->cap_count; i++) {
        const struct manifest_cap *cap = &m->caps[i];
        asked = asked || (cap->kind == MANIFEST_SPAWN && bytes_equal(cap->name, run->name) &&
                          run->count == cap->most.value && run->size_bits < 48 &&
                          1ULL << run->size_bits == cap->size.value);
    }
    return asked;
}

static struct bytes named_parent(const struct plan_check_work *w, size_t package)
{
    return w->input->system->packages[package].parent.value;
}

// Which one of the same parent's it is, as the system file counts them.
static uint32_t count_before(const struct plan_check_work *w, uint16_t package)
{
    uint32_t before = 0;
    for (size_t i = 0; i < package; i++) {
        before += bytes_equal(named_parent(w, i), named_parent(w, package));
    }
    return before;
}

// The line of the parent's manifest that a slot of it is due to.
static const struct manifest_cap *right_in(const struct manifest *m, const struct plan_cap *slot)
{
    for (size_t i = 0; i < m->cap_count; i++) {
        if (m->caps[i].kind == MANIFEST_SPAWN && bytes_equal(m->caps[i].name, slot->name)) {
            return &m->caps[i];
        }
    }
    return NULL;
}

// The system file's "instance/name" is the parent and its slot.
static bool is_named(const struct pair *pair, const struct plan_cap *slot)
{
    struct bytes text = named_parent(pair->w, pair->child->package_index), instance, right;
    return bytes_split(&instance, &right, text, '/') && bytes_equal(instance, pair->parent->name) &&
           bytes_equal(right, slot->name);
}

static enum status find_right(struct pair *pair)
{
    const struct plan *p = pair->w->plan;
    if (pair->child->parent == 0 || pair->child->parent > p->target_count) {
        return wrong(pair, "parent", pair->index);
    }
    pair->parent_index = pair->child->parent - 1;
    pair->parent = &p->targets[pair->parent_index];
    if (pair->child->parent_slot >= pair->parent->caps) {
        return wrong(pair, "slot of the parent", pair->index);
    }
    const struct plan_cap *slot = &p->caps[pair->parent->first_cap + pair->child->parent_slot];
    if (slot->service != PLAN_SERVICE_SPAWN || !is_named(pair, slot)) {
        return wrong(pair, "slot of the parent", pair->index);
    }
    pair->right = right_in(plan_check_instance(pair->w, pair->parent_index)->manifest, slot);
    bool package =
        pair->right != NULL && bytes_equal(pair->right->peer.package, pair->child->package);
    return package ? STATUS_OK : wrong(pair, "package of a child", pair->index);
}

// What it takes is in what the parent's right sets aside.
static enum status check_quota(const struct pair *pair)
{
    const struct plan_target *t = pair->child;
    if (t->child != count_before(pair->w, t->package_index) ||
        t->child >= pair->right->most.value) {
        return wrong(pair, "number of a child", pair->index);
    }
    if (1ULL << t->untyped_bits > pair->right->size.value) {
        return wrong(pair, "memory of a child", pair->index);
    }
    const struct manifest_cpu *cpu = &plan_check_instance(pair->w, pair->index)->manifest->cpu;
    if (t->passive || cpu->budget.value * 100 > pair->right->cpu.value * cpu->period.value) {
        return wrong(pair, "time of a child", pair->index);
    }
    if (t->priority > pair->parent->max_priority || t->max_priority > pair->parent->max_priority) {
        return wrong(pair, "priority of a child", pair->index);
    }
    return STATUS_OK;
}

static const struct plan_check_owner *owner_of(const struct pair *pair, uint32_t object)
{
    return &pair->w->owners[object];
}

// Does one of the parent's slots give as much?
static bool slot_gives(const struct pair *pair, const struct plan_cap *c)
{
    bool gives = false;
    for (uint32_t i = 0; i < pair->parent->caps; i++) {
        const struct plan_cap *own = &pair->w->plan->caps[pair->parent->first_cap + i];
        gives = gives || (own->kind == c->kind && own->service == c->service &&
                          own->object == c->object && (c->rights & ~own->rights) == 0);
    }
    return gives;
}

static bool cap_is_held(const struct pair *pair, const struct plan_cap *c)
{
    if (c->kind == PLAN_CAP_TRIPWIRE || c->service == PLAN_SERVICE_EXIT) {
        return true;
    }
    if (c->kind == PLAN_CAP_BUILT_IN) {
        return c->service != PLAN_SERVICE_SPAWN && slot_gives(pair, c);
    }
    if (c->type == PLAN_REPLY) {
        return pair->w->plan->objects[c->object].owner == pair->index;
    }
    bool talks = c->type == PLAN_ENDPOINT || c->type == PLAN_NOTIFICATION;
    uint32_t owner = owner_of(pair, c->object)->target;
    return talks && (owner == pair->index || owner == pair->parent_index || slot_gives(pair, c));
}

// Memory of the system that the parent shows itself, with as much access, and that is not the
// child's own: a parent has none set aside for that.
static bool mapping_is_held(const struct pair *pair, const struct plan_mapping *m)
{
    const struct plan *p = pair->w->plan;
    bool held = p->objects[m->object].type != PLAN_SYSTEM_PAGES;
    bool own =
        !held && owner_of(pair, (uint32_t)p->objects[m->object].vaddr)->target == pair->index;
    for (uint32_t i = 0; i < pair->parent->mappings && !held && !own; i++) {
        const struct plan_mapping *its = &p->mappings[pair->parent->first_mapping + i];
        held = p->objects[its->object].type == PLAN_SYSTEM_PAGES &&
               p->objects[its->object].vaddr == p->objects[m->object].vaddr &&
               (its->write || !m->write) && m->fill == PLAN_FILL_REGION;
    }
    return held;
}

static enum status check_held(const struct pair *pair)
{
    const struct plan *p = pair->w->plan;
    for (uint32_t i = 0; i < pair->child->caps; i++) {
        if (!cap_is_held(pair, &p->caps[pair->child->first_cap + i])) {
            return wrong(pair, "capability of a child", pair->child->first_cap + i);
        }
    }
    for (uint32_t i = 0; i < pair->child->mappings; i++) {
        if (!mapping_is_held(pair, &p->mappings[pair->child->first_mapping + i])) {
            return wrong(pair, "mapping of a child", pair->child->first_mapping + i);
        }
    }
    return STATUS_OK;
}

enum status plan_check_child(struct plan_check_work *w)
{
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        struct pair pair = {.w = w, .child = &w->plan->targets[i], .index = i};
        if (!plan_check_is_child(w, i)) {
            const struct plan_target *t = pair.child;
            if (t->parent != 0 || t->parent_slot != 0 || t->child != 0) {
                return wrong(&pair, "parent of nobody's child", i);
            }
            continue;
        }
        enum status status = find_right(&pair);
        status = status == STATUS_OK ? check_quota(&pair) : status;
        status = status == STATUS_OK ? check_held(&pair) : status;
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}
