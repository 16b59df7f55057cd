// SPDX-License-Identifier: BSD-2-Clause
#include "text.h"

#include "utf8.h"

struct text text_of(char *at, size_t size)
{
    return (struct text){.at = at, .size = size};
}

struct text text_into(char *at, size_t size, struct text_sink sink)
{
    return (struct text){.at = at, .size = size, .sink = sink};
}

struct bytes text_bytes(const struct text *t)
{
    return (struct bytes){(const uint8_t *)t->at, t->len};
}

void text_flush(struct text *t)
{
    t->sink.put(t->sink.to, text_bytes(t));
    t->len = 0;
}

void text_char(struct text *t, char c)
{
    if (t->len == t->size && t->sink.put != NULL) {
        text_flush(t);
    }
    if (t->len == t->size) {
        t->cut = true;
        return;
    }
    t->at[t->len++] = c;
}

void text_put_bytes(struct text *t, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        text_char(t, (char)raw.at[i]);
    }
}

void text_put(struct text *t, const char *literal)
{
    text_put_bytes(t, bytes_text(literal));
}

void text_put_u64(struct text *t, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0) {
        text_char(t, digits[--n]);
    }
}

void text_put_i64(struct text *t, int64_t value)
{
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        text_char(t, '-');
        magnitude = 0 - magnitude;
    }
    text_put_u64(t, magnitude);
}

static char hex_digit(uint64_t nibble)
{
    return "0123456789abcdef"[nibble & 0xf];
}

void text_put_word(struct text *t, uint64_t value)
{
    text_put(t, "0x");
    unsigned shift = 60;
    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    for (;; shift -= 4) {
        text_char(t, hex_digit(value >> shift));
        if (shift == 0) {
            return;
        }
    }
}

void text_put_hex(struct text *t, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        text_char(t, hex_digit(raw.at[i] >> 4));
        text_char(t, hex_digit(raw.at[i]));
    }
}

static void put_u16_escape(struct text *t, uint32_t unit)
{
    text_put(t, "\\u");
    for (unsigned shift = 16; shift > 0; shift -= 4) {
        text_char(t, hex_digit(unit >> (shift - 4)));
    }
}

// U+007F and above are escaped too: the output is ASCII, and a terminal acts on none of it.
static void put_code_point(struct text *t, uint32_t code)
{
    if (code == '"' || code == '\\') {
        text_char(t, '\\');
        text_char(t, (char)code);
    } else if (code >= 0x20 && code < 0x7f) {
        text_char(t, (char)code);
    } else if (code < 0x10000) {
        put_u16_escape(t, code);
    } else {
        put_u16_escape(t, 0xd800 + ((code - 0x10000) >> 10));
        put_u16_escape(t, 0xdc00 + ((code - 0x10000) & 0x3ff));
    }
}

void text_put_json(struct text *t, struct bytes raw)
{
    size_t pos = 0;
    while (pos < raw.len) {
        uint32_t code = 0xfffd;
        size_t width = utf8_decode(&code, bytes_from(raw, pos));
        put_code_point(t, width == 0 ? 0xfffd : code);
        pos += width == 0 ? 1 : width;
    }
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void text_put_uri(struct text *t, struct bytes path)
{
    static const char digits[] = "0123456789ABCDEF";
    text_put(t, path.len > 0 && path.at[0] == '/' ? "file://" : "");
    for (size_t i = 0; i < path.len; i++) {
        uint8_t c = path.at[i];
        if (is_unreserved((char)c) || c == '/') {
            text_char(t, (char)c);
        } else {
            text_char(t, '%');
            text_char(t, digits[c >> 4]);
            text_char(t, digits[c & 15]);
        }
    }
}
