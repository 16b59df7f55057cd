// SPDX-License-Identifier: BSD-2-Clause
#include "kpkg.h"

enum { ALIGNMENT = 16 };

static uint64_t heap_used;

// The frames of the heap are zero when the program starts, and nothing is given out twice.
void *kpkg_alloc(size_t size)
{
    const struct kpkg_record *record = kpkg_record();
    uint64_t left = record->heap_len - heap_used;
    if (size > left) {
        return NULL;
    }
    void *at = (void *)(record->heap + heap_used); // NOLINT(performance-no-int-to-ptr)
    uint64_t step = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    heap_used += step < left ? step : left;
    return at;
}

size_t strlen(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return len;
}

int strncmp(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i] || a[i] == '\0') {
            return (unsigned char)a[i] - (unsigned char)b[i];
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}
