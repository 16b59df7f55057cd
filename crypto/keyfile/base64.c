// SPDX-License-Identifier: BSD-2-Clause
#include "base64.h"

static int digit_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

// One group of `digits` (2 to 4) digits into digits - 1 bytes, first one highest.
static bool decode_group(uint8_t out[static 3], const uint8_t *at, size_t digits)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < digits ? digit_value(at[i]) : 0;
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
    }
    out[0] = (uint8_t)(bits >> 16);
    out[1] = (uint8_t)(bits >> 8);
    out[2] = (uint8_t)bits;
    return (bits & 0xffffffU >> (8 * (digits - 1))) == 0; // unused bits
}

static size_t padding(struct bytes text)
{
    size_t count = 0;
    while (count < 2 && count < text.len && text.at[text.len - 1 - count] == '=') {
        count++;
    }
    return count;
}

bool base64_decode(uint8_t *out, size_t size, size_t *len, struct bytes text)
{
    size_t pad = padding(text);
    *len = text.len / 4 * 3 - (text.len == 0 ? 0 : pad);
    if (text.len % 4 != 0) {
        return false;
    }
    for (size_t group = 0; group < text.len / 4; group++) {
        uint8_t raw[3];
        size_t digits = group == text.len / 4 - 1 ? 4 - pad : 4;
        if (!decode_group(raw, text.at + 4 * group, digits)) {
            return false;
        }
        for (size_t i = 0; i < digits - 1 && 3 * group + i < size; i++) {
            out[3 * group + i] = raw[i];
        }
    }
    return true;
}

static char digit_of(uint32_t bits, unsigned shift)
{
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[bits >> shift & 63];
}

void base64_encode(struct text *out, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i += 3) {
        size_t left = raw.len - i;
        uint32_t bits = (uint32_t)raw.at[i] << 16;
        bits |= left > 1 ? (uint32_t)raw.at[i + 1] << 8 : 0;
        bits |= left > 2 ? raw.at[i + 2] : 0;
        text_char(out, digit_of(bits, 18));
        text_char(out, digit_of(bits, 12));
        text_char(out, left > 1 ? digit_of(bits, 6) : '=');
        text_char(out, left > 2 ? digit_of(bits, 0) : '=');
    }
}
