// SPDX-License-Identifier: BSD-2-Clause
#include "high_water.h"

// The index of the mark of `name`, or marks->count.
static size_t find(const struct high_water *marks, struct bytes name)
{
    size_t i = 0;
    while (i < marks->count &&
           !bytes_equal((struct bytes){marks->marks[i].name, marks->marks[i].name_len}, name)) {
        i++;
    }
    return i;
}

uint64_t high_water_of(const struct high_water *marks, struct bytes name)
{
    size_t i = find(marks, name);
    return i < marks->count ? marks->marks[i].counter : 0;
}

enum status high_water_raise(struct high_water *marks, struct bytes name, uint64_t counter)
{
    size_t i = find(marks, name);
    if (i == BOUND_TARGETS || name.len > BOUND_NAME) {
        return STATUS_NO_MEMORY;
    }
    struct high_water_mark *mark = &marks->marks[i];
    if (i == marks->count) {
        *mark = (struct high_water_mark){.name_len = name.len};
        memcpy(mark->name, name.at, name.len);
        marks->count++;
    }
    if (counter > mark->counter) {
        mark->counter = counter;
    }
    return STATUS_OK;
}
