// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Sorting without recursion or heap: an order over the indices of an array, made by merging.

#include <stddef.h>
#include <stdint.h>

// Negative, zero or positive, as items `a` and `b` of the context's array compare.
typedef int (*order_compare)(const void *context, uint32_t a, uint32_t b);

// Fills `order` with 0 .. count-1 so that the items ascend; equal ones keep their order. `scratch`
// has room for `count`.
void order_sort(uint32_t *order, uint32_t *scratch, size_t count, order_compare compare,
                const void *context);
