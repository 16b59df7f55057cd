// SPDX-License-Identifier: BSD-2-Clause
#include "json_text.h"

// 2^53 - 1 (RFC 7493, 2.2).
#define LARGEST_EXACT UINT64_C(0x1fffffffffffff)

enum { LONGEST_TEXT = 64 };

struct json_text json_text_of(char *at, size_t size)
{
    return (struct json_text){.text = text_of(at, size)};
}

static void put_key(struct json_text *json, const char *key)
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

void json_text_open(struct json_text *json, const char *key, char bracket)
{
    put_key(json, key);
    text_char(&json->text, bracket);
    json->comma = false;
}

void json_text_close(struct json_text *json, char bracket)
{
    text_char(&json->text, bracket);
    json->comma = true;
}

void json_text_int(struct json_text *json, const char *key, uint64_t value)
{
    put_key(json, key);
    text_put_u64(&json->text, value < LARGEST_EXACT ? value : LARGEST_EXACT);
}

void json_text_bool(struct json_text *json, const char *key, bool value)
{
    put_key(json, key);
    text_put(&json->text, value ? "true" : "false");
}

void json_text_word(struct json_text *json, const char *key, uint64_t value)
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put_word(&json->text, value);
    text_char(&json->text, '"');
}

void json_text_whole(struct json_text *json, const char *key, struct bytes value)
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put_json(&json->text, value);
    text_char(&json->text, '"');
}

void json_text_short(struct json_text *json, const char *key, struct bytes value)
{
    size_t len = value.len < LONGEST_TEXT ? value.len : LONGEST_TEXT;
    json_text_whole(json, key, bytes_part(value, 0, len));
}

void json_text_name(struct json_text *json, const char *key, const char *literal)
{
    json_text_short(json, key, bytes_text(literal));
}

void json_text_hex(struct json_text *json, const char *key, struct bytes value)
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put_hex(&json->text, value);
    text_char(&json->text, '"');
}

void json_text_digest(struct json_text *json, const char *key, const char *function,
                      const uint8_t digest[static 32])
{
    put_key(json, key);
    text_char(&json->text, '"');
    text_put(&json->text, function);
    text_char(&json->text, ':');
    text_put_hex(&json->text, (struct bytes){digest, 32});
    text_char(&json->text, '"');
}
