// SPDX-License-Identifier: BSD-2-Clause
#include "dump_words.h"

// The capDL language, revision 1.0, as seL4's capDL tools read it: objects, then what each of them
// holds. Names are made of what the language allows in one; they begin with the object's number, so
// that no two are equal. A run of objects is an array.

enum { SLOT_MASK = 511, PDPT_SHIFT = 39, DIRECTORY_SHIFT = 30, TABLE_SHIFT = 21 };

static void put_number(const struct text_sink *s, const char *before, uint64_t value)
{
    dump_words_put(s, before);
    dump_words_u64(s, value);
}

static void put_word(const struct text_sink *s, const char *before, uint64_t value)
{
    dump_words_put(s, before);
    dump_words_word(s, value);
}

static void put_name(const struct text_sink *s, const struct plan *plan, uint32_t index)
{
    put_number(s, "o", index);
    dump_words_put(s, "_");
    struct bytes name = plan->objects[index].name;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.';
        s->put(s->to, plain ? bytes_part(name, i, 1) : bytes_text("_"));
    }
}

// Device frames differ in their address, so that each is an object of its own.
static bool is_array(const struct plan_object *o)
{
    return o->count > 1 && o->type != PLAN_DEVICE_FRAME;
}

static void put_element(const struct text_sink *s, const struct plan *plan, uint32_t index,
                        uint32_t element)
{
    const struct plan_object *o = &plan->objects[index];
    put_name(s, plan, index);
    if (is_array(o)) {
        put_number(s, "[", element);
        dump_words_put(s, "]");
    } else if (o->type == PLAN_DEVICE_FRAME) {
        put_number(s, "_", element);
    }
}

static void put_thread(const struct text_sink *s, const struct plan_target *t)
{
    put_word(s, " (addr: ", t->ipc_buffer);
    put_word(s, ", ip: ", t->entry);
    put_word(s, ", sp: ", t->stack_top);
    put_number(s, ", prio: ", t->priority);
    put_number(s, ", max_prio: ", t->max_priority);
    dump_words_put(s, ", affinity: 0");
    dump_words_put(s, ")");
}

static void put_parameters(const struct text_sink *s, const struct plan *plan,
                           const struct plan_object *o)
{
    const struct plan_target *t = o->owner != PLAN_SYSTEM ? &plan->targets[o->owner] : NULL;
    switch (o->type) {
    case PLAN_CNODE:
    case PLAN_HOLDER:
    case PLAN_RELAY_CNODE:
        put_number(s, " (", o->size_bits - PLAN_SLOT_BITS);
        dump_words_put(s, " bits)");
        break;
    case PLAN_UNTYPED:
        put_number(s, " (", o->size_bits);
        dump_words_put(s, " bits)");
        break;
    case PLAN_TCB:
        put_thread(s, t);
        break;
    case PLAN_SCHED_CONTEXT:
        put_number(s, " (period: ", t->period_us);
        put_number(s, ", budget: ", t->budget_us);
        put_number(s, ", ", o->size_bits);
        dump_words_put(s, " bits)");
        break;
    case PLAN_FRAME:
    case PLAN_PACKAGE_PAGES:
        dump_words_put(s, " (4k)");
        break;
    case PLAN_LARGE_FRAME:
        dump_words_put(s, " (2M)");
        break;
    case PLAN_IO_PORTS:
        put_word(s, " (ports: [", o->vaddr >> 16);
        put_word(s, "..", o->vaddr & 0xffff);
        dump_words_put(s, "])");
        break;
    default:
        break;
    }
}

static const char *type_word(enum plan_type type)
{
    static const char *const words[PLAN_TYPE_COUNT] = {
        [PLAN_UNTYPED] = "ut",          [PLAN_HOLDER] = "cnode",
        [PLAN_CNODE] = "cnode",         [PLAN_TCB] = "tcb",
        [PLAN_SCHED_CONTEXT] = "sc",    [PLAN_REPLY] = "rtreply",
        [PLAN_ENDPOINT] = "ep",         [PLAN_NOTIFICATION] = "notification",
        [PLAN_VSPACE] = "pml4",         [PLAN_PDPT] = "pdpt",
        [PLAN_PAGE_DIRECTORY] = "pd",   [PLAN_PAGE_TABLE] = "pt",
        [PLAN_FRAME] = "frame",         [PLAN_LARGE_FRAME] = "frame",
        [PLAN_PACKAGE_PAGES] = "frame", [PLAN_DEVICE_FRAME] = "frame",
        [PLAN_IRQ_HANDLER] = "irq",     [PLAN_IO_PORTS] = "io_ports",
        [PLAN_RELAY_TCB] = "tcb",       [PLAN_RELAY_CNODE] = "cnode",
        [PLAN_RELAY_ENDPOINT] = "ep",   [PLAN_RELAY_REPLY] = "rtreply",
        [PLAN_CHILD_UNTYPED] = "ut",
    };
    return words[type];
}

static void put_device(const struct text_sink *s, const struct plan *plan, uint32_t index)
{
    const struct plan_object *o = &plan->objects[index];
    for (uint32_t i = 0; i < o->count; i++) {
        put_element(s, plan, index, i);
        put_word(s, " = frame (4k, paddr: ", o->vaddr + ((uint64_t)i << PLAN_PAGE_BITS));
        dump_words_put(s, ")\n");
    }
}

static void put_objects(const struct text_sink *s, const struct plan *plan)
{
    dump_words_put(s, "arch x86_64\n\nobjects {\nauditor = ep\n");
    for (uint32_t i = 0; i < plan->object_count; i++) {
        const struct plan_object *o = &plan->objects[i];
        if (o->type == PLAN_DEVICE_FRAME) {
            put_device(s, plan, i);
        }
        if (o->type == PLAN_DEVICE_FRAME || type_word(o->type) == NULL) {
            continue; // pages of the system stand for objects that are listed
        }
        put_name(s, plan, i);
        if (is_array(o)) {
            put_number(s, "[", o->count);
            dump_words_put(s, "]");
        }
        dump_words_put(s, " = ");
        dump_words_put(s, type_word(o->type));
        put_parameters(s, plan, o);
        dump_words_put(s, "\n");
    }
    dump_words_put(s, "}\n\ncaps {\n");
}

// The part of this type of the relay that a traced capability's calls pass.
static void put_relay_part(const struct text_sink *s, const struct plan *plan,
                           const struct plan_cap *c, enum plan_type type)
{
    const struct plan_target *t = &plan->targets[c->holder];
    for (uint32_t i = t->first_object; i < t->first_object + t->objects; i++) {
        if (plan->objects[i].type == type) {
            put_element(s, plan, i, c->relay - 1);
        }
    }
}

static void put_cap(const struct text_sink *s, const struct plan *plan, const struct plan_cap *c)
{
    char rights[5];
    put_word(s, "  ", c->slot);
    dump_words_put(s, ": ");
    if (c->object == PLAN_AUDITOR) {
        dump_words_put(s, "auditor");
    } else if (c->relay != 0) {
        put_relay_part(s, plan, c, PLAN_RELAY_ENDPOINT);
    } else {
        put_element(s, plan, c->object, 0);
    }
    if (c->type == PLAN_ENDPOINT || c->type == PLAN_NOTIFICATION) {
        bool none = (c->rights & 15) == 0;
        dump_words_put(s, " (");
        dump_words_put(s, none ? "" : dump_words_rights(rights, c->rights));
        put_word(s, none ? "badge: " : ", badge: ", c->badge);
        dump_words_put(s, ")");
    }
    dump_words_put(s, "\n");
}

// The object of this type of a target that translates an address; `span` is the logarithm of what
// one of them covers.
static void put_table(const struct text_sink *s, const struct plan *plan,
                      const struct plan_target *t, enum plan_type type, uint64_t vaddr)
{
    static const uint8_t spans[PLAN_TYPE_COUNT] = {[PLAN_VSPACE] = 48,
                                                   [PLAN_PDPT] = PDPT_SHIFT,
                                                   [PLAN_PAGE_DIRECTORY] = DIRECTORY_SHIFT,
                                                   [PLAN_PAGE_TABLE] = TABLE_SHIFT};
    for (uint32_t i = t->first_object; i < t->first_object + t->objects; i++) {
        const struct plan_object *o = &plan->objects[i];
        uint64_t first = o->vaddr >> spans[type], at = vaddr >> spans[type];
        if (o->type == type && at >= first && at - first < o->count) {
            put_element(s, plan, i, (uint32_t)(at - first));
            return;
        }
    }
}

// "TABLE { SLOT: " for what is at this address one level below `type`.
static void put_entry(const struct text_sink *s, const struct plan *plan,
                      const struct plan_target *t, enum plan_type type, uint64_t vaddr)
{
    static const uint8_t shifts[PLAN_TYPE_COUNT] = {[PLAN_VSPACE] = PDPT_SHIFT,
                                                    [PLAN_PDPT] = DIRECTORY_SHIFT,
                                                    [PLAN_PAGE_DIRECTORY] = TABLE_SHIFT,
                                                    [PLAN_PAGE_TABLE] = PLAN_PAGE_BITS};
    put_table(s, plan, t, type, vaddr);
    put_word(s, " { ", vaddr >> shifts[type] & SLOT_MASK);
    dump_words_put(s, ": ");
}

static void put_paging(const struct text_sink *s, const struct plan *plan,
                       const struct plan_target *t)
{
    static const struct {
        enum plan_type type, parent;
        uint8_t span;
    } levels[] = {{PLAN_PDPT, PLAN_VSPACE, PDPT_SHIFT},
                  {PLAN_PAGE_DIRECTORY, PLAN_PDPT, DIRECTORY_SHIFT},
                  {PLAN_PAGE_TABLE, PLAN_PAGE_DIRECTORY, TABLE_SHIFT}};
    for (size_t level = 0; level < 3; level++) {
        for (uint32_t i = t->first_object; i < t->first_object + t->objects; i++) {
            const struct plan_object *o = &plan->objects[i];
            for (uint32_t k = 0; o->type == levels[level].type && k < o->count; k++) {
                uint64_t vaddr = o->vaddr + ((uint64_t)k << levels[level].span);
                put_entry(s, plan, t, levels[level].parent, vaddr);
                put_element(s, plan, i, k);
                dump_words_put(s, " }\n");
            }
        }
    }
}

static void put_mapping(const struct text_sink *s, const struct plan *plan,
                        const struct plan_mapping *m)
{
    const struct plan_target *t = &plan->targets[m->target];
    const struct plan_object *o = &plan->objects[m->object];
    uint32_t object = o->type == PLAN_SYSTEM_PAGES ? (uint32_t)o->vaddr : m->object;
    bool large = o->type == PLAN_LARGE_FRAME;
    for (uint32_t i = 0; i < m->pages; i++) {
        uint64_t vaddr = m->vaddr + ((uint64_t)i << o->size_bits);
        put_entry(s, plan, t, large ? PLAN_PAGE_DIRECTORY : PLAN_PAGE_TABLE, vaddr);
        put_element(s, plan, object, m->first + i);
        dump_words_put(s, m->write ? " (RW" : " (R");
        dump_words_put(s, m->fill == PLAN_FILL_DEVICE ? ", uncached) }\n" : ") }\n");
    }
}

static void put_own(const struct text_sink *s, const struct plan *plan, const struct plan_target *t,
                    const char *slot, enum plan_type type)
{
    for (uint32_t i = t->first_object; i < t->first_object + t->objects; i++) {
        if (plan->objects[i].type == type) {
            dump_words_put(s, "  ");
            dump_words_put(s, slot);
            dump_words_put(s, ": ");
            put_element(s, plan, i, 0);
            // Guard 0 over all bits that the radix leaves.
            if (type == PLAN_CNODE) {
                put_number(s, " (guard: 0, guard_size: ", 64U - t->cnode_bits);
                dump_words_put(s, ")");
            }
            dump_words_put(s, "\n");
        }
    }
}

static void put_name_of(const struct text_sink *s, const struct plan *plan,
                        const struct plan_target *t, enum plan_type type)
{
    for (uint32_t i = t->first_object; i < t->first_object + t->objects; i++) {
        if (plan->objects[i].type == type) {
            put_element(s, plan, i, 0);
        }
    }
}

static void put_ipc_buffer(const struct text_sink *s, const struct plan *plan,
                           const struct plan_target *t)
{
    for (uint32_t i = t->first_mapping; i < t->first_mapping + t->mappings; i++) {
        const struct plan_mapping *m = &plan->mappings[i];
        if (m->vaddr == t->ipc_buffer) {
            dump_words_put(s, "  ipc_buffer_slot: ");
            put_element(s, plan, m->object, m->first);
            dump_words_put(s, " (RW)\n");
        }
    }
}

// What the relay of a traced capability holds.
static void put_relay(const struct text_sink *s, const struct plan *plan, const struct plan_cap *c)
{
    struct plan_cap out = *c, note = *c;
    put_relay_part(s, plan, c, PLAN_RELAY_CNODE);
    put_number(s, " {\n  ", PLAN_RELAY_IN);
    dump_words_put(s, ": ");
    put_relay_part(s, plan, c, PLAN_RELAY_ENDPOINT);
    put_number(s, " (R)\n  ", PLAN_RELAY_ANSWER);
    dump_words_put(s, ": ");
    put_relay_part(s, plan, c, PLAN_RELAY_REPLY);
    dump_words_put(s, "\n");
    out.slot = PLAN_RELAY_OUT;
    out.relay = 0;
    put_cap(s, plan, &out);
    note.slot = PLAN_RELAY_AUDITOR;
    note.object = PLAN_AUDITOR;
    note.badge = plan_badge_of(PLAN_BADGE_TRACE, c->holder, c->slot);
    put_cap(s, plan, &note);
    dump_words_put(s, "}\n");
    put_relay_part(s, plan, c, PLAN_RELAY_TCB);
    dump_words_put(s, " {\n  cspace: ");
    put_relay_part(s, plan, c, PLAN_RELAY_CNODE);
    put_number(s, " (guard: 0, guard_size: ", 64U - PLAN_RELAY_RADIX);
    dump_words_put(s, ")\n}\n");
}

static void put_target(const struct text_sink *s, const struct plan *plan,
                       const struct plan_target *t)
{
    put_name_of(s, plan, t, PLAN_CNODE);
    dump_words_put(s, " {\n");
    for (uint32_t i = t->first_cap; i < t->first_cap + t->caps; i++) {
        put_cap(s, plan, &plan->caps[i]);
    }
    dump_words_put(s, "}\n");
    put_name_of(s, plan, t, PLAN_TCB);
    dump_words_put(s, " {\n");
    put_own(s, plan, t, "cspace", PLAN_CNODE);
    put_own(s, plan, t, "vspace", PLAN_VSPACE);
    put_ipc_buffer(s, plan, t);
    put_own(s, plan, t, "sc_slot", PLAN_SCHED_CONTEXT);
    dump_words_put(s, "}\n");
    for (uint32_t i = t->first_cap; i < t->first_cap + t->caps; i++) {
        if (plan->caps[i].relay != 0) {
            put_relay(s, plan, &plan->caps[i]);
        }
    }
    put_paging(s, plan, t);
    for (uint32_t i = t->first_mapping; i < t->first_mapping + t->mappings; i++) {
        put_mapping(s, plan, &plan->mappings[i]);
    }
}

static void put_interrupts(const struct text_sink *s, const struct plan *plan)
{
    const char *before = "\nirq maps {\n";
    for (uint32_t i = 0; i < plan->object_count; i++) {
        if (plan->objects[i].type == PLAN_IRQ_HANDLER) {
            dump_words_put(s, before);
            put_word(s, "  ", plan->objects[i].vaddr);
            dump_words_put(s, ": ");
            put_element(s, plan, i, 0);
            dump_words_put(s, "\n");
            before = "";
        }
    }
    dump_words_put(s, before[0] == '\0' ? "}\n" : "");
}

void dump_cdl(const struct text_sink *s, const struct plan *plan)
{
    put_objects(s, plan);
    for (uint32_t i = 0; i < plan->target_count; i++) {
        put_target(s, plan, &plan->targets[i]);
    }
    dump_words_put(s, "}\n");
    put_interrupts(s, plan);
}
