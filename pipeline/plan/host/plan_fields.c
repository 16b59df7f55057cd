// SPDX-License-Identifier: BSD-2-Clause

// A JSON object against a table of its members: all of them, none twice, no other, each in its
// range.

#include "plan_fields.h"

#include "text.h"

#include <string.h>

bool plan_fields_fail(struct plan_fields *f, enum status status, const char *key)
{
    char room[DIAG_SUBJECT];
    struct text place = text_of(room, sizeof(room));
    if (f->status == STATUS_OK) {
        text_put(&place, f->path);
        text_put(&place, f->path[0] != '\0' ? "." : "");
        text_put(&place, key); // of the document: as long as its author likes
        f->status = diag_fail(f->diag, status, "plan document", 0);
        diag_subject(f->diag, text_bytes(&place));
    }
    return false;
}

static bool read_number(void *to, json_t *value, const struct plan_field *field)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > field->most) {
        return false;
    }
    uint64_t number = (uint64_t)json_integer_value(value);
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

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

// "0x" and 1 to 16 digits, the first of which is 0 only when it is alone.
static bool read_word(uint64_t *to, const char *text)
{
    size_t len = strlen(text);
    if (len < 3 || len > 18 || strncmp(text, "0x", 2) != 0 || (text[2] == '0' && len > 3)) {
        return false;
    }
    uint64_t word = 0;
    for (const char *at = text + 2; *at != '\0'; at++) {
        int digit = digit_of(*at);
        if (digit < 0) {
            return false;
        }
        word = word << 4 | (uint64_t)digit;
    }
    *to = word;
    return true;
}

static bool read_hex32(uint8_t to[static 32], const char *text)
{
    if (strlen(text) != 64) {
        return false;
    }
    for (size_t i = 0; i < 32; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_name(struct bytes *to, json_t *value, struct plan_fields *f)
{
    size_t len = json_string_length(value);
    uint8_t *at = arena_take(f->arena, len + 1, 1);
    if (at == NULL) {
        return plan_fields_fail(f, STATUS_NO_MEMORY, "");
    }
    memcpy(at, json_string_value(value), len);
    *to = (struct bytes){at, len};
    return true;
}

static bool read_choice(unsigned *to, const char *text, const char *const *names)
{
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            *to = i;
            return true;
        }
    }
    return false;
}

static bool read_text(void *to, json_t *value, const struct plan_field *field,
                      struct plan_fields *f)
{
    const char *text = json_string_value(value);
    if (text == NULL) {
        return false;
    }
    switch (field->kind) {
    case FIELD_WORD:
        return read_word(to, text);
    case FIELD_HEX32:
        return read_hex32(to, text);
    case FIELD_CHOICE:
        return read_choice(to, text, field->names);
    default:
        return json_string_length(value) <= field->most && read_name(to, value, f);
    }
}

static bool read_field(void *to, json_t *value, const struct plan_field *field,
                       struct plan_fields *f)
{
    switch (field->kind) {
    case FIELD_U8:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
        return read_number(to, value, field);
    case FIELD_BOOL:
        *(bool *)to = json_is_true(value);
        return json_is_boolean(value);
    case FIELD_CUSTOM:
        return field->read(to, value, f);
    default:
        return read_text(to, value, field, f);
    }
}

bool plan_fields_read(void *to, json_t *object, const struct plan_field *table, size_t count,
                      struct plan_fields *f)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) {
        return plan_fields_fail(f, STATUS_PLAN_SHAPE, "(object)");
    }
    for (size_t i = 0; i < count; i++) {
        value = json_object_get(object, table[i].key);
        if (value == NULL || !read_field((char *)to + table[i].offset, value, &table[i], f)) {
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, table[i].key);
        }
    }
    if (json_object_size(object) == count) {
        return true;
    }
    json_object_foreach(object, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < count; i++) {
            known |= strcmp(key, table[i].key) == 0;
        }
        if (!known) {
            return plan_fields_fail(f, STATUS_PLAN_SHAPE, key);
        }
    }
    return plan_fields_fail(f, STATUS_PLAN_SHAPE, "(keys)");
}
