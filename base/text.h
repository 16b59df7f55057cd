// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Text written into a caller's buffer, which is never overrun. What does not fit is passed on to
// the sink; without one it is dropped, and `cut` is set. Not NUL-terminated: `len` says how much
// there is.

#include "bytes.h"

struct text_sink {
    void (*put)(void *to, struct bytes piece);
    void *to;
};

struct text {
    char *at;
    size_t size;
    size_t len;
    bool cut;
    struct text_sink sink;
};

// Empty, over `size` bytes that stay the caller's.
struct text text_of(char *at, size_t size);

// The same with a sink, to which text_flush passes what is left in the buffer.
struct text text_into(char *at, size_t size, struct text_sink sink);
void text_flush(struct text *t);

// What is in the buffer; borrowed until the next write.
struct bytes text_bytes(const struct text *t);

// Each appends; nothing is escaped.
void text_char(struct text *t, char c);
void text_put(struct text *t, const char *literal);
void text_put_bytes(struct text *t, struct bytes raw);
void text_put_u64(struct text *t, uint64_t value);
void text_put_i64(struct text *t, int64_t value);

// Lower-case hexadecimal: a word as 0x.. without leading zeros; a byte string as two digits a byte.
void text_put_word(struct text *t, uint64_t value);
void text_put_hex(struct text *t, struct bytes raw);

// The inside of a JSON string (no quotes), pure ASCII. Bytes that are not UTF-8 become \ufffd, so
// that no input, however hostile, leaves the string or adds a line.
void text_put_json(struct text *t, struct bytes raw);

// A path as a URI reference (RFC 3986, 4.1; RFC 8089 for an absolute path, which becomes a URI of
// its own): everything but unreserved characters and '/' percent-encoded, so at most TEXT_URI.
#define TEXT_URI(path_len) (sizeof("file://") + 3 * (path_len))
void text_put_uri(struct text *t, struct bytes path);
