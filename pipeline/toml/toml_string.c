// SPDX-License-Identifier: BSD-2-Clause
#include "toml_string.h"

#include "number.h"
#include "utf8.h"

// A string is read twice: once to find its end, once more, where it has escapes, to decode them.
// What is decoded is never longer than what was written.

struct form {
    char quote;
    bool escapes;
    uint32_t fence; // quotes that open and close it: 1, or 3 for the multi-line forms
};

static uint32_t quotes_ahead(const struct toml_cursor *cursor, uint32_t ahead, char quote)
{
    uint32_t count = 0;
    while (toml_cursor_peek(cursor, ahead + count) == quote) {
        count++;
    }
    return count;
}

static enum status unclosed(const struct toml_cursor *cursor, struct toml_span from)
{
    from.len = cursor->pos - from.offset;
    return toml_cursor_fail_at(cursor, STATUS_TOML_SYNTAX, "a string that is not closed", from);
}

// Passes the content. A multi-line string may end in one or two quotes of its own before the fence.
static enum status pass_content(struct toml_cursor *cursor, struct form form,
                                struct toml_span opened, bool *escaped)
{
    for (;;) {
        int c = toml_cursor_peek(cursor, 0);
        if (c == TOML_END || (form.fence == 1 && (c == '\n' || c == '\r'))) {
            return unclosed(cursor, opened);
        }
        uint32_t quotes = quotes_ahead(cursor, 0, form.quote);
        if (quotes >= form.fence) {
            uint32_t own = form.fence == 1 ? 0 : quotes - form.fence;
            toml_cursor_advance(cursor, own > 2 ? 2 : own);
            return STATUS_OK;
        }
        bool escape = form.escapes && c == '\\';
        *escaped |= escape;
        toml_cursor_advance(cursor, quotes > 0 ? quotes : 1);
        if (escape &&
            (toml_cursor_peek(cursor, 0) == form.quote || toml_cursor_peek(cursor, 0) == '\\')) {
            toml_cursor_advance(cursor, 1);
        }
    }
}

static enum status bad_escape(const struct toml_cursor *cursor, uint32_t len, const char *what)
{
    struct toml_span at = toml_cursor_mark(cursor);
    at.len = len;
    return toml_cursor_fail_at(cursor, STATUS_TOML_SYNTAX, what, at);
}

// \uXXXX or \UXXXXXXXX: `digits` hexadecimal digits of a Unicode scalar value.
static enum status decode_code(uint32_t *code, struct toml_cursor *cursor, uint32_t digits)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < digits; i++) {
        int digit = number_digit(toml_cursor_peek(cursor, 2 + i), 16);
        if (digit < 0) {
            return bad_escape(cursor, 2 + i, "an escape with too few hexadecimal digits");
        }
        value = value << 4 | (uint32_t)digit;
    }
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return bad_escape(cursor, 2 + digits, "an escape that is no Unicode scalar value");
    }
    *code = value;
    toml_cursor_advance(cursor, 2 + digits);
    return STATUS_OK;
}

static enum status decode_escape(uint32_t *code, struct toml_cursor *cursor)
{
    static const char letters[] = "btnfr\"\\";
    static const char meanings[] = "\b\t\n\f\r\"\\";
    int c = toml_cursor_peek(cursor, 1);
    if (c == 'u' || c == 'U') {
        return decode_code(code, cursor, c == 'u' ? 4 : 8);
    }
    for (size_t i = 0; letters[i] != '\0'; i++) {
        if (letters[i] == c) {
            *code = (uint32_t)meanings[i];
            toml_cursor_advance(cursor, 2);
            return STATUS_OK;
        }
    }
    return bad_escape(cursor, 1, "an escape that TOML does not have");
}

// A backslash at the end of a line takes the newline and all blank space after it away.
static bool pass_line_end(struct toml_cursor *cursor)
{
    struct toml_cursor ahead = *cursor;
    toml_cursor_advance(&ahead, 1);
    toml_cursor_blanks(&ahead);
    if (!toml_cursor_newline(&ahead)) {
        return false;
    }
    do {
        toml_cursor_blanks(&ahead);
    } while (toml_cursor_newline(&ahead));
    *cursor = ahead;
    return true;
}

static enum status decode(struct bytes *string, struct toml_cursor cursor, uint32_t end,
                          struct form form, struct arena *arena)
{
    uint32_t start = cursor.pos;
    uint8_t *to = arena_take(arena, end - start, 1);
    if (to == NULL) {
        return toml_cursor_fail_at(&cursor, STATUS_NO_MEMORY, "arena of the TOML parser",
                                   toml_cursor_mark(&cursor));
    }
    size_t len = 0;
    while (cursor.pos < end) {
        if (toml_cursor_peek(&cursor, 0) != '\\') {
            to[len++] = (uint8_t)toml_cursor_peek(&cursor, 0);
            toml_cursor_advance(&cursor, 1);
            continue;
        }
        if (form.fence == 3 && pass_line_end(&cursor)) {
            continue;
        }
        uint32_t code = 0;
        enum status status = decode_escape(&code, &cursor);
        if (status != STATUS_OK) {
            return status;
        }
        uint8_t utf8[4];
        size_t width = utf8_write(utf8, code);
        memcpy(to + len, utf8, width);
        len += width;
    }
    *string = (struct bytes){to, len};
    return STATUS_OK;
}

enum status toml_string_read(struct bytes *string, struct toml_cursor *cursor, bool one_line,
                             struct arena *arena)
{
    char quote = (char)toml_cursor_peek(cursor, 0);
    struct form form = {.quote = quote, .escapes = quote == '"', .fence = 1};
    struct toml_span opened = toml_cursor_mark(cursor);
    if (quotes_ahead(cursor, 0, quote) >= 3) {
        if (one_line) {
            return toml_cursor_fail(cursor, "a key on one line");
        }
        form.fence = 3;
    }
    toml_cursor_advance(cursor, form.fence);
    if (form.fence == 3) {
        (void)toml_cursor_newline(cursor);
    }
    struct toml_cursor content = *cursor;
    bool escaped = false;
    enum status status = pass_content(cursor, form, opened, &escaped);
    if (status != STATUS_OK) {
        return status;
    }
    uint32_t end = cursor->pos;
    toml_cursor_advance(cursor, form.fence);
    *string = bytes_part(content.text, content.pos, end - content.pos);
    return escaped ? decode(string, content, end, form, arena) : STATUS_OK;
}
