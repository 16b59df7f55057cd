// SPDX-License-Identifier: BSD-2-Clause

// Compares the CSpaces that the hosted kernel shows with the plan. Kernel objects have addresses,
// the plan has names: the first cap that names an object binds the two, and every later one must
// agree, also that no two objects are at one address. What the auditor stands in for (denied calls)
// is at the auditor's endpoint instead.

#include "cspaces.h"

#include "audit_tag.h"
#include "dump_words.h"
#include "plan_names.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const verdict_words[] = {
    [CSPACES_AS_PLANNED] = "as planned",
    [CSPACES_STOOD_IN] = "stood in",
    [CSPACES_DIFFERS] = "differs",
};

// One line: a slot of the plan with what the kernel holds there.
struct row {
    const struct plan_cap *cap;
    const struct hosted_slot *live; // NULL = empty
    enum cspaces_verdict verdict;
};

enum status cspaces_begin(struct cspaces *cspaces, const struct plan *plan, struct diag *diag)
{
    cspaces->plan = plan;
    cspaces->objects = calloc(plan->object_count + 1, sizeof(*cspaces->objects));
    return cspaces->objects != NULL ? STATUS_OK
                                    : diag_fail(diag, STATUS_NO_MEMORY, "live objects", 0);
}

void cspaces_end(struct cspaces *cspaces)
{
    free(cspaces->objects);
}

// An object that outlives targets stays where it is, and no two are at one place: the first
// capability to it tells where.
static bool is_at(struct cspaces *s, uint64_t *known, uint64_t address)
{
    if (*known != 0) {
        return *known == address;
    }
    for (uint32_t i = 0; i < s->plan->object_count; i++) {
        if (s->objects[i] == address) {
            return false;
        }
    }
    *known = address;
    return true;
}

static uint64_t *known_address(struct cspaces *s, const struct plan_cap *cap)
{
    if (cap->object == PLAN_AUDITOR) {
        return &s->auditor;
    }
    // Objects that are made anew with each life of a target have no lasting address to compare.
    bool lasts = s->plan->objects[cap->object].owner == PLAN_SYSTEM && cap->relay == 0;
    return lasts ? &s->objects[cap->object] : NULL;
}

// Hardware has none, whatever the kernel keeps in these bits.
static uint8_t rights_of(const struct hosted_slot *live)
{
    enum plan_type type = audit_tag_type(live->kind);
    return type == PLAN_IRQ_HANDLER || type == PLAN_IO_PORTS ? 0 : (uint8_t)live->rights;
}

static enum cspaces_verdict compare(struct cspaces *s, const struct plan_cap *cap,
                                    const struct hosted_slot *live)
{
    if (audit_tag_type(live->kind) != cap->type || rights_of(live) != cap->rights ||
        live->badge != cap->badge) {
        return CSPACES_DIFFERS;
    }
    uint64_t *known = known_address(s, cap);
    if (live->object == s->auditor && cap->object != PLAN_AUDITOR) {
        return cap->type == PLAN_ENDPOINT ? CSPACES_STOOD_IN : CSPACES_DIFFERS;
    }
    return known == NULL || is_at(s, known, live->object) ? CSPACES_AS_PLANNED : CSPACES_DIFFERS;
}

static void put_row(const struct cspaces *s, const struct row *row)
{
    char object_room[256], name_room[256], rights[5];
    struct text object = text_of(object_room, sizeof(object_room));
    struct text name = text_of(name_room, sizeof(name_room));
    const struct hosted_slot none = {0}, *live = row->live != NULL ? row->live : &none;
    enum plan_type type = audit_tag_type(live->kind);
    const char *kind = row->live == NULL        ? "empty"
                       : type < PLAN_TYPE_COUNT ? plan_type_name(type)
                                                : "unknown";
    plan_names_object(&object, s->plan, row->cap);
    text_put_json(&name, row->cap->name);
    const char *words = dump_words_rights(rights, rights_of(live));
    if (s->json) {
        fprintf(s->to,
                "{\"slot\":%u,\"name\":\"%.*s\",\"planned\":\"%s\",\"kind\":\"%s\","
                "\"rights\":\"%s\",\"badge\":\"0x%" PRIx64 "\",\"object\":\"%.*s\","
                "\"address\":\"0x%" PRIx64 "\",\"verdict\":\"%s\"}",
                (unsigned)row->cap->slot, (int)name.len, name_room, dump_words_kind(row->cap->kind),
                kind, words, live->badge, (int)object.len, object_room, live->object,
                verdict_words[row->verdict]);
        return;
    }
    fprintf(s->to, "  %4u  %-9s %-16.*s %-12s %-5s 0x%-16" PRIx64 " %-20.*s @%" PRIx64 "%s%s\n",
            (unsigned)row->cap->slot, dump_words_kind(row->cap->kind), (int)name.len, name_room,
            kind, words, live->badge, (int)object.len, object_room, live->object,
            row->verdict == CSPACES_AS_PLANNED ? "" : "  ",
            row->verdict == CSPACES_AS_PLANNED ? "" : verdict_words[row->verdict]);
}

static void put_head(const struct cspaces *s, const struct plan_target *target,
                     const struct hosted_cspace *cspace)
{
    char room[BOUND_NAME * 6];
    struct text name = text_of(room, sizeof(room));
    text_put_json(&name, target->name);
    if (s->json) {
        fprintf(s->to,
                "{\"schema\":\"kpkg.cspace/v1\",\"target\":\"%.*s\",\"incarnation\":%u,"
                "\"when\":\"%s\",\"ticks\":%" PRIu64 ",\"radix\":%u,\"slots\":[",
                (int)name.len, room, (unsigned)cspace->handler, cspace->ended ? "end" : "start",
                cspace->ticks, cspace->radix);
    } else {
        fprintf(s->to, "%.*s, incarnation %u, at %s: radix %u\n", (int)name.len, room,
                (unsigned)cspace->handler, cspace->ended ? "the end" : "its start", cspace->radix);
    }
}

// A CNode of another size has slots that nobody planned, or lacks some.
static size_t put_slots(struct cspaces *s, const struct plan_target *target,
                        const struct hosted_cspace *cspace)
{
    size_t next = 0, differs = 0;
    for (uint32_t i = 0; i < target->caps; i++) {
        struct row row = {.cap = &s->plan->caps[target->first_cap + i], .verdict = CSPACES_DIFFERS};
        if (next < cspace->count && cspace->slots[next].slot == row.cap->slot) {
            row.live = &cspace->slots[next++];
            row.verdict = compare(s, row.cap, row.live);
        }
        differs += row.verdict == CSPACES_DIFFERS;
        fputs(s->json && i > 0 ? "," : "", s->to);
        put_row(s, &row);
    }
    return differs + (cspace->count - next) + (cspace->radix != target->cnode_bits);
}

void cspaces_take(void *cspaces, const struct hosted_cspace *cspace)
{
    struct cspaces *s = cspaces;
    const struct plan_target *target = plan_names_target(s->plan, cspace->handler);
    if (target == NULL) {
        return;
    }
    uint64_t *started = &s->started[target - s->plan->targets];
    if (!cspace->ended && *started == cspace->handler) {
        return; // it only goes on
    }
    *started = cspace->handler;
    put_head(s, target, cspace);
    size_t differs = put_slots(s, target, cspace);
    s->differs += differs;
    if (s->json) {
        fprintf(s->to, "],\"differs\":%zu}\n", differs);
    } else {
        fprintf(s->to, differs == 0 ? "  as planned\n" : "  %zu slots differ\n", differs);
    }
}
