// SPDX-License-Identifier: BSD-2-Clause
#include "toml_cursor.h"

#include "bounds.h"
#include "utf8.h"

static const struct bytes BYTE_ORDER_MARK = {(const uint8_t *)"\xef\xbb\xbf", 3};

int toml_cursor_peek(const struct toml_cursor *cursor, uint32_t ahead)
{
    return ahead < cursor->text.len - cursor->pos ? cursor->text.at[cursor->pos + ahead] : TOML_END;
}

void toml_cursor_advance(struct toml_cursor *cursor, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t byte = cursor->text.at[cursor->pos++];
        if (byte == '\n') {
            cursor->line++;
            cursor->column = 1;
        } else if ((byte & 0xc0) != 0x80) {
            cursor->column++;
        }
    }
}

bool toml_cursor_accept(struct toml_cursor *cursor, char c)
{
    if (toml_cursor_peek(cursor, 0) != c) {
        return false;
    }
    toml_cursor_advance(cursor, 1);
    return true;
}

bool toml_cursor_newline(struct toml_cursor *cursor)
{
    (void)toml_cursor_accept(cursor, '\r');
    return toml_cursor_accept(cursor, '\n');
}

void toml_cursor_blanks(struct toml_cursor *cursor)
{
    while (toml_cursor_accept(cursor, ' ') || toml_cursor_accept(cursor, '\t')) {
    }
}

void toml_cursor_comment(struct toml_cursor *cursor)
{
    toml_cursor_blanks(cursor);
    if (toml_cursor_peek(cursor, 0) != '#') {
        return;
    }
    for (int c = '#'; c != TOML_END && c != '\n' && c != '\r'; c = toml_cursor_peek(cursor, 0)) {
        toml_cursor_advance(cursor, 1);
    }
}

void toml_cursor_gap(struct toml_cursor *cursor)
{
    do {
        toml_cursor_comment(cursor);
    } while (toml_cursor_newline(cursor));
}

struct toml_span toml_cursor_mark(const struct toml_cursor *cursor)
{
    return (struct toml_span){cursor->line, cursor->column, cursor->pos, 0};
}

void toml_cursor_close(const struct toml_cursor *cursor, struct toml_span *span)
{
    span->len = cursor->pos - span->offset;
}

enum status toml_cursor_fail_at(const struct toml_cursor *cursor, enum status status,
                                const char *what, struct toml_span at)
{
    return toml_fail(cursor->diag, status, what, at, bytes_part(cursor->text, at.offset, at.len));
}

static bool ends_word(int c)
{
    return c == TOML_END || c <= ' ' || c == ',' || c == ']' || c == '}' || c == '=' || c == '#';
}

enum status toml_cursor_fail(const struct toml_cursor *cursor, const char *expected)
{
    struct toml_span at = toml_cursor_mark(cursor);
    struct bytes rest = bytes_from(cursor->text, at.offset);
    if (bytes_starts_with(rest, BYTE_ORDER_MARK)) {
        at.len = (uint32_t)BYTE_ORDER_MARK.len;
        return toml_cursor_fail_at(cursor, STATUS_TOML_BOM, "byte order mark", at);
    }
    while (!ends_word(toml_cursor_peek(cursor, at.len))) {
        at.len++;
    }
    if (at.len == 0 && rest.len > 0) {
        at.len = 1;
    }
    return toml_cursor_fail_at(cursor, STATUS_TOML_SYNTAX, expected, at);
}

// Forbidden everywhere: control characters but tab and newline, and a CR that begins no newline.
static bool is_forbidden(const struct toml_cursor *cursor, int c)
{
    if (c == '\r') {
        return toml_cursor_peek(cursor, 1) != '\n';
    }
    return (c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
}

static enum status check_bytes(struct toml_cursor *cursor)
{
    while (cursor->pos < cursor->text.len) {
        struct toml_span at = toml_cursor_mark(cursor);
        int c = toml_cursor_peek(cursor, 0);
        at.len = 1;
        if (c == 0) {
            return toml_cursor_fail_at(cursor, STATUS_TOML_NUL, "character", at);
        }
        if (is_forbidden(cursor, c)) {
            return toml_cursor_fail_at(cursor, STATUS_TOML_CONTROL, "character", at);
        }
        uint32_t code;
        size_t width = utf8_decode(&code, bytes_from(cursor->text, cursor->pos));
        if (width == 0) {
            return toml_cursor_fail_at(cursor, STATUS_TOML_UTF8, "character", at);
        }
        toml_cursor_advance(cursor, (uint32_t)width);
    }
    return STATUS_OK;
}

enum status toml_cursor_start(struct toml_cursor *cursor, struct bytes text, struct diag *diag)
{
    if (text.len > BOUND_TOML) {
        return diag_fail(diag, STATUS_TOML_TOO_LARGE, "length", text.len);
    }
    *cursor = (struct toml_cursor){.text = text, .line = 1, .column = 1, .diag = diag};
    enum status status = check_bytes(cursor);
    if (status != STATUS_OK) {
        return status;
    }
    cursor->pos = bytes_starts_with(text, BYTE_ORDER_MARK) ? (uint32_t)BYTE_ORDER_MARK.len : 0;
    cursor->line = 1;
    cursor->column = 1;
    return STATUS_OK;
}
