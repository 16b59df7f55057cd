// SPDX-License-Identifier: BSD-2-Clause
#include "arena.h"

#include "bytes.h"

enum { ALIGNMENT = 16 };

struct arena arena_of(void *at, size_t size)
{
    // What a caller gives may start anywhere; items may not.
    size_t skew = (size_t)(-(uintptr_t)at % ALIGNMENT);
    if (skew > size) {
        skew = size;
    }
    return (struct arena){.at = (uint8_t *)at + skew, .size = size - skew};
}

static size_t aligned_start(const struct arena *arena)
{
    size_t pad = (size_t)(-arena->used % ALIGNMENT);
    return pad > arena->size - arena->used ? arena->size : arena->used + pad;
}

size_t arena_left(const struct arena *arena)
{
    return arena->size - aligned_start(arena);
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    size_t start = aligned_start(arena);
    // By division: the product may wrap.
    if (size != 0 && count > (arena->size - start) / size) {
        return NULL;
    }
    void *at = arena->at + start;
    memset(at, 0, count * size);
    arena->used = start + count * size;
    return at;
}
