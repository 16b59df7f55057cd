// SPDX-License-Identifier: BSD-2-Clause

// kpkg.plan/v1 back into a plan (spec/plan.md, 8), as `kpkg plan --json` writes it. Shape and
// ranges are checked here; whether a plan is one that the compiler could have made is plan_check's
// question, and nobody asks it of a file.

#include "plan_read.h"

#include "dump_words.h"
#include "plan_fields.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 255 };

// Letters of "RWGP" in that order, or "none".
static bool read_rights(void *to, json_t *value, struct plan_fields *f)
{
    static const uint8_t bits[] = {PLAN_READ, PLAN_WRITE, PLAN_GRANT, PLAN_GRANT_REPLY};
    const char *text = json_string_value(value), *letters = "RWGP";
    uint8_t rights = 0;
    (void)f;
    if (text == NULL || text[0] == '\0') {
        return false;
    }
    for (size_t i = 0; i < 4 && strcmp(text, "none") != 0; i++) {
        if (*text == letters[i]) {
            rights |= bits[i];
            text++;
        }
    }
    *(uint8_t *)to = rights;
    return *text == '\0' || strcmp(text, "none") == 0;
}

static bool read_object_of(void *to, json_t *value, struct plan_fields *f)
{
    (void)f;
    const char *text = json_string_value(value);
    if (text != NULL) {
        *(uint32_t *)to = PLAN_AUDITOR;
        return strcmp(text, "auditor") == 0;
    }
    *(uint32_t *)to = (uint32_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0 &&
           json_integer_value(value) < PLAN_AUDITOR;
}

// Ascending key numbers.
static bool read_signers(void *to, json_t *value, struct plan_fields *f)
{
    uint64_t set = 0;
    json_int_t least = 0;
    size_t i;
    json_t *item;
    (void)f;
    json_array_foreach(value, i, item)
    {
        json_int_t key = json_integer_value(item);
        if (!json_is_integer(item) || key < least || key > 63) {
            return false;
        }
        set |= 1ULL << key;
        least = key + 1;
    }
    *(uint64_t *)to = set;
    return json_is_array(value);
}

static bool read_type(void *to, json_t *value, struct plan_fields *f)
{
    const char *text = json_string_value(value);
    (void)f;
    for (unsigned i = 0; text != NULL && i < PLAN_TYPE_COUNT; i++) {
        if (strcmp(plan_type_name((enum plan_type)i), text) == 0) {
            *(enum plan_type *)to = (enum plan_type)i;
            return true;
        }
    }
    return false;
}

// An array is kept as it is, to be read when there is room for what is in it.
static bool read_array(void *to, json_t *value, struct plan_fields *f)
{
    (void)f;
    *(json_t **)to = value;
    return json_is_array(value);
}

// What JSON says and the structures do not: numbers, which must count up, and arrays.
struct raw_object {
    uint32_t number;
    struct plan_object object;
};
struct raw_target {
    uint32_t number;
    struct plan_target target;
    json_t *objects, *caps, *mappings;
};

#define OBJECT(member) offsetof(struct raw_object, object.member)
#define CAP(member)    offsetof(struct plan_cap, member)
#define MAP(member)    offsetof(struct plan_mapping, member)
#define TARGET(member) offsetof(struct raw_target, target.member)
#define NUMBER(type)   offsetof(struct type, number)
#define COUNT(table)   (sizeof(table) / sizeof((table)[0]))

#define OBJECT_FIELDS                                                                              \
    {"object", FIELD_U32, NUMBER(raw_object), UINT32_MAX - 1, NULL, NULL},                         \
        {"type", FIELD_CUSTOM, OBJECT(type), 0, NULL, read_type},                                  \
        {"name", FIELD_NAME, OBJECT(name), NAME_MAX_BYTES, NULL, NULL},                            \
        {"size_bits", FIELD_U8, OBJECT(size_bits), 47, NULL, NULL},                                \
        {"count", FIELD_U32, OBJECT(count), UINT32_MAX, NULL, NULL},                               \
        {"holder_slot", FIELD_U32, OBJECT(holder_slot), UINT32_MAX, NULL, NULL},                   \
    {                                                                                              \
        "at", FIELD_WORD, OBJECT(vaddr), 0, NULL, NULL                                             \
    }

static const struct plan_field object_fields[] = {OBJECT_FIELDS};
static const struct plan_field handler_fields[] = {
    OBJECT_FIELDS,
    {"signals", FIELD_U32, OBJECT(signals), UINT32_MAX, NULL, NULL},
    {"level", FIELD_BOOL, OBJECT(level), 0, NULL, NULL},
    {"low", FIELD_BOOL, OBJECT(low), 0, NULL, NULL},
};

static const struct plan_field cap_fields[] = {
    {"slot", FIELD_U32, CAP(slot), UINT32_MAX, NULL, NULL},
    {"kind", FIELD_CHOICE, CAP(kind), 0, dump_words_kinds, NULL},
    {"name", FIELD_NAME, CAP(name), NAME_MAX_BYTES, NULL, NULL},
    {"type", FIELD_CUSTOM, CAP(type), 0, NULL, read_type},
    {"rights", FIELD_CUSTOM, CAP(rights), 0, NULL, read_rights},
    {"object", FIELD_CUSTOM, CAP(object), 0, NULL, read_object_of},
    {"service", FIELD_CHOICE, CAP(service), 0, dump_words_services, NULL},
    {"badge", FIELD_WORD, CAP(badge), 0, NULL, NULL},
    {"line", FIELD_U32, CAP(span.line), UINT32_MAX, NULL, NULL},
    {"column", FIELD_U32, CAP(span.column), UINT32_MAX, NULL, NULL},
    {"offset", FIELD_U32, CAP(span.offset), UINT32_MAX, NULL, NULL},
    {"len", FIELD_U32, CAP(span.len), UINT32_MAX, NULL, NULL},
    {"signers", FIELD_CUSTOM, CAP(signers), 0, NULL, read_signers},
    {"relay", FIELD_U32, CAP(relay), PLAN_RELAYS_MAX, NULL, NULL}, // of a traced capability only
};

#define MAPPING_FIELDS                                                                             \
    {"vaddr", FIELD_WORD, MAP(vaddr), 0, NULL, NULL},                                              \
        {"name", FIELD_NAME, MAP(name), NAME_MAX_BYTES, NULL, NULL},                               \
        {"pages", FIELD_U32, MAP(pages), UINT32_MAX, NULL, NULL},                                  \
        {"write", FIELD_BOOL, MAP(write), 0, NULL, NULL},                                          \
        {"execute", FIELD_BOOL, MAP(execute), 0, NULL, NULL},                                      \
        {"fill", FIELD_CHOICE, MAP(fill), 0, dump_words_fills, NULL},                              \
        {"object", FIELD_U32, MAP(object), UINT32_MAX, NULL, NULL},                                \
    {                                                                                              \
        "first", FIELD_U32, MAP(first), UINT32_MAX, NULL, NULL                                     \
    }

static const struct plan_field mapping_fields[] = {MAPPING_FIELDS};
static const struct plan_field copy_fields[] = {
    MAPPING_FIELDS,
    {"copy_from", FIELD_U64, MAP(copy_from), INT64_MAX, NULL, NULL},
    {"copy_len", FIELD_U64, MAP(copy_len), INT64_MAX, NULL, NULL},
    {"copy_at", FIELD_WORD, MAP(copy_at), 0, NULL, NULL},
};
static const struct plan_field shared_fields[] = {
    MAPPING_FIELDS,
    {"line", FIELD_U32, MAP(span.line), UINT32_MAX, NULL, NULL},
    {"column", FIELD_U32, MAP(span.column), UINT32_MAX, NULL, NULL},
    {"offset", FIELD_U32, MAP(span.offset), UINT32_MAX, NULL, NULL},
    {"len", FIELD_U32, MAP(span.len), UINT32_MAX, NULL, NULL},
    {"signers", FIELD_CUSTOM, MAP(signers), 0, NULL, read_signers},
};

static const struct plan_field target_fields[] = {
    {"target", FIELD_U32, NUMBER(raw_target), PLAN_SYSTEM - 1, NULL, NULL},
    {"name", FIELD_NAME, TARGET(name), NAME_MAX_BYTES, NULL, NULL},
    {"package", FIELD_NAME, TARGET(package), NAME_MAX_BYTES, NULL, NULL},
    {"package_index", FIELD_U16, TARGET(package_index), UINT16_MAX, NULL, NULL},
    {"package_id", FIELD_HEX32, TARGET(package_id), 0, NULL, NULL},
    {"untyped_bits", FIELD_U8, TARGET(untyped_bits), 47, NULL, NULL},
    {"cnode_bits", FIELD_U8, TARGET(cnode_bits), 31, NULL, NULL},
    {"holder_bits", FIELD_U8, TARGET(holder_bits), 31, NULL, NULL},
    {"memory_used", FIELD_U64, TARGET(memory_used), INT64_MAX, NULL, NULL},
    {"serves", FIELD_BOOL, TARGET(serves), 0, NULL, NULL},
    {"on_demand", FIELD_BOOL, TARGET(on_demand), 0, NULL, NULL},
    {"entry", FIELD_WORD, TARGET(entry), 0, NULL, NULL},
    {"stack_top", FIELD_WORD, TARGET(stack_top), 0, NULL, NULL},
    {"ipc_buffer", FIELD_WORD, TARGET(ipc_buffer), 0, NULL, NULL},
    {"record", FIELD_WORD, TARGET(record), 0, NULL, NULL},
    {"heap", FIELD_WORD, TARGET(heap), 0, NULL, NULL},
    {"heap_len", FIELD_U64, TARGET(heap_len), INT64_MAX, NULL, NULL},
    {"priority", FIELD_U8, TARGET(priority), UINT8_MAX, NULL, NULL},
    {"max_priority", FIELD_U8, TARGET(max_priority), UINT8_MAX, NULL, NULL},
    {"passive", FIELD_BOOL, TARGET(passive), 0, NULL, NULL},
    {"budget_us", FIELD_U64, TARGET(budget_us), INT64_MAX, NULL, NULL},
    {"period_us", FIELD_U64, TARGET(period_us), INT64_MAX, NULL, NULL},
    {"on_overrun", FIELD_CHOICE, TARGET(on_overrun), 0, dump_words_actions, NULL},
    {"on_fault", FIELD_CHOICE, TARGET(on_fault), 0, dump_words_actions, NULL},
    {"max_restarts", FIELD_U32, TARGET(max_restarts), UINT32_MAX, NULL, NULL},
    {"window_us", FIELD_U64, TARGET(window_us), INT64_MAX, NULL, NULL},
    {"backoff_us", FIELD_U64, TARGET(backoff_us), INT64_MAX, NULL, NULL},
    {"max_denials", FIELD_U32, TARGET(max_denials), UINT32_MAX, NULL, NULL},
    {"objects", FIELD_CUSTOM, offsetof(struct raw_target, objects), 0, NULL, read_array},
    {"caps", FIELD_CUSTOM, offsetof(struct raw_target, caps), 0, NULL, read_array},
    {"mappings", FIELD_CUSTOM, offsetof(struct raw_target, mappings), 0, NULL, read_array},
    {"parent", FIELD_U32, TARGET(parent), PLAN_SYSTEM, NULL, NULL}, // these of a child only
    {"parent_slot", FIELD_U32, TARGET(parent_slot), UINT32_MAX, NULL, NULL},
    {"child", FIELD_U32, TARGET(child), UINT32_MAX, NULL, NULL},
};

enum { CHILD_FIELDS = 3 };

// The place of element `i` of an array, for the diag.
static void at_element(struct plan_fields *f, uint32_t target, const char *array, size_t i)
{
    if (target == PLAN_SYSTEM) {
        snprintf(f->path, sizeof(f->path), "system[%zu]", i);
    } else {
        snprintf(f->path, sizeof(f->path), "targets[%u]%s%s[%zu]", (unsigned)target,
                 array[0] != '\0' ? "." : "", array, i);
    }
}

// An interrupt handler has more keys than other objects.
static bool read_object(struct raw_object *raw, json_t *item, struct plan_fields *f)
{
    const char *type = json_string_value(json_object_get(item, "type"));
    if (type != NULL && strcmp(type, plan_type_name(PLAN_IRQ_HANDLER)) == 0) {
        return plan_fields_read(raw, item, handler_fields, COUNT(handler_fields), f);
    }
    return plan_fields_read(raw, item, object_fields, COUNT(object_fields), f);
}

static bool read_objects(struct plan *plan, json_t *array, uint16_t owner, struct plan_fields *f)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        struct raw_object raw = {0};
        at_element(f, owner, "objects", i);
        if (!read_object(&raw, item, f)) {
            return false;
        }
        if (raw.number != plan->object_count) {
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "object");
        }
        raw.object.owner = owner;
        plan->objects[plan->object_count++] = raw.object;
    }
    return true;
}

static bool read_caps(struct plan *plan, json_t *array, uint16_t holder, struct plan_fields *f)
{
    uint32_t first = plan->cap_count;
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        struct plan_cap *cap = &plan->caps[plan->cap_count];
        at_element(f, holder, "caps", i);
        size_t count = COUNT(cap_fields) - (json_object_get(item, "relay") == NULL ? 1 : 0);
        if (!plan_fields_read(cap, item, cap_fields, count, f)) {
            return false;
        }
        if (plan->cap_count > first && cap->slot <= cap[-1].slot) {
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "slot");
        }
        if (cap->slot >> plan->targets[holder].cnode_bits != 0) {
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "slot");
        }
        cap->holder = holder;
        plan->cap_count++;
    }
    return true;
}

// What a mapping shows decides which keys it has.
static bool read_mapping(struct plan_mapping *mapping, json_t *item, struct plan_fields *f)
{
    const char *fill = json_string_value(json_object_get(item, "fill"));
    if (fill != NULL && strcmp(fill, "copy") == 0) {
        return plan_fields_read(mapping, item, copy_fields, COUNT(copy_fields), f);
    }
    if (fill != NULL && (strcmp(fill, "region") == 0 || strcmp(fill, "device") == 0)) {
        return plan_fields_read(mapping, item, shared_fields, COUNT(shared_fields), f);
    }
    return plan_fields_read(mapping, item, mapping_fields, COUNT(mapping_fields), f);
}

static bool read_mappings(struct plan *plan, json_t *array, uint16_t target, struct plan_fields *f)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        struct plan_mapping *mapping = &plan->mappings[plan->mapping_count];
        at_element(f, target, "mappings", i);
        if (!read_mapping(mapping, item, f)) {
            return false;
        }
        mapping->target = target;
        plan->mapping_count++;
    }
    return true;
}

static bool read_target(struct plan *plan, json_t *item, struct plan_fields *f)
{
    uint16_t index = (uint16_t)plan->target_count;
    struct raw_target raw = {0};
    snprintf(f->path, sizeof(f->path), "targets[%u]", index);
    bool child = json_object_get(item, "parent") != NULL;
    size_t count = COUNT(target_fields) - (child ? 0 : CHILD_FIELDS);
    if (!plan_fields_read(&raw, item, target_fields, count, f)) {
        return false;
    }
    if (child && raw.target.parent == 0) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "parent");
    }
    if (raw.number != index) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "target");
    }
    if (raw.target.period_us == 0) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "period_us");
    }
    raw.target.first_object = plan->object_count;
    raw.target.first_cap = plan->cap_count;
    raw.target.first_mapping = plan->mapping_count;
    raw.target.objects = (uint32_t)json_array_size(raw.objects);
    raw.target.caps = (uint32_t)json_array_size(raw.caps);
    raw.target.mappings = (uint32_t)json_array_size(raw.mappings);
    plan->targets[plan->target_count++] = raw.target;
    return read_objects(plan, raw.objects, index, f) && read_caps(plan, raw.caps, index, f) &&
           read_mappings(plan, raw.mappings, index, f);
}

// What capabilities and mappings show is known only when all objects are.
static bool check_indices(const struct plan *plan, struct plan_fields *f)
{
    for (uint32_t i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].parent > plan->target_count) {
            snprintf(f->path, sizeof(f->path), "targets[%u]", (unsigned)i);
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "parent");
        }
    }
    for (uint32_t i = 0; i < plan->cap_count; i++) {
        const struct plan_cap *cap = &plan->caps[i];
        if (cap->object != PLAN_AUDITOR && cap->object >= plan->object_count) {
            at_element(f, cap->holder, "caps", i - plan->targets[cap->holder].first_cap);
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "object");
        }
    }
    for (uint32_t i = 0; i < plan->object_count; i++) {
        const struct plan_object *object = &plan->objects[i];
        bool shown = object->type != PLAN_SYSTEM_PAGES || object->vaddr < i;
        if (!shown || (object->type == PLAN_DEVICE_FRAME && object->count == 0)) {
            f->path[0] = '\0';
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "system pages");
        }
        if (object->signals >= plan->object_count) {
            f->path[0] = '\0';
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "signals");
        }
    }
    for (uint32_t i = 0; i < plan->mapping_count; i++) {
        const struct plan_mapping *mapping = &plan->mappings[i];
        if (mapping->object >= plan->object_count) {
            at_element(f, mapping->target, "mappings",
                       i - plan->targets[mapping->target].first_mapping);
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, "object");
        }
    }
    return true;
}

// Arrays as large as the document says: each element is there.
static bool make_room(struct plan *plan, json_t *system, json_t *targets, struct plan_fields *f)
{
    size_t objects = json_array_size(system) + 1, caps = 1, mappings = 1, i;
    json_t *item;
    json_array_foreach(targets, i, item)
    {
        objects += json_array_size(json_object_get(item, "objects"));
        caps += json_array_size(json_object_get(item, "caps"));
        mappings += json_array_size(json_object_get(item, "mappings"));
    }
    plan->targets = arena_take(f->arena, json_array_size(targets) + 1, sizeof(*plan->targets));
    plan->objects = arena_take(f->arena, objects, sizeof(*plan->objects));
    plan->caps = arena_take(f->arena, caps, sizeof(*plan->caps));
    plan->mappings = arena_take(f->arena, mappings, sizeof(*plan->mappings));
    bool room = plan->targets != NULL && plan->objects != NULL && plan->caps != NULL &&
                plan->mappings != NULL;
    return room || plan_fields_fail(f, STATUS_NO_MEMORY, "");
}

static bool read_document(struct plan *plan, json_t *document, struct plan_fields *f)
{
    const char *schema = json_string_value(json_object_get(document, "schema"));
    json_t *system = json_object_get(document, "system");
    json_t *targets = json_object_get(document, "targets"), *item;
    size_t i;
    if (schema == NULL || strcmp(schema, "kpkg.plan/v1") != 0) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "schema");
    }
    if (!json_is_array(system) || !json_is_array(targets) || json_object_size(document) != 3 ||
        json_array_size(targets) >= PLAN_SYSTEM) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "(document)");
    }
    bool good = make_room(plan, system, targets, f) && read_objects(plan, system, PLAN_SYSTEM, f);
    json_array_foreach(targets, i, item)
    {
        good = good && read_target(plan, item, f);
    }
    return good && check_indices(plan, f);
}

enum status plan_read(struct plan *out, struct bytes text, struct arena *arena, struct diag *diag)
{
    struct plan_fields fields = {.arena = arena, .diag = diag, .status = STATUS_OK};
    struct plan plan = {0};
    json_error_t error;
    json_t *document = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    if (document == NULL) {
        (void)diag_fail(diag, STATUS_PLAN_SHAPE, "plan document", 0);
        diag_position(diag, (uint32_t)error.line, (uint32_t)error.column);
        diag_subject(diag, bytes_text(error.text));
        return STATUS_PLAN_SHAPE;
    }
    if (read_document(&plan, document, &fields)) {
        *out = plan;
    }
    json_decref(document);
    return fields.status;
}
