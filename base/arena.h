// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Memory that the caller gives and frees as a whole: a buffer and how much of it is used.

#include <stddef.h>
#include <stdint.h>

struct arena {
    uint8_t *at;
    size_t size;
    size_t used;
};

// The caller's memory, which it frees after the last use of anything taken. NULL with size 0 is an
// arena that is full.
struct arena arena_of(void *at, size_t size);

// `count` zeroed items of `size` bytes each, aligned for any type; NULL when the arena is full or
// the product overflows. Never moves what was taken before.
void *arena_take(struct arena *arena, size_t count, size_t size);

// The bytes still free, after alignment.
size_t arena_left(const struct arena *arena);
