// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"

// What a target's objects take is added up again, as the kernel will: its untyped's bump pointer
// goes up to a multiple of each object's size (spec/plan.md, 3). So building them cannot run out of
// memory, and what `memory_used` says must come back when they go.

// What one target's objects come to.
struct tally {
    uint64_t watermark; // of the untyped's bump pointer
    uint64_t slot;      // next one of the holder
    unsigned cnodes, tcbs, sched_contexts, vspaces;
    unsigned relays[4]; // threads, CNodes, endpoints, reply objects
    unsigned children;  // runs of their memory
};

// The size that an object of a target must have; 0: targets have no such objects here.
static unsigned expected_bits(const struct plan_target *t, enum plan_type type)
{
    static const uint8_t bits[PLAN_TYPE_COUNT] = {
        [PLAN_TCB] = 11,           [PLAN_SCHED_CONTEXT] = 8,  [PLAN_REPLY] = 5,
        [PLAN_VSPACE] = 12,        [PLAN_PDPT] = 12,          [PLAN_PAGE_DIRECTORY] = 12,
        [PLAN_PAGE_TABLE] = 12,    [PLAN_FRAME] = 12,         [PLAN_LARGE_FRAME] = 21,
        [PLAN_PACKAGE_PAGES] = 12, [PLAN_SYSTEM_PAGES] = 12,  [PLAN_RELAY_TCB] = 11,
        [PLAN_RELAY_CNODE] = 8,    [PLAN_RELAY_ENDPOINT] = 4, [PLAN_RELAY_REPLY] = 5,
    };
    if (type == PLAN_CNODE) {
        return t->cnode_bits + 5U;
    }
    return (unsigned)type < PLAN_TYPE_COUNT ? bits[type] : 0;
}

static bool has_address(enum plan_type type)
{
    return type == PLAN_PDPT || type == PLAN_PAGE_DIRECTORY || type == PLAN_PAGE_TABLE ||
           type == PLAN_PACKAGE_PAGES || type == PLAN_SYSTEM_PAGES;
}

static void count(struct tally *tally, const struct plan_object *o)
{
    tally->cnodes += o->type == PLAN_CNODE ? o->count : 0;
    tally->tcbs += o->type == PLAN_TCB ? o->count : 0;
    tally->sched_contexts += o->type == PLAN_SCHED_CONTEXT ? o->count : 0;
    tally->vspaces += o->type == PLAN_VSPACE ? o->count : 0;
    if (o->type >= PLAN_RELAY_TCB && o->type <= PLAN_RELAY_REPLY) {
        // Of each there is one run, so that the n-th in it is the n-th relay's.
        unsigned *run = &tally->relays[o->type - PLAN_RELAY_TCB];
        *run = *run == 0 ? o->count : UINT32_MAX;
    }
    tally->children += o->type == PLAN_CHILD_UNTYPED;
    tally->slot += o->count;
    if (o->type != PLAN_PACKAGE_PAGES && o->type != PLAN_SYSTEM_PAGES) {
        uint64_t mask = (1ULL << o->size_bits) - 1;
        tally->watermark += (mask + 1 - (tally->watermark & mask)) & mask;
        tally->watermark += (mask + 1) * o->count;
    }
}

// The untyped and the holder, whose caps the root task keeps elsewhere.
static bool starts_right(const struct plan_target *t, const struct plan_object *objects)
{
    const struct plan_object *untyped = &objects[0], *holder = &objects[1];
    return t->objects >= 2 && untyped->type == PLAN_UNTYPED && untyped->count == 1 &&
           untyped->size_bits == t->untyped_bits && untyped->holder_slot == 0 &&
           untyped->vaddr == 0 && holder->type == PLAN_HOLDER && holder->count == 1 &&
           holder->size_bits == t->holder_bits + 5 && holder->holder_slot == 0 &&
           holder->vaddr == 0 && t->holder_bits <= PLAN_HOLDER_BITS_MAX;
}

static enum status check_objects(const struct plan_check_work *w, uint32_t index,
                                 struct tally *tally)
{
    const struct plan_target *t = &w->plan->targets[index];
    for (uint32_t i = 2; i < t->objects; i++) {
        const struct plan_object *o = &w->plan->objects[t->first_object + i];
        bool child = o->type == PLAN_CHILD_UNTYPED &&
                     plan_check_child_memory(plan_check_instance(w, index)->manifest, o);
        unsigned bits = child ? o->size_bits : expected_bits(t, o->type);
        if (bits == 0 || o->size_bits != bits || o->count == 0 ||
            (!has_address(o->type) && o->vaddr != 0)) {
            return plan_check_fail(w, STATUS_PLAN_SHAPE, "object", t->first_object + i, index);
        }
        if (o->holder_slot != tally->slot) {
            return plan_check_fail(w, STATUS_PLAN_SUM, "slot of the holder", t->first_object + i,
                                   index);
        }
        count(tally, o);
    }
    return STATUS_OK;
}

// The smallest radix with room for all slots: a larger one would be memory nobody asked for.
static bool radix_is_least(uint8_t bits, uint64_t slots)
{
    return slots <= 1ULL << bits && (bits == 1 || slots > 1ULL << (bits - 1));
}

static unsigned traced(const struct manifest *m)
{
    unsigned count = 0;
    for (size_t i = 0; i < m->cap_count; i++) {
        count += m->caps[i].traced;
    }
    return count;
}

// Of each right there is one run: as many as there are rights, and each right has one.
static bool children_are_right(const struct plan *plan, const struct plan_target *t,
                               const struct manifest *m, const struct tally *tally)
{
    unsigned rights = 0, met = 0;
    for (size_t c = 0; c < m->cap_count; c++) {
        unsigned runs = 0;
        rights += m->caps[c].kind == MANIFEST_SPAWN;
        for (uint32_t i = 2; i < t->objects && m->caps[c].kind == MANIFEST_SPAWN; i++) {
            const struct plan_object *o = &plan->objects[t->first_object + i];
            runs += o->type == PLAN_CHILD_UNTYPED && bytes_equal(o->name, m->caps[c].name);
        }
        met += runs == 1;
    }
    return rights == met && rights == tally->children;
}

static enum status check_target(const struct plan_check_work *w, uint32_t index)
{
    const struct plan_target *t = &w->plan->targets[index];
    const struct manifest *m = plan_check_instance(w, index)->manifest;
    struct tally tally = {.slot = 1};
    if (t->untyped_bits > 47 || 1ULL << t->untyped_bits != m->memory.limit.value) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "memory limit", index, index);
    }
    if (t->objects < 2 || !starts_right(t, &w->plan->objects[t->first_object])) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "first objects", t->first_object, index);
    }
    tally.watermark = 1ULL << (t->holder_bits + 5);
    enum status status = check_objects(w, index, &tally);
    if (status != STATUS_OK) {
        return status;
    }
    if (tally.cnodes != 1 || tally.tcbs != 1 || tally.sched_contexts != 1 || tally.vspaces != 1) {
        return plan_check_fail(w, STATUS_PLAN_SHAPE, "objects of a thread", index, index);
    }
    for (size_t i = 0; i < 4; i++) {
        if (tally.relays[i] != traced(m)) {
            return plan_check_fail(w, STATUS_PLAN_SHAPE, "objects of relays", index, index);
        }
    }
    if (!children_are_right(w->plan, t, m, &tally)) {
        return plan_check_fail(w, STATUS_PLAN_CHILD, "memory of children", index, index);
    }
    if (!radix_is_least(t->holder_bits, tally.slot)) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "radix of the holder", index, index);
    }
    if (tally.watermark != t->memory_used || tally.watermark > 1ULL << t->untyped_bits) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "memory", index, index);
    }
    return STATUS_OK;
}

// All targets together. Shares of the CPU are in parts per million, rounded up.
static enum status check_limits(const struct plan_check_work *w)
{
    const struct system_control *control = &w->input->system->control;
    uint64_t memory = (control->memory.value + control->package.value) * control->places.value;
    uint64_t share = control->cpu.value * 10000, relays = 0;
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        const struct manifest *m = plan_check_instance(w, i)->manifest;
        bool placed = w->plan->targets[i].package_index >= w->input->system->first_place;
        if (plan_check_vacant(w, i)) {
            continue;
        }
        relays += traced(m);
        if (plan_check_is_child(w, i)) {
            continue; // its memory and time are its parent's, plan_check_child
        }
        if (!placed) {
            memory += m->memory.limit.value;
        } else if (m->memory.limit.value > control->memory.value) {
            return plan_check_fail(w, STATUS_PLAN_SUM, "memory of a place", i, i);
        }
        if (!m->cpu.passive) {
            uint64_t parts = m->cpu.budget.value * 1000000;
            share += parts / m->cpu.period.value + (parts % m->cpu.period.value != 0);
        }
    }
    for (uint32_t i = 0; i < w->system_objects; i++) {
        const struct plan_object *o = &w->plan->objects[i];
        memory += o->type == PLAN_FRAME ? o->count * 4096ULL : 0;
    }
    if (memory > w->input->system->memory.value) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "memory of the system", memory, PLAN_SYSTEM);
    }
    if (share > w->input->system->cpu.value * 10000) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "time of the system", share, PLAN_SYSTEM);
    }
    if (relays > 16) {
        return plan_check_fail(w, STATUS_PLAN_SUM, "relays of the system", relays, PLAN_SYSTEM);
    }
    return STATUS_OK;
}

enum status plan_check_memory(struct plan_check_work *w)
{
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        enum status status = plan_check_vacant(w, i) ? STATUS_OK : check_target(w, i);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return check_limits(w);
}
