// SPDX-License-Identifier: BSD-2-Clause
#include "kpkg.h"

enum { ALIGNMENT = 16 };

static uint64_t heap_used;

// The frames of the heap are zero when the program starts, and nothing is given out twice: no
// memory has to be cleared and none can be used after it was freed.
void *kpkg_alloc(size_t size)
{
    const struct kpkg_record *record = kpkg_record();
    uint64_t left = record->heap_len - heap_used;
    if (size > left) {
        return NULL;
    }
    void *at = (void *)(record->heap + heap_used);
    uint64_t step = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    heap_used += step < left ? step : left;
    return at;
}
