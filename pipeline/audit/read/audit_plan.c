// SPDX-License-Identifier: BSD-2-Clause
#include "audit_plan.h"

#include "crypto.h"

#include <jansson.h>
#include <string.h>

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static const char *name_among(const json_t *objects, json_int_t number)
{
    size_t i;
    json_t *object;
    json_array_foreach((json_t *)objects, i, object)
    {
        if (json_integer_value(json_object_get(object, "object")) == number) {
            return string_of(object, "name");
        }
    }
    return NULL;
}

// Objects have numbers of their own in the whole plan.
static const char *object_name(const json_t *plan, json_int_t number)
{
    const char *name = name_among(json_object_get(plan, "system"), number);
    size_t i;
    json_t *target;
    json_array_foreach(json_object_get(plan, "targets"), i, target)
    {
        if (name == NULL) {
            name = name_among(json_object_get(target, "objects"), number);
        }
    }
    return name != NULL ? name : "";
}

// Built-in services share the auditor's endpoint; their own names tell them apart.
static const char *name_of(const json_t *plan, const json_t *cap)
{
    const json_t *object = json_object_get(cap, "object");
    const char *service = string_of(cap, "service");
    if (json_is_integer(object)) {
        return object_name(plan, json_integer_value(object));
    }
    return strcmp(service, "none") == 0 ? string_of(cap, "object") : service;
}

// One capability as a line of the table (spec/audit.md, section 2).
static void hash_cap(struct crypto_sha256 *table, const json_t *plan, const json_t *cap)
{
    char at[256];
    struct text line = text_of(at, sizeof at);
    text_put_word(&line, (uint64_t)json_integer_value(json_object_get(cap, "slot")));
    const char *const words[] = {string_of(cap, "type"), name_of(plan, cap),
                                 string_of(cap, "rights"), string_of(cap, "badge")};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        text_char(&line, ' ');
        text_put(&line, words[i]);
    }
    text_char(&line, '\n');
    crypto_sha256_add(table, text_bytes(&line));
}

static void hash_caps(struct audit_digest *out, const json_t *plan, const json_t *caps)
{
    struct crypto_sha256 table;
    size_t i;
    json_t *cap;
    crypto_sha256_start(&table);
    json_array_foreach((json_t *)caps, i, cap)
    {
        if (strcmp(string_of(cap, "kind"), "tripwire") != 0) {
            hash_cap(&table, plan, cap);
        }
    }
    crypto_sha256_end(out->at, &table);
}

json_t *audit_plan_rows(struct bytes file)
{
    json_t *plan = json_loadb((const char *)file.at, file.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *rows = json_object(), *target, *cap;
    size_t i, k;
    bool fits = strcmp(string_of(plan, "schema"), "kpkg.plan/v1") == 0;
    json_array_foreach(json_object_get(plan, "targets"), i, target)
    {
        json_t *list = json_array();
        json_array_foreach(json_object_get(target, "caps"), k, cap)
        {
            if (strcmp(string_of(cap, "kind"), "tripwire") != 0) {
                json_array_append_new(list,
                                      json_pack("[n, s, s, s]", string_of(cap, "type"),
                                                name_of(plan, cap), string_of(cap, "rights")));
            }
        }
        json_object_set_new(rows, string_of(target, "name"), list);
    }
    json_decref(plan);
    if (!fits) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}

// The object that begins at file[from], by its brackets; strings are skipped.
static struct bytes object_at(struct bytes file, size_t from)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = from; i < file.len; i++) {
        uint8_t c = file.at[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return bytes_part(file, from, i + 1 - from);
        }
    }
    return (struct bytes){0};
}

// Targets are told apart by how `kpkg plan` writes them: each begins a line with its number.
static struct bytes next_target(struct bytes file, size_t *from)
{
    static const char begins[] = "\n{\"target\":";
    const uint8_t *at = memmem(file.at + *from, file.len - *from, begins, sizeof begins - 1);
    if (at == NULL) {
        return (struct bytes){0};
    }
    struct bytes object = object_at(file, (size_t)(at - file.at) + 1);
    *from = (size_t)(at - file.at) + 1 + object.len;
    return object;
}

static struct bytes name_in(struct bytes object)
{
    static const char key[] = "\"name\":\"";
    const uint8_t *at = object.len != 0 ? memmem(object.at, object.len, key, sizeof key - 1) : NULL;
    if (at == NULL) {
        return (struct bytes){0};
    }
    size_t from = (size_t)(at - object.at) + sizeof key - 1, len = 0;
    while (from + len < object.len && object.at[from + len] != '"') {
        len++;
    }
    return bytes_part(object, from, len);
}

enum status audit_plan_read(struct audit_plan *out, struct bytes file, struct diag *diag)
{
    json_t *plan = json_loadb((const char *)file.at, file.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *targets = json_object_get(plan, "targets");
    size_t count = json_array_size(targets), from = 0;
    bool fits = strcmp(string_of(plan, "schema"), "kpkg.plan/v1") == 0 && count <= BOUND_TARGETS;
    *out = (struct audit_plan){.target_count = count};
    for (size_t i = 0; fits && i < count; i++) {
        struct bytes object = next_target(file, &from);
        struct audit_plan_target *target = &out->targets[i];
        target->name = name_in(object);
        fits = object.len != 0 && target->name.len != 0;
        crypto_sha256(target->plan.at, object);
        hash_caps(&target->table, plan, json_object_get(json_array_get(targets, i), "caps"));
    }
    json_decref(plan);
    return fits ? STATUS_OK : diag_fail(diag, STATUS_USAGE, "not a plan of kpkg.plan/v1", 0);
}

static bool digest_is(const struct audit_digest *digest, struct bytes said)
{
    char at[80];
    struct text text = text_of(at, sizeof at);
    text_put(&text, "sha256:");
    text_put_hex(&text, (struct bytes){digest->at, sizeof digest->at});
    return bytes_equal(text_bytes(&text), said);
}

static bool matches(void *context, struct bytes name, struct bytes plan, struct bytes table)
{
    const struct audit_plan *of = context;
    for (size_t i = 0; i < of->target_count; i++) {
        const struct audit_plan_target *target = &of->targets[i];
        if (bytes_equal(target->name, name)) {
            return digest_is(&target->plan, plan) && digest_is(&target->table, table);
        }
    }
    return false;
}

struct audit_verify_plan audit_plan_of(struct audit_plan *plan)
{
    return (struct audit_verify_plan){.matches = matches, .context = plan};
}
