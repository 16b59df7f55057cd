// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// JSON written front to back into a text: members in call order, ASCII only, no whitespace. Commas
// are put by the writer; the caller pairs open with close. A NULL key writes an array item. What
// does not fit goes where base/text.h says.

#include "text.h"

struct json_text {
    struct text text;
    bool comma; // something stands before in this object or array
};

struct json_text json_text_of(char *at, size_t size);

// `bracket` is '{' or '[', and for close '}' or ']'.
void json_text_open(struct json_text *json, const char *key, char bracket);
void json_text_close(struct json_text *json, char bracket);

// A number that every JSON reader keeps exact: values above 2^53-1 are written as 2^53-1.
void json_text_int(struct json_text *json, const char *key, uint64_t value);
void json_text_bool(struct json_text *json, const char *key, bool value);

// A machine word as a string: 0x and lower-case hex.
void json_text_word(struct json_text *json, const char *key, uint64_t value);

// Text of any origin: at most its first 64 bytes, escaped.
void json_text_short(struct json_text *json, const char *key, struct bytes value);
// The same without the limit, for text of our own making.
void json_text_whole(struct json_text *json, const char *key, struct bytes value);
void json_text_name(struct json_text *json, const char *key, const char *literal);

// A byte string as hex, and a 32-byte digest with the name of its function before it.
void json_text_hex(struct json_text *json, const char *key, struct bytes value);
void json_text_digest(struct json_text *json, const char *key, const char *function,
                      const uint8_t digest[static 32]);
