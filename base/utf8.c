// SPDX-License-Identifier: BSD-2-Clause
#include "utf8.h"

// Continuation bytes that follow a lead byte, or -1 for a byte that leads nothing: C0 and C1 could
// only begin overlong forms, F5 and above what is beyond U+10FFFF (RFC 3629, 3).
static int continuation_count(uint8_t lead)
{
    if (lead < 0x80) {
        return 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return 2;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
}

size_t utf8_decode(uint32_t *code, struct bytes from)
{
    static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
    int more = continuation_count(from.at[0]);
    if (more < 0 || (size_t)more >= from.len) {
        return 0;
    }
    uint32_t value = more == 0 ? from.at[0] : from.at[0] & (0x3fU >> more);
    for (int i = 1; i <= more; i++) {
        if ((from.at[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (from.at[i] & 0x3f);
    }
    // Overlong, beyond the last code point, or half of a UTF-16 pair.
    if (value < least[more] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return 0;
    }
    *code = value;
    return (size_t)more + 1;
}

size_t utf8_write(uint8_t to[static 4], uint32_t code)
{
    if (code < 0x80) {
        to[0] = (uint8_t)code;
        return 1;
    }
    size_t width = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = width - 1; i > 0; i--) {
        to[i] = (uint8_t)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    to[0] = (uint8_t)(lead[width] | code);
    return width;
}
