// SPDX-License-Identifier: BSD-2-Clause
#include "dump_words.h"
#include "json_text.h"

// `kpkg.plan/v1` (spec/plan.md, 8). Keys are in a fixed order; addresses and badges are strings
// "0x..", for they may pass 2^53, and everything else is an integer, a boolean or a string.

enum { ROOM = 512 }; // written at a time

static void put_object(struct json_text *j, const struct plan *plan, uint32_t index)
{
    const struct plan_object *o = &plan->objects[index];
    json_text_open(j, NULL, '{');
    json_text_int(j, "object", index);
    json_text_name(j, "type", plan_type_name(o->type));
    json_text_whole(j, "name", o->name);
    json_text_int(j, "size_bits", o->size_bits);
    json_text_int(j, "count", o->count);
    json_text_int(j, "holder_slot", o->holder_slot);
    json_text_word(j, "at", o->vaddr);
    if (o->type == PLAN_IRQ_HANDLER) {
        json_text_int(j, "signals", o->signals);
        json_text_bool(j, "level", o->level);
        json_text_bool(j, "low", o->low);
    }
    json_text_close(j, '}');
}

static void put_signers(struct json_text *j, uint64_t signers)
{
    json_text_open(j, "signers", '[');
    for (unsigned i = 0; i < 64; i++) {
        if (signers >> i & 1) {
            json_text_int(j, NULL, i);
        }
    }
    json_text_close(j, ']');
}

static void put_span(struct json_text *j, const struct plan_span *span)
{
    json_text_int(j, "line", span->line);
    json_text_int(j, "column", span->column);
    json_text_int(j, "offset", span->offset);
    json_text_int(j, "len", span->len);
}

static void put_cap(struct json_text *j, const struct plan_cap *c)
{
    char rights[5];
    json_text_open(j, NULL, '{');
    json_text_int(j, "slot", c->slot);
    json_text_name(j, "kind", dump_words_kind(c->kind));
    json_text_whole(j, "name", c->name);
    json_text_name(j, "type", plan_type_name(c->type));
    json_text_name(j, "rights", dump_words_rights(rights, c->rights));
    if (c->object == PLAN_AUDITOR) {
        json_text_name(j, "object", "auditor");
    } else {
        json_text_int(j, "object", c->object);
    }
    json_text_name(j, "service", dump_words_service(c->service));
    json_text_word(j, "badge", c->badge);
    put_span(j, &c->span);
    put_signers(j, c->signers);
    if (c->relay != 0) {
        json_text_int(j, "relay", c->relay);
    }
    json_text_close(j, '}');
}

static void put_mapping(struct json_text *j, const struct plan_mapping *m)
{
    json_text_open(j, NULL, '{');
    json_text_word(j, "vaddr", m->vaddr);
    json_text_whole(j, "name", m->name);
    json_text_int(j, "pages", m->pages);
    json_text_bool(j, "write", m->write);
    json_text_bool(j, "execute", m->execute);
    json_text_name(j, "fill", dump_words_fill(m->fill));
    json_text_int(j, "object", m->object);
    json_text_int(j, "first", m->first);
    if (m->fill == PLAN_FILL_COPY) {
        json_text_int(j, "copy_from", m->copy_from);
        json_text_int(j, "copy_len", m->copy_len);
        json_text_word(j, "copy_at", m->copy_at);
    }
    if (m->span.line != 0) {
        put_span(j, &m->span);
        put_signers(j, m->signers);
    }
    json_text_close(j, '}');
}

static void put_thread(struct json_text *j, const struct plan_target *t)
{
    json_text_word(j, "entry", t->entry);
    json_text_word(j, "stack_top", t->stack_top);
    json_text_word(j, "ipc_buffer", t->ipc_buffer);
    json_text_word(j, "record", t->record);
    json_text_word(j, "heap", t->heap);
    json_text_int(j, "heap_len", t->heap_len);
    json_text_int(j, "priority", t->priority);
    json_text_int(j, "max_priority", t->max_priority);
    json_text_bool(j, "passive", t->passive);
    json_text_int(j, "budget_us", t->budget_us);
    json_text_int(j, "period_us", t->period_us);
    json_text_name(j, "on_overrun", dump_words_action(t->on_overrun));
    json_text_name(j, "on_fault", dump_words_action(t->on_fault));
    json_text_int(j, "max_restarts", t->max_restarts);
    json_text_int(j, "window_us", t->window_us);
    json_text_int(j, "backoff_us", t->backoff_us);
    json_text_int(j, "max_denials", t->max_denials);
}

static void put_limits(struct json_text *j, const struct plan_target *t)
{
    json_text_int(j, "untyped_bits", t->untyped_bits);
    json_text_int(j, "cnode_bits", t->cnode_bits);
    json_text_int(j, "holder_bits", t->holder_bits);
    json_text_int(j, "memory_used", t->memory_used);
    json_text_bool(j, "serves", t->serves);
    json_text_bool(j, "on_demand", t->on_demand);
    if (t->parent != 0) {
        json_text_int(j, "parent", t->parent);
        json_text_int(j, "parent_slot", t->parent_slot);
        json_text_int(j, "child", t->child);
    }
}

// Before an object of a list, which has a line of its own.
static void next_line(struct json_text *j)
{
    text_put(&j->text, j->comma ? ",\n" : "\n");
    j->comma = false;
}

static void put_target(struct json_text *j, const struct plan *plan, uint32_t target)
{
    const struct plan_target *t = &plan->targets[target];
    json_text_open(j, NULL, '{');
    json_text_int(j, "target", target);
    json_text_whole(j, "name", t->name);
    json_text_whole(j, "package", t->package);
    json_text_int(j, "package_index", t->package_index);
    json_text_hex(j, "package_id", (struct bytes){t->package_id, sizeof t->package_id});
    put_limits(j, t);
    put_thread(j, t);
    json_text_open(j, "objects", '[');
    for (uint32_t i = 0; i < t->objects; i++) {
        next_line(j);
        put_object(j, plan, t->first_object + i);
    }
    json_text_close(j, ']');
    json_text_open(j, "caps", '[');
    for (uint32_t i = 0; i < t->caps; i++) {
        next_line(j);
        put_cap(j, &plan->caps[t->first_cap + i]);
    }
    json_text_close(j, ']');
    json_text_open(j, "mappings", '[');
    for (uint32_t i = 0; i < t->mappings; i++) {
        next_line(j);
        put_mapping(j, &plan->mappings[t->first_mapping + i]);
    }
    json_text_close(j, ']');
    json_text_close(j, '}');
}

void dump_json_target(const struct text_sink *sink, const struct plan *plan, uint32_t target)
{
    char room[ROOM];
    struct json_text json = {.text = text_into(room, sizeof room, *sink)};
    put_target(&json, plan, target);
    text_flush(&json.text);
}

void dump_json(const struct text_sink *sink, const struct plan *plan)
{
    char room[ROOM];
    struct json_text json = {.text = text_into(room, sizeof room, *sink)};
    json_text_open(&json, NULL, '{');
    json_text_name(&json, "schema", "kpkg.plan/v1");
    json_text_open(&json, "system", '[');
    for (uint32_t i = 0; i < plan->object_count; i++) {
        if (plan->objects[i].owner == PLAN_SYSTEM) {
            next_line(&json);
            put_object(&json, plan, i);
        }
    }
    json_text_close(&json, ']');
    json_text_open(&json, "targets", '[');
    for (uint32_t i = 0; i < plan->target_count; i++) {
        next_line(&json);
        put_target(&json, plan, i);
    }
    json_text_close(&json, ']');
    json_text_close(&json, '}');
    text_char(&json.text, '\n');
    text_flush(&json.text);
}
