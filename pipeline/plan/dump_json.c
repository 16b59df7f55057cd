// SPDX-License-Identifier: BSD-2-Clause
#include "dump_words.h"

// `kpkg.plan/v1` (spec/plan.md, 8). Keys are in a fixed order; addresses and badges are strings
// "0x..", for they may pass 2^53, and everything else is an integer, a boolean or a string.

static void key(const struct dump_sink *s, const char *name)
{
    dump_words_put(s, ",\"");
    dump_words_put(s, name);
    dump_words_put(s, "\":");
}

static void number(const struct dump_sink *s, const char *name, uint64_t value)
{
    key(s, name);
    dump_words_u64(s, value);
}

static void word(const struct dump_sink *s, const char *name, uint64_t value)
{
    key(s, name);
    dump_words_put(s, "\"");
    dump_words_word(s, value);
    dump_words_put(s, "\"");
}

static void boolean(const struct dump_sink *s, const char *name, bool value)
{
    key(s, name);
    dump_words_put(s, value ? "true" : "false");
}

static void string(const struct dump_sink *s, const char *name, struct bytes value)
{
    key(s, name);
    dump_words_put(s, "\"");
    dump_words_json(s, value);
    dump_words_put(s, "\"");
}

static void literal(const struct dump_sink *s, const char *name, const char *value)
{
    string(s, name, bytes_text(value));
}

static void put_object(const struct dump_sink *s, const struct plan *plan, uint32_t index)
{
    const struct plan_object *o = &plan->objects[index];
    dump_words_put(s, "{\"object\":");
    dump_words_u64(s, index);
    literal(s, "type", plan_type_name(o->type));
    string(s, "name", o->name);
    number(s, "size_bits", o->size_bits);
    number(s, "count", o->count);
    number(s, "holder_slot", o->holder_slot);
    word(s, "at", o->vaddr);
    if (o->type == PLAN_IRQ_HANDLER) {
        number(s, "signals", o->signals);
        boolean(s, "level", o->level);
        boolean(s, "low", o->low);
    }
    dump_words_put(s, "}");
}

static void put_signers(const struct dump_sink *s, uint64_t signers)
{
    key(s, "signers");
    const char *before = "[";
    for (unsigned i = 0; i < 64; i++) {
        if (signers >> i & 1) {
            dump_words_put(s, before);
            dump_words_u64(s, i);
            before = ",";
        }
    }
    dump_words_put(s, signers == 0 ? "[]" : "]");
}

static void put_span(const struct dump_sink *s, const struct plan_span *span)
{
    number(s, "line", span->line);
    number(s, "column", span->column);
    number(s, "offset", span->offset);
    number(s, "len", span->len);
}

static void put_cap(const struct dump_sink *s, const struct plan_cap *c)
{
    char rights[5];
    dump_words_put(s, "{\"slot\":");
    dump_words_u64(s, c->slot);
    literal(s, "kind", dump_words_kind(c->kind));
    string(s, "name", c->name);
    literal(s, "type", plan_type_name(c->type));
    literal(s, "rights", dump_words_rights(rights, c->rights));
    if (c->object == PLAN_AUDITOR) {
        literal(s, "object", "auditor");
    } else {
        number(s, "object", c->object);
    }
    literal(s, "service", dump_words_service(c->service));
    word(s, "badge", c->badge);
    put_span(s, &c->span);
    put_signers(s, c->signers);
    if (c->relay != 0) {
        number(s, "relay", c->relay);
    }
    dump_words_put(s, "}");
}

static void put_mapping(const struct dump_sink *s, const struct plan_mapping *m)
{
    dump_words_put(s, "{\"vaddr\":\"");
    dump_words_word(s, m->vaddr);
    dump_words_put(s, "\"");
    string(s, "name", m->name);
    number(s, "pages", m->pages);
    boolean(s, "write", m->write);
    boolean(s, "execute", m->execute);
    literal(s, "fill", dump_words_fill(m->fill));
    number(s, "object", m->object);
    number(s, "first", m->first);
    if (m->fill == PLAN_FILL_COPY) {
        number(s, "copy_from", m->copy_from);
        number(s, "copy_len", m->copy_len);
        word(s, "copy_at", m->copy_at);
    }
    if (m->span.line != 0) {
        put_span(s, &m->span);
        put_signers(s, m->signers);
    }
    dump_words_put(s, "}");
}

static void put_thread(const struct dump_sink *s, const struct plan_target *t)
{
    word(s, "entry", t->entry);
    word(s, "stack_top", t->stack_top);
    word(s, "ipc_buffer", t->ipc_buffer);
    word(s, "record", t->record);
    word(s, "heap", t->heap);
    number(s, "heap_len", t->heap_len);
    number(s, "priority", t->priority);
    number(s, "max_priority", t->max_priority);
    boolean(s, "passive", t->passive);
    number(s, "budget_us", t->budget_us);
    number(s, "period_us", t->period_us);
    literal(s, "on_overrun", dump_words_action(t->on_overrun));
    literal(s, "on_fault", dump_words_action(t->on_fault));
    number(s, "max_restarts", t->max_restarts);
    number(s, "window_us", t->window_us);
    number(s, "backoff_us", t->backoff_us);
    number(s, "max_denials", t->max_denials);
}

static void put_limits(const struct dump_sink *s, const struct plan_target *t)
{
    number(s, "untyped_bits", t->untyped_bits);
    number(s, "cnode_bits", t->cnode_bits);
    number(s, "holder_bits", t->holder_bits);
    number(s, "memory_used", t->memory_used);
    boolean(s, "serves", t->serves);
    boolean(s, "on_demand", t->on_demand);
    if (t->parent != 0) {
        number(s, "parent", t->parent);
        number(s, "parent_slot", t->parent_slot);
        number(s, "child", t->child);
    }
}

static void next_line(const struct dump_sink *s, uint32_t i)
{
    dump_words_put(s, i == 0 ? "\n" : ",\n");
}

void dump_json_target(const struct dump_sink *s, const struct plan *plan, uint32_t target)
{
    const struct plan_target *t = &plan->targets[target];
    dump_words_put(s, "{\"target\":");
    dump_words_u64(s, target);
    string(s, "name", t->name);
    string(s, "package", t->package);
    number(s, "package_index", t->package_index);
    key(s, "package_id");
    dump_words_put(s, "\"");
    dump_words_hex(s, (struct bytes){t->package_id, sizeof t->package_id});
    dump_words_put(s, "\"");
    put_limits(s, t);
    put_thread(s, t);
    dump_words_put(s, ",\"objects\":[");
    for (uint32_t i = 0; i < t->objects; i++) {
        next_line(s, i);
        put_object(s, plan, t->first_object + i);
    }
    dump_words_put(s, "],\"caps\":[");
    for (uint32_t i = 0; i < t->caps; i++) {
        next_line(s, i);
        put_cap(s, &plan->caps[t->first_cap + i]);
    }
    dump_words_put(s, "],\"mappings\":[");
    for (uint32_t i = 0; i < t->mappings; i++) {
        next_line(s, i);
        put_mapping(s, &plan->mappings[t->first_mapping + i]);
    }
    dump_words_put(s, "]}");
}

void dump_json(const struct dump_sink *s, const struct plan *plan)
{
    dump_words_put(s, "{\"schema\":\"kpkg.plan/v1\",\"system\":[");
    uint32_t shown = 0;
    for (uint32_t i = 0; i < plan->object_count; i++) {
        if (plan->objects[i].owner == PLAN_SYSTEM) {
            next_line(s, shown++);
            put_object(s, plan, i);
        }
    }
    dump_words_put(s, "],\"targets\":[");
    for (uint32_t i = 0; i < plan->target_count; i++) {
        next_line(s, i);
        dump_json_target(s, plan, i);
    }
    dump_words_put(s, "]}\n");
}
