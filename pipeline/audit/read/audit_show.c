// SPDX-License-Identifier: BSD-2-Clause
#include "audit_show.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { SEVERITY_WIDTH = 8, TARGET_WIDTH = 14, TYPE_WIDTH = 17, DIGEST_DIGITS = 12 };

static const char *colour_of(const char *severity)
{
    static const struct {
        const char *severity, *code;
    } colours[] = {{"notice", "\x1b[36m"},
                   {"warn", "\x1b[33m"},
                   {"error", "\x1b[31m"},
                   {"critical", "\x1b[1;31m"}};
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        if (strcmp(severity, colours[i].severity) == 0) {
            return colours[i].code;
        }
    }
    return "";
}

static void pad_to(struct text *to, size_t column)
{
    do {
        text_char(to, ' ');
    } while (to->len < column);
}

static void put_time(struct text *to, json_int_t nanoseconds)
{
    uint64_t microseconds = (uint64_t)nanoseconds / 1000;
    char digits[24];
    struct text seconds = text_of(digits, sizeof digits);
    text_put_u64(&seconds, microseconds / 1000000);
    for (size_t i = seconds.len; i < 5; i++) {
        text_char(to, ' ');
    }
    text_put_bytes(to, text_bytes(&seconds));
    text_char(to, '.');
    for (uint64_t unit = 100000; unit != 0; unit /= 10) {
        text_char(to, (char)('0' + microseconds / unit % 10));
    }
}

// "sha256:" and the like: the length that is shown.
static size_t shown_len(const char *value)
{
    static const char *const functions[] = {"sha256:", "blake2b:", "ed25519:"};
    size_t len = strlen(value);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        size_t prefix = strlen(functions[i]);
        if (strncmp(value, functions[i], prefix) == 0 && len > prefix + DIGEST_DIGITS) {
            return prefix + DIGEST_DIGITS;
        }
    }
    return len;
}

static void put_string(struct text *to, const char *value)
{
    size_t len = shown_len(value);
    bool quoted = len == 0 || strpbrk(value, " \"") != NULL;
    if (quoted) {
        text_char(to, '"');
    }
    text_put_json(to, (struct bytes){(const uint8_t *)value, len});
    if (quoted) {
        text_char(to, '"');
    }
}

static void put_value(struct text *to, const json_t *value)
{
    if (json_is_string(value)) {
        put_string(to, json_string_value(value));
        return;
    }
    char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
    if (dump != NULL) {
        text_put(to, dump);
        free(dump);
    }
}

static void put_target(struct text *to, const json_t *object)
{
    const char *target = json_string_value(json_object_get(object, "tgt"));
    if (target != NULL) {
        put_string(to, target);
        text_char(to, '#');
        put_value(to, json_object_get(object, "inc"));
    } else {
        text_char(to, '-');
    }
}

static void put_data(struct text *to, const json_t *object)
{
    const json_t *folded = json_object_get(object, "n");
    const char *key;
    json_t *value;
    if (folded != NULL) {
        text_put(to, " n=");
        put_value(to, folded);
    }
    json_object_foreach(json_object_get(object, "data"), key, value)
    {
        text_char(to, ' ');
        text_put_json(to, bytes_text(key));
        text_char(to, '=');
        put_value(to, value);
    }
}

static void put_line(struct text *to, const json_t *object, bool colour)
{
    const char *severity = json_string_value(json_object_get(object, "sev"));
    const char *paint = colour ? colour_of(severity) : "";
    size_t from = to->len;
    put_time(to, json_integer_value(json_object_get(object, "t")));
    pad_to(to, from + 13);
    put_string(to, severity);
    pad_to(to, from + 13 + SEVERITY_WIDTH);
    put_target(to, object);
    pad_to(to, from + 13 + SEVERITY_WIDTH + TARGET_WIDTH);
    text_put(to, paint);
    size_t column = to->len + TYPE_WIDTH;
    put_string(to, json_string_value(json_object_get(object, "type")));
    pad_to(to, column);
    to->len -= to->at[to->len - 1] == ' '; // each member brings its own
    text_put(to, *paint == '\0' ? "" : "\x1b[0m");
    put_data(to, object);
    text_char(to, '\n');
}

enum status audit_show(struct text *to, struct bytes record, bool colour)
{
    json_t *object = json_loadb((const char *)record.at, record.len, JSON_REJECT_DUPLICATES, NULL);
    enum status status = STATUS_USAGE;
    if (json_is_integer(json_object_get(object, "t")) &&
        json_is_string(json_object_get(object, "sev")) &&
        json_is_string(json_object_get(object, "type")) &&
        json_is_object(json_object_get(object, "data"))) {
        put_line(to, object, colour);
        status = STATUS_OK;
    }
    json_decref(object);
    return status;
}
