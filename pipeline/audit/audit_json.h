// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One JSON object written front to back into a text: members in call order, ASCII only, no
// whitespace. Commas are put by the writer; the caller pairs open with close. A NULL key writes an
// array item. What does not fit sets `text.cut`, as everywhere in base/text.h.

#include "text.h"

struct audit_json {
    struct text text;
    bool comma; // something stands before in this object or array
};

struct audit_json audit_json_of(char *at, size_t size);

// `bracket` is '{' or '[', and for close '}' or ']'.
void audit_json_open(struct audit_json *json, const char *key, char bracket);
void audit_json_close(struct audit_json *json, char bracket);

// A number that every JSON reader keeps exact: values above 2^53-1 are written as 2^53-1.
void audit_json_int(struct audit_json *json, const char *key, uint64_t value);
void audit_json_bool(struct audit_json *json, const char *key, bool value);

// A machine word as a string: 0x and lower-case hex.
void audit_json_word(struct audit_json *json, const char *key, uint64_t value);

// Text of any origin: at most its first 64 bytes, escaped.
void audit_json_text(struct audit_json *json, const char *key, struct bytes value);
// The same without the limit, for text of our own making.
void audit_json_whole(struct audit_json *json, const char *key, struct bytes value);
void audit_json_name(struct audit_json *json, const char *key, const char *literal);

// A byte string as hex, and a 32-byte digest with the name of its function before it.
void audit_json_hex(struct audit_json *json, const char *key, struct bytes value);
void audit_json_digest(struct audit_json *json, const char *key, const char *function,
                       const uint8_t digest[static 32]);
