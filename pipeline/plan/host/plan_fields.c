// SPDX-License-Identifier: BSD-2-Clause

// A JSON object against a table of its members: all of them, none twice, no other, each in its
// range.

#include "plan_fields.h"

#include "text.h"

#include <string.h>

static bool fail_at(struct plan_fields *f, enum status status, struct bytes key)
{
    char place[160];
    if (f->status == STATUS_OK) {
        struct text text = text_of(place, sizeof(place));
        text_put(&text, f->path);
        text_put(&text, f->path[0] != '\0' ? "." : "");
        text_put_bytes(&text, key);
        f->status = diag_fail(f->diag, status, "plan document", 0);
        diag_subject(f->diag, text_bytes(&text));
    }
    return false;
}

bool plan_fields_fail(struct plan_fields *f, enum status status, const char *key)
{
    return fail_at(f, status, bytes_text(key));
}

static bool read_number(void *to, const struct json_tree_node *value,
                        const struct plan_field *field)
{
    uint64_t number;
    if (!json_tree_count(&number, value) || number > field->most) {
        return false;
    }
    switch (field->kind) {
    case FIELD_U8:
        *(uint8_t *)to = (uint8_t)number;
        return number <= UINT8_MAX;
    case FIELD_U16:
        *(uint16_t *)to = (uint16_t)number;
        return number <= UINT16_MAX;
    case FIELD_U32:
        *(uint32_t *)to = (uint32_t)number;
        return number <= UINT32_MAX;
    default:
        *(uint64_t *)to = number;
        return true;
    }
}

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "0x" and 1 to 16 digits, the first of which is 0 only when it is alone.
static bool read_word(uint64_t *to, struct bytes text)
{
    if (text.len < 3 || text.len > 18 || !bytes_starts_with(text, bytes_text("0x")) ||
        (text.at[2] == '0' && text.len > 3)) {
        return false;
    }
    uint64_t word = 0;
    for (size_t i = 2; i < text.len; i++) {
        int digit = digit_of(text.at[i]);
        if (digit < 0) {
            return false;
        }
        word = word << 4 | (uint64_t)digit;
    }
    *to = word;
    return true;
}

static bool read_hex32(uint8_t to[static 32], struct bytes text)
{
    if (text.len != 64) {
        return false;
    }
    for (size_t i = 0; i < 32; i++) {
        int high = digit_of(text.at[2 * i]), low = digit_of(text.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_name(struct bytes *to, struct bytes text, struct plan_fields *f)
{
    uint8_t *at = arena_take(f->arena, text.len + 1, 1);
    if (at == NULL) {
        return plan_fields_fail(f, STATUS_NO_MEMORY, "");
    }
    memcpy(at, text.at, text.len);
    *to = (struct bytes){at, text.len};
    return true;
}

static bool read_choice(unsigned *to, struct bytes text, const char *const *names)
{
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (bytes_is(text, names[i])) {
            *to = i;
            return true;
        }
    }
    return false;
}

static bool read_text(void *to, const struct json_tree_node *value, const struct plan_field *field,
                      struct plan_fields *f)
{
    if (!json_tree_is(value, JSON_TREE_STRING)) {
        return false;
    }
    switch (field->kind) {
    case FIELD_WORD:
        return read_word(to, value->text);
    case FIELD_HEX32:
        return read_hex32(to, value->text);
    case FIELD_CHOICE:
        return read_choice(to, value->text, field->names);
    default:
        return value->text.len <= field->most && read_name(to, value->text, f);
    }
}

static bool read_field(void *to, const struct json_tree_node *value, const struct plan_field *field,
                       struct plan_fields *f)
{
    switch (field->kind) {
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
        return read_number(to, value, field);
    case FIELD_BOOL:
        *(bool *)to = json_tree_is(value, JSON_TREE_TRUE);
        return *(bool *)to || json_tree_is(value, JSON_TREE_FALSE);
    case FIELD_CUSTOM:
        return field->read(to, value, f);
    default:
        return read_text(to, value, field, f);
    }
}

static size_t place_of(struct bytes name, const struct plan_field *table, size_t count)
{
    size_t i = 0;
    while (i < count && !bytes_is(name, table[i].key)) {
        i++;
    }
    return i;
}

// An object with more members than the table has keys: one of them is not in it, or there twice.
static bool refuse_more(const struct json_tree_node *object, const struct plan_field *table,
                        size_t count, struct plan_fields *f)
{
    const struct json_tree_node *member = json_tree_first(object);
    size_t place = place_of(member->name, table, count);
    for (uint64_t seen = 0; place < count && (seen >> place & 1) == 0;) {
        seen |= UINT64_C(1) << place;
        member = json_tree_next(member);
        place = place_of(member->name, table, count);
    }
    return fail_at(f, STATUS_PLAN_SHAPE, member->name);
}

// Members stand in the order of the table where the document is of `kpkg plan`. As many as the
// table has keys, and each of these found, are these and none twice.
bool plan_fields_read(void *to, const struct json_tree_node *object, const struct plan_field *table,
                      size_t count, struct plan_fields *f)
{
    if (!json_tree_is(object, JSON_TREE_OBJECT)) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "(object)");
    }
    const struct json_tree_node *next = json_tree_first(object);
    for (size_t i = 0; i < count; i++) {
        bool here = next != NULL && bytes_is(next->name, table[i].key);
        const struct json_tree_node *value = here ? next : json_tree_member(object, table[i].key);
        if (value == NULL || !read_field((char *)to + table[i].offset, value, &table[i], f)) {
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, table[i].key);
        }
        next = json_tree_next(value);
    }
    return object->count == count || refuse_more(object, table, count, f);
}
