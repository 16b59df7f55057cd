// SPDX-License-Identifier: BSD-2-Clause
#include "dump_words.h"
#include "text.h"

// Lines of columns. A line is put together in a buffer, so that columns can be padded; names that
// are not printable ASCII are shown as JSON shows them.

struct line {
    const struct text_sink *sink;
    struct text text;
    char room[512];
};

static struct line *line_start(struct line *l, const struct text_sink *sink)
{
    l->sink = sink;
    l->text = text_of(l->room, sizeof l->room);
    return l;
}

// Drops the spaces that padding has left at the end.
static void line_end(struct line *l)
{
    while (l->text.len != 0 && l->room[l->text.len - 1] == ' ') {
        l->text.len--;
    }
    text_char(&l->text, '\n');
    l->sink->put(l->sink->to, text_bytes(&l->text));
    l->text = text_of(l->room, sizeof l->room);
}

// Moves to a column, at least one space further.
static void column(struct line *l, size_t to)
{
    do {
        text_char(&l->text, ' ');
    } while (l->text.len < to);
}

// "64 KiB", "1 MiB"; bytes where it does not divide.
static void put_size(struct text *t, uint64_t size)
{
    static const char *const units[] = {" bytes", " KiB", " MiB", " GiB"};
    unsigned unit = 0;
    while (unit < 3 && size >= 1024 && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    text_put_u64(t, size);
    text_put(t, units[unit]);
}

static void put_time(struct text *t, uint64_t us)
{
    text_put_u64(t, us % 1000 == 0 ? us / 1000 : us);
    text_put(t, us % 1000 == 0 ? " ms" : " us");
}

// Bytes of RAM.
static uint64_t object_bytes(const struct plan_object *o)
{
    return o->size_bits == 0 || o->type == PLAN_DEVICE_FRAME ? 0
                                                             : (uint64_t)o->count << o->size_bits;
}

static void put_interrupt(struct line *l, const struct plan_object *o)
{
    if (o->type == PLAN_IRQ_HANDLER) {
        text_put(&l->text, o->level ? ", level" : "");
        text_put(&l->text, o->low ? ", active low" : "");
        text_put(&l->text, " to #");
        text_put_u64(&l->text, o->signals);
    }
}

// What `vaddr` means for this type.
static void put_place(struct line *l, const struct plan_object *o)
{
    static const char *const words[PLAN_TYPE_COUNT] = {
        [PLAN_PACKAGE_PAGES] = "page ", [PLAN_SYSTEM_PAGES] = "of #", [PLAN_IRQ_HANDLER] = "line "};
    if (words[o->type] != NULL) {
        column(l, 76);
        text_put(&l->text, words[o->type]);
        text_put_u64(&l->text, o->vaddr);
        put_interrupt(l, o);
    } else if (o->type == PLAN_IO_PORTS) {
        column(l, 76);
        text_put_word(&l->text, o->vaddr >> 16);
        text_put(&l->text, "-");
        text_put_word(&l->text, o->vaddr & 0xffff);
    } else if ((o->type >= PLAN_PDPT && o->type <= PLAN_PAGE_TABLE) ||
               o->type == PLAN_DEVICE_FRAME) {
        column(l, 76);
        text_put(&l->text, "at ");
        text_put_word(&l->text, o->vaddr);
    }
}

static void put_object(struct line *l, const struct plan *plan, uint32_t index)
{
    const struct plan_object *o = &plan->objects[index];
    text_put(&l->text, "    #");
    text_put_u64(&l->text, index);
    column(l, 10);
    text_put(&l->text, plan_type_name(o->type));
    column(l, 26);
    text_put_json(&l->text, o->name);
    column(l, 46);
    text_put_u64(&l->text, o->count);
    if (o->size_bits != 0) {
        text_put(&l->text, " x ");
        put_size(&l->text, 1ULL << o->size_bits);
    }
    if (o->owner != PLAN_SYSTEM && o->holder_slot != 0) {
        column(l, 62);
        text_put(&l->text, "holder ");
        text_put_u64(&l->text, o->holder_slot);
    }
    put_place(l, o);
    line_end(l);
}

static void put_cap_object(struct line *l, const struct plan *plan, const struct plan_cap *c)
{
    if (c->object == PLAN_AUDITOR) {
        text_put(&l->text, "auditor");
        if (c->service != PLAN_SERVICE_NONE) {
            text_put(&l->text, " ");
            text_put(&l->text, dump_words_service(c->service));
        }
        return;
    }
    text_put(&l->text, "#");
    text_put_u64(&l->text, c->object);
    if (c->object < plan->object_count) {
        text_put(&l->text, " ");
        text_put_json(&l->text, plan->objects[c->object].name);
    }
}

static void put_reason(struct line *l, const struct plan_cap *c)
{
    if (c->span.line == 0) {
        text_put(&l->text, c->kind == PLAN_CAP_TRIPWIRE ? "unissued" : "built in");
        return;
    }
    if (c->relay != 0) {
        text_put(&l->text, "traced, ");
    }
    text_put(&l->text, "line ");
    text_put_u64(&l->text, c->span.line);
    text_put(&l->text, c->kind == PLAN_CAP_TRIPWIRE ? ", absent" : "");
    text_put(&l->text, ", signers ");
    text_put_word(&l->text, c->signers);
}

static void put_cap(struct line *l, const struct plan *plan, const struct plan_cap *c)
{
    char rights[5];
    text_put(&l->text, "    ");
    text_put_u64(&l->text, c->slot);
    column(l, 9);
    text_put(&l->text, dump_words_kind(c->kind));
    column(l, 19);
    text_put_json(&l->text, c->name);
    column(l, 36);
    text_put(&l->text, plan_type_name(c->type));
    column(l, 50);
    text_put(&l->text, dump_words_rights(rights, c->rights));
    column(l, 56);
    put_cap_object(l, plan, c);
    column(l, 76);
    text_put_word(&l->text, c->badge);
    column(l, 96);
    put_reason(l, c);
    line_end(l);
}

static void put_mapping(struct line *l, const struct plan *plan, const struct plan_mapping *m)
{
    bool known = m->object < plan->object_count;
    uint64_t size = known ? (uint64_t)m->pages << plan->objects[m->object].size_bits : 0;
    text_put(&l->text, "    ");
    text_put_word(&l->text, m->vaddr);
    text_put(&l->text, "..");
    text_put_word(&l->text, m->vaddr + size);
    column(l, 30);
    text_put(&l->text, m->write ? "rw" : "r-");
    text_put(&l->text, m->execute ? "x" : "-");
    column(l, 36);
    text_put_json(&l->text, m->name);
    column(l, 50);
    text_put(&l->text, dump_words_fill(m->fill));
    column(l, 60);
    text_put_u64(&l->text, m->pages);
    text_put(&l->text, m->pages == 1 ? " page of #" : " pages of #");
    text_put_u64(&l->text, m->object);
    text_put(&l->text, " from ");
    text_put_u64(&l->text, m->first);
    if (m->fill == PLAN_FILL_COPY) {
        column(l, 86);
        text_put_word(&l->text, m->copy_len);
        text_put(&l->text, " bytes at ");
        text_put_word(&l->text, m->copy_from);
        text_put(&l->text, " to ");
        text_put_word(&l->text, m->copy_at);
    }
    if (m->span.line != 0) {
        column(l, 86);
        text_put(&l->text, "line ");
        text_put_u64(&l->text, m->span.line);
        text_put(&l->text, ", signers ");
        text_put_word(&l->text, m->signers);
    }
    line_end(l);
}

static void put_limits(struct line *l, const struct plan_target *t)
{
    text_put(&l->text, "  memory    ");
    put_size(&l->text, t->memory_used);
    text_put(&l->text, " of ");
    put_size(&l->text, 1ULL << t->untyped_bits);
    text_put(&l->text, ", cnode radix ");
    text_put_u64(&l->text, t->cnode_bits);
    text_put(&l->text, ", holder radix ");
    text_put_u64(&l->text, t->holder_bits);
    line_end(l);
    text_put(&l->text, "  cpu       priority ");
    text_put_u64(&l->text, t->priority);
    text_put(&l->text, ", may give ");
    text_put_u64(&l->text, t->max_priority);
    text_put(&l->text, ", ");
    put_time(&l->text, t->budget_us);
    text_put(&l->text, " of ");
    put_time(&l->text, t->period_us);
    text_put(&l->text, t->passive ? ", passive" : "");
    text_put(&l->text, ", on overrun ");
    text_put(&l->text, dump_words_action(t->on_overrun));
    line_end(l);
    text_put(&l->text, "  fault     ");
    text_put(&l->text, dump_words_action(t->on_fault));
    text_put(&l->text, ", at most ");
    text_put_u64(&l->text, t->max_restarts);
    text_put(&l->text, " restarts in ");
    put_time(&l->text, t->window_us);
    text_put(&l->text, ", first after ");
    put_time(&l->text, t->backoff_us);
    text_put(&l->text, ", at most ");
    text_put_u64(&l->text, t->max_denials);
    text_put(&l->text, " denials");
    line_end(l);
}

static void put_addresses(struct line *l, const struct plan_target *t)
{
    text_put(&l->text, "  addresses entry ");
    text_put_word(&l->text, t->entry);
    text_put(&l->text, ", record ");
    text_put_word(&l->text, t->record);
    text_put(&l->text, ", ipc buffer ");
    text_put_word(&l->text, t->ipc_buffer);
    text_put(&l->text, ", stack below ");
    text_put_word(&l->text, t->stack_top);
    text_put(&l->text, ", heap ");
    text_put_word(&l->text, t->heap);
    text_put(&l->text, " + ");
    put_size(&l->text, t->heap_len);
    line_end(l);
}

static void put_parent(struct line *l, const struct plan *plan, const struct plan_target *t)
{
    if (t->parent == 0 || t->parent > plan->target_count) {
        return;
    }
    const struct plan_target *parent = &plan->targets[t->parent - 1];
    text_put(&l->text, " (child ");
    text_put_u64(&l->text, t->child);
    text_put(&l->text, " of ");
    text_put_json(&l->text, parent->name);
    text_put(&l->text, ", slot ");
    text_put_u64(&l->text, t->parent_slot);
    text_put(&l->text, ")");
}

static void put_head(struct line *l, const struct plan *plan, uint32_t index)
{
    const struct plan_target *t = &plan->targets[index];
    line_end(l);
    text_put(&l->text, "target ");
    text_put_u64(&l->text, index);
    text_put(&l->text, ": ");
    text_put_json(&l->text, t->name);
    text_put(&l->text, t->serves ? " (serves)" : "");
    text_put(&l->text, t->on_demand ? " (on demand)" : "");
    put_parent(l, plan, t);
    line_end(l);
    text_put(&l->text, "  package   ");
    text_put_json(&l->text, t->package);
    text_put(&l->text, ", number ");
    text_put_u64(&l->text, t->package_index);
    text_put(&l->text, ", id ");
    text_put_hex(&l->text, (struct bytes){t->package_id, sizeof t->package_id});
    line_end(l);
}

static void put_title(struct line *l, const char *title)
{
    text_put(&l->text, title);
    line_end(l);
}

static void put_target(struct line *l, const struct plan *plan, uint32_t index)
{
    const struct plan_target *t = &plan->targets[index];
    put_head(l, plan, index);
    put_limits(l, t);
    put_addresses(l, t);
    put_title(l, "  objects");
    for (uint32_t i = 0; i < t->objects; i++) {
        put_object(l, plan, t->first_object + i);
    }
    put_title(l, "  capabilities");
    for (uint32_t i = 0; i < t->caps; i++) {
        put_cap(l, plan, &plan->caps[t->first_cap + i]);
    }
    put_title(l, "  mappings");
    for (uint32_t i = 0; i < t->mappings; i++) {
        put_mapping(l, plan, &plan->mappings[t->first_mapping + i]);
    }
}

void dump_text(const struct text_sink *sink, const struct plan *plan)
{
    struct line line;
    struct line *l = line_start(&line, sink);
    uint64_t memory = 0;
    put_title(l, "system objects");
    for (uint32_t i = 0; i < plan->object_count; i++) {
        if (plan->objects[i].owner == PLAN_SYSTEM) {
            put_object(l, plan, i);
            memory += object_bytes(&plan->objects[i]);
        }
    }
    text_put(&l->text, "  ");
    put_size(&l->text, memory);
    line_end(l);
    for (uint32_t i = 0; i < plan->target_count; i++) {
        put_target(l, plan, i);
    }
}
