// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where the parser stands in the text: every byte is passed by toml_cursor_advance, which keeps
// line and column, so that a position costs nothing to know. Bytes are checked once, before the
// grammar: toml_cursor_start refuses what no place of a TOML text may hold, and after it a CR is
// always followed by LF.

#include "toml.h"

struct toml_cursor {
    struct bytes text;
    uint32_t pos;
    uint32_t line;
    uint32_t column;
    struct diag *diag;
};

enum { TOML_END = -1 };

// TOML_TOO_LARGE, TOML_NUL, TOML_UTF8 or TOML_CONTROL; otherwise the cursor is at the first
// character, after a byte order mark if there is one.
MUST_CHECK enum status toml_cursor_start(struct toml_cursor *cursor, struct bytes text,
                                         struct diag *diag);

// The byte `ahead` of the cursor, or TOML_END.
int toml_cursor_peek(const struct toml_cursor *cursor, uint32_t ahead);

// Passes `count` bytes of the text, which are there.
void toml_cursor_advance(struct toml_cursor *cursor, uint32_t count);

// Passes this character if it is next.
bool toml_cursor_accept(struct toml_cursor *cursor, char c);

// Passes a newline (LF or CRLF) if it is next.
bool toml_cursor_newline(struct toml_cursor *cursor);

// Passes spaces and tabs; a comment too; newlines too.
void toml_cursor_blanks(struct toml_cursor *cursor);
void toml_cursor_comment(struct toml_cursor *cursor);
void toml_cursor_gap(struct toml_cursor *cursor);

// A span that begins here, and its closing at a later position.
struct toml_span toml_cursor_mark(const struct toml_cursor *cursor);
void toml_cursor_close(const struct toml_cursor *cursor, struct toml_span *span);

// Fails at a span, whose text is the subject; or here, where the subject is the next word.
MUST_CHECK enum status toml_cursor_fail_at(const struct toml_cursor *cursor, enum status status,
                                           const char *what, struct toml_span at);
MUST_CHECK enum status toml_cursor_fail(const struct toml_cursor *cursor, const char *expected);
