// SPDX-License-Identifier: BSD-2-Clause
#include "order.h"

#include "bytes.h"

struct merge {
    order_compare compare;
    const void *context;
    const uint32_t *from;
};

// Merges the runs [first, middle) and [middle, end) of `from` into `to`.
static void merge_runs(const struct merge *m, uint32_t *to, size_t first, size_t middle, size_t end)
{
    size_t left = first, right = middle;
    for (size_t i = first; i < end; i++) {
        bool take_left = right == end || (left < middle && m->compare(m->context, m->from[left],
                                                                      m->from[right]) <= 0);
        to[i] = m->from[take_left ? left++ : right++];
    }
}

void order_sort(uint32_t *order, uint32_t *scratch, size_t count, order_compare compare,
                const void *context)
{
    struct merge m = {.compare = compare, .context = context};
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
    }
    for (size_t run = 1; run < count; run *= 2) {
        m.from = order;
        for (size_t first = 0; first < count; first += 2 * run) {
            size_t middle = count - first < run ? count : first + run;
            size_t end = count - middle < run ? count : middle + run;
            merge_runs(&m, scratch, first, middle, end);
        }
        memcpy(order, scratch, count * sizeof *order);
    }
}
