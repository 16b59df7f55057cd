// SPDX-License-Identifier: BSD-2-Clause
#include "export_text.h"

#include "utf8.h"

#include <string.h>

static void put_character(FILE *to, uint8_t c)
{
    switch (c) {
    case '&':
        fputs("&amp;", to);
        return;
    case '<':
        fputs("&lt;", to);
        return;
    case '>':
        fputs("&gt;", to);
        return;
    case '"':
        fputs("&quot;", to);
        return;
    case '\'':
        fputs("&#39;", to);
        return;
    default:
        putc(c >= 0x20 || c == '\n' || c == '\t' ? c : '?', to);
    }
}

// Characters that are not XML's, or that change how others look: controls, what has no width, and
// what turns the direction of a line around.
static bool is_shown(uint32_t code)
{
    static const uint32_t hidden[][2] = {{0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                                         {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                                         {0xfeff, 0xfeff}, {0xfff9, 0xffff}, {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (code >= hidden[i][0] && code <= hidden[i][1]) {
            return false;
        }
    }
    return true;
}

void export_text_xml(FILE *to, struct bytes raw)
{
    while (raw.len != 0) {
        uint32_t code = 0;
        size_t len = utf8_decode(&code, raw);
        if (code < 0x7f) {
            put_character(to, len == 0 ? '?' : raw.at[0]);
        } else if (!is_shown(code)) {
            putc('?', to);
        } else {
            fwrite(raw.at, 1, len, to);
        }
        len = len == 0 ? 1 : len;
        raw = bytes_part(raw, len, raw.len - len);
    }
}

void export_text_markdown(FILE *to, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        if (c < 0x20 || c > 0x7e) {
            putc('?', to);
        } else if (c == '<' || c == '>' || c == '&' || c == '@' || c == '|') {
            fprintf(to, "&#%u;", c);
        } else {
            if (strchr("\\`*_{}[]()#+!~", c) != NULL) {
                putc('\\', to);
            }
            putc(c, to);
        }
    }
}

void export_text_command(FILE *to, struct bytes raw, bool property)
{
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        bool escaped = c == '%' || c < 0x20 || c >= 0x7f || (property && (c == ':' || c == ','));
        if (escaped) {
            fprintf(to, "%%%02X", c);
        } else {
            putc(c, to);
        }
    }
}
