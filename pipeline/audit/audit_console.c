// SPDX-License-Identifier: BSD-2-Clause
#include "audit_console.h"

#include "utf8.h"

static void begin_line(struct text *to, struct audit_console *console, struct bytes name)
{
    if (!console->in_line) {
        text_char(to, '[');
        text_put_bytes(to, name);
        text_put(to, "] ");
        console->in_line = true;
    }
}

void audit_console_end(struct text *to, struct audit_console *console)
{
    if (console->in_line) {
        text_char(to, '\n');
        console->in_line = false;
    }
}

// Control characters move the cursor, end frames or start escape sequences, and Unicode's invisible
// formatting characters reorder what people read: none of them passes.
static bool is_harmless(uint32_t code)
{
    bool control = (code < 0x20 && code != '\t') || (code >= 0x7f && code < 0xa0);
    bool format = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                  (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
    return !control && !format;
}

void audit_console_put(struct text *to, struct audit_console *console, struct bytes name,
                       struct bytes raw)
{
    size_t pos = 0;
    while (pos < raw.len) {
        uint32_t code = 0;
        struct bytes rest = bytes_part(raw, pos, raw.len - pos);
        size_t width = utf8_decode(&code, rest);
        begin_line(to, console, name);
        if (code == '\n') {
            audit_console_end(to, console);
        } else if (width != 0 && is_harmless(code)) {
            text_put_bytes(to, bytes_part(rest, 0, width));
        } else {
            text_char(to, '?');
        }
        pos += width == 0 ? 1 : width;
    }
}
