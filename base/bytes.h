// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Borrowed byte strings and the four memory functions that a freestanding program is allowed to
// want.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A borrowed piece of memory; it never owns what it points at.
struct bytes {
    const uint8_t *at;
    size_t len;
};

// The whole outside world of the pure half. On the host they are libc's, on the target sel4/user's.
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

// A NUL-terminated literal as bytes, without the NUL.
struct bytes bytes_text(const char *text);

// The part [from, from + len) of `whole`; the caller has checked that it lies inside.
struct bytes bytes_part(struct bytes whole, size_t from, size_t len);

// The part from `from` on; the caller has checked that it lies inside.
struct bytes bytes_from(struct bytes whole, size_t from);

// What stands before and after the first byte `at`; false, and both untouched, when there is none.
bool bytes_split(struct bytes *before, struct bytes *after, struct bytes text, char at);

// Not in constant time: none of these compares secrets.
bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_is(struct bytes a, const char *text);
bool bytes_all_zero(struct bytes a);
bool bytes_starts_with(struct bytes a, struct bytes prefix);

// Lexicographic order: negative, zero or positive, as memcmp.
int bytes_compare(struct bytes a, struct bytes b);
