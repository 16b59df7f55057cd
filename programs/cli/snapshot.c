// SPDX-License-Identifier: BSD-2-Clause

// A debug kernel's own list of capabilities, compared slot by slot with what the log says was
// issued (spec/audit.md, 6). The list is text in between console text, so it is taken for one only
// where the log says that it comes.

#include "snapshot.h"

#include "bounds.h"
#include "plan.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FINDING = 256, BADGE_KIND_SHIFT = 56, BADGE_TARGET_SHIFT = 32, BADGE_TARGET = 0xffffff };

// One capability, as the kernel prints it or as the log has it.
struct held {
    char kind[16];
    char rights[8];
    uint64_t badge;
};

// ---- the kernel's list

// NAME_KIND, and in brackets what it has: rights, then a badge.
static struct held read_cap(const char *text)
{
    struct held held = {.badge = 0};
    size_t name = strcspn(text, " ");
    const char *kind = memrchr(text, '_', name);
    const char *more = strchr(text, '(');
    const char *badge = strstr(text, "badge: ");
    if (kind != NULL) {
        (void)sscanf(kind, "_%15[a-z]", held.kind);
    }
    if (more != NULL) {
        (void)sscanf(more, "(%7[RWGXP]", held.rights);
    }
    if (badge != NULL) {
        held.badge = strtoull(badge + strlen("badge: "), NULL, 10);
    }
    return held;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len >= tail && strcmp(text + len - tail, end) == 0;
}

static void read_line(struct snapshot *s, const char *line)
{
    char *end = NULL;
    uint64_t slot = strtoull(line, &end, 16);
    if (ends_with(line, "_cnode {")) {
        json_t *cnode = json_object();
        s->cnode = json_object_set_new(s->cnodes, line, cnode) == 0 ? cnode : NULL;
    } else if (strcmp(line, "}") == 0) {
        s->cnode = NULL;
    } else if (s->cnode != NULL && strncmp(line, "0x", 2) == 0 && strncmp(end, ": ", 2) == 0) {
        char key[20];
        snprintf(key, sizeof(key), "%" PRIu64, slot);
        json_object_set_new(s->cnode, key, json_string(end + 2));
    }
}

// True when the line is the list's.
static bool take_line(struct snapshot *s, const char *line)
{
    switch (s->state) {
    case SNAPSHOT_DUE:
        if (strncmp(line, "arch ", 5) == 0) {
            s->state = SNAPSHOT_OBJECTS;
            return true;
        }
        return strncmp(line, "Debug snapshot ", 15) == 0;
    case SNAPSHOT_OBJECTS:
        if (strcmp(line, "irq maps {") == 0) {
            s->state = SNAPSHOT_IRQS;
        } else {
            read_line(s, line);
        }
        return true;
    case SNAPSHOT_IRQS:
        if (strcmp(line, "}") == 0) {
            s->state = SNAPSHOT_WHOLE;
        }
        return true;
    default:
        return false;
    }
}

static void end_line(struct snapshot *s)
{
    struct bytes whole = {(const uint8_t *)s->line, s->len};
    char line[SNAPSHOT_LINE + 1];
    size_t len = s->len;
    while (len > 0 && (s->line[len - 1] == '\n' || s->line[len - 1] == '\r')) {
        len--;
    }
    memcpy(line, s->line, len);
    line[len] = '\0';
    s->len = 0;
    if (!take_line(s, line)) {
        s->console(s->context, whole);
    } else if (s->copy != NULL) {
        fprintf(s->copy, "%s\n", line);
    }
}

void snapshot_text(struct snapshot *s, struct bytes text)
{
    bool due = s->state != SNAPSHOT_NONE && s->state != SNAPSHOT_WHOLE;
    for (; due && text.len > 0; text.at++, text.len--) {
        s->line[s->len++] = (char)*text.at;
        if (*text.at == '\n' || s->len == sizeof(s->line)) {
            end_line(s);
            due = s->state != SNAPSHOT_WHOLE;
        }
    }
    if (text.len > 0) {
        s->console(s->context, text);
    }
}

// ---- the comparison

static bool has_badge(json_t *cnode, enum plan_badge kind, uint64_t index)
{
    const char *slot;
    json_t *cap;
    json_object_foreach(cnode, slot, cap)
    {
        uint64_t badge = read_cap(json_string_value(cap)).badge;
        if (badge >> BADGE_KIND_SHIFT == (uint64_t)kind &&
            (badge >> BADGE_TARGET_SHIFT & BADGE_TARGET) == index) {
            return true;
        }
    }
    return false;
}

// The CNode whose badges say whose it is. A target's relays have badges of their client, but no
// tripwires.
static json_t *find_cnode(const struct snapshot *s, uint64_t index)
{
    static const enum plan_badge kinds[] = {PLAN_BADGE_TRIPWIRE, PLAN_BADGE_CLIENT};
    const char *name;
    json_t *cnode;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        json_object_foreach(s->cnodes, name, cnode)
        {
            if (has_badge(cnode, kinds[i], index)) {
                return cnode;
            }
        }
    }
    return NULL;
}

static uint64_t word_of(const json_t *row, size_t index)
{
    const char *word = json_string_value(json_array_get(row, index));
    return word == NULL ? 0 : strtoull(word, NULL, 16);
}

// Of these kinds alone the kernel tells rights.
static struct held planned(const json_t *rows, uint64_t index, uint64_t slot)
{
    static const char *const kinds[][2] = {{"endpoint", "ep"},
                                           {"notification", "notification"},
                                           {"reply", "reply"},
                                           {"irq handler", "irq"},
                                           {"io ports", "port"}};
    struct held held = {"ep", "W",
                        plan_badge_of(PLAN_BADGE_TRIPWIRE, (uint32_t)index, (uint32_t)slot)};
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (word_of(row, 0) != slot) {
            continue;
        }
        const char *kind = json_string_value(json_array_get(row, 1));
        const char *rights = json_string_value(json_array_get(row, 3));
        held = (struct held){.badge = word_of(row, 4)};
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            if (kind != NULL && rights != NULL && strcmp(kinds[k][0], kind) == 0) {
                snprintf(held.kind, sizeof(held.kind), "%s", kinds[k][1]);
                snprintf(held.rights, sizeof(held.rights), "%s", k < 2 ? rights : "");
            }
        }
    }
    return held;
}

// The list came over a line that anybody may write to once something is wrong.
static void tell(struct snapshot *s, const char *instance, uint64_t slot, const char *found)
{
    char finding[FINDING];
    struct text t = text_of(finding, sizeof(finding) - 1);
    text_put_json(&t, bytes_text(instance));
    text_put(&t, ": slot ");
    text_put_word(&t, slot);
    text_put(&t, ": the kernel's list has ");
    text_put_json(&t, bytes_text(found));
    finding[t.len] = '\0';
    s->differs(s->context, finding);
}

static void compare(struct snapshot *s, const char *instance, const json_t *table)
{
    uint64_t index = (uint64_t)json_integer_value(json_object_get(table, "index"));
    uint64_t radix = (uint64_t)json_integer_value(json_object_get(table, "radix"));
    uint64_t slots = radix <= BOUND_CNODE_BITS ? UINT64_C(1) << radix : 0;
    const json_t *rows = json_object_get(table, "rows");
    const json_t *cnode = find_cnode(s, index);
    if (slots == 0 || json_object_size(cnode) != slots) {
        tell(s, instance, json_object_size(cnode), "another number of capabilities");
        return;
    }
    for (uint64_t slot = 0; slot < slots; slot++) {
        char key[20];
        snprintf(key, sizeof(key), "%" PRIu64, slot);
        const char *text = json_string_value(json_object_get(cnode, key));
        struct held live = read_cap(text == NULL ? "nothing" : text);
        struct held want = planned(rows, index, slot);
        if (strcmp(live.kind, want.kind) != 0 || strcmp(live.rights, want.rights) != 0 ||
            live.badge != want.badge) {
            tell(s, instance, slot, text == NULL ? "nothing" : text);
            return;
        }
    }
    s->compared++;
}

static void compare_list(struct snapshot *s)
{
    const char *instance;
    json_t *table;
    if (s->state != SNAPSHOT_WHOLE) {
        s->differs(s->context, "the kernel's list was due and did not come");
        return;
    }
    json_object_foreach(s->tables, instance, table)
    {
        bool up = json_is_true(json_object_get(table, "up"));
        if (s->only == NULL ? up : strcmp(s->only, instance) == 0) {
            compare(s, instance, table);
        }
    }
}

// ---- the log

static json_t *table_of(const struct snapshot *s, const char *instance)
{
    json_t *table = json_object_get(s->tables, instance);
    if (table == NULL) {
        table = json_pack("{s:[]}", "rows");
        json_object_set_new(s->tables, instance, table);
    }
    return table;
}

// A list of many capabilities comes in parts; the first begins it anew.
static void take_issued(json_t *table, const json_t *data)
{
    json_object_set(table, "radix", json_object_get(data, "radix"));
    if (json_integer_value(json_object_get(data, "part")) == 1) {
        json_object_set_new(table, "rows", json_array());
    }
    json_array_extend(json_object_get(table, "rows"), json_object_get(data, "caps"));
}

static void open_list(struct snapshot *s, json_t *table, const char *instance, const json_t *data)
{
    json_decref(s->cnodes);
    free(s->only);
    s->cnodes = json_object();
    s->cnode = NULL;
    s->only = instance == NULL ? NULL : strdup(instance);
    s->len = 0;
    s->state = SNAPSHOT_DUE;
    if (instance != NULL) {
        json_object_set(table, "index", json_object_get(data, "index"));
    }
}

static void take(struct snapshot *s, const json_t *event)
{
    const char *type = json_string_value(json_object_get(event, "type"));
    const char *instance = json_string_value(json_object_get(event, "tgt"));
    const json_t *data = json_object_get(event, "data");
    json_t *table = instance == NULL ? NULL : table_of(s, instance);
    if (type == NULL) {
        return; // jansson takes less than audit_scan does
    }
    if (strcmp(type, "caps.shown") == 0) {
        open_list(s, table, instance, data);
    } else if (table != NULL && strcmp(type, "caps.issued") == 0) {
        take_issued(table, data);
    } else if (table != NULL && strcmp(type, "target.spawned") == 0) {
        json_object_set_new(table, "up", json_true());
    } else if (table != NULL && strcmp(type, "memory.reclaimed") == 0) {
        json_object_set_new(table, "up", json_false());
    }
}

void snapshot_event(struct snapshot *s, struct bytes record)
{
    if (s->state != SNAPSHOT_NONE) {
        compare_list(s);
        s->state = SNAPSHOT_NONE;
    }
    if (s->tables == NULL) {
        s->tables = json_object();
    }
    json_t *event = json_loadb((const char *)record.at, record.len, 0, NULL);
    take(s, event);
    json_decref(event);
}

void snapshot_free(struct snapshot *s)
{
    json_decref(s->tables);
    json_decref(s->cnodes);
    free(s->only);
}
