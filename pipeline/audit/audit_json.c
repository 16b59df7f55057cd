// SPDX-License-Identifier: BSD-2-Clause
#include "audit_json.h"

#define LARGEST_EXACT UINT64_C(0x1fffffffffffff)

enum { LONGEST_TEXT = 64 };

struct audit_json audit_json_of(char *at, size_t size)
{
    return (struct audit_json){.text = text_of(at, size)};
}

static void put_key(struct audit_json *json, const char *key)
{
    if (json->comma) {
        text_char(&json->text, ',');
    }
    json->comma = true;
    if (key != NULL) {
        text_char(&json->text, '"');
        text_put(&json->text, key);
        text_put(&json->text, "\":");
    }
}

void audit_json_open(struct audit_json *json, const char *key, char bracket)
{
    put_key(json, key);
    text_char(&json->text, bracket);
    json->comma = false;
}

void audit_json_close(struct audit_json *json, char bracket)
{
    text_char(&json->text, bracket);
    json->comma = true;
}

void audit_json_int(struct audit_json *json, const char *key, uint64_t value)
{
    put_key(json, key);
    text_put_u64(&json->text, value < LARGEST_EXACT ? value : LARGEST_EXACT);
}

void audit_json_bool(struct audit_json *json, const char *key, bool value)
{
    put_key(json, key);
    text_put(&json->text, value ? "true" : "false");
}

void audit_json_word(struct audit_json *json, const char *key, uint64_t value)
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put_word(&json->text, value);
    text_char(&json->text, '"');
}

void audit_json_whole(struct audit_json *json, const char *key, struct bytes value)
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put_json(&json->text, value);
    text_char(&json->text, '"');
}

void audit_json_text(struct audit_json *json, const char *key, struct bytes value)
{
    size_t len = value.len < LONGEST_TEXT ? value.len : LONGEST_TEXT;
    audit_json_whole(json, key, bytes_part(value, 0, len));
}

void audit_json_name(struct audit_json *json, const char *key, const char *literal)
{
    audit_json_text(json, key, bytes_text(literal));
}

void audit_json_hex(struct audit_json *json, const char *key, struct bytes value)
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put_hex(&json->text, value);
    text_char(&json->text, '"');
}

void audit_json_digest(struct audit_json *json, const char *key, const char *function,
                       const uint8_t digest[static 32])
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put(&json->text, function);
    text_char(&json->text, ':');
    text_put_hex(&json->text, (struct bytes){digest, 32});
    text_char(&json->text, '"');
}
