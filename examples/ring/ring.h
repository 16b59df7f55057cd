// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A ring of numbers in memory that two programs share: one writes, the other reads. Counters only
// grow, and each has one writer; number n is in slot n % RING_SLOTS. The producer has both of its
// words in `ring`, which the consumer can only read; the consumer's count is in `taken`, a region
// of its own that the producer can only read. So neither can spoil what the other has written.

#include <stdatomic.h>
#include <stdint.h>

enum { RING_SLOTS = 64, RING_COUNT = 1000 };

struct ring {
    _Atomic uint64_t produced;
    uint64_t slot[RING_SLOTS];
};

struct ring_taken {
    _Atomic uint64_t consumed;
};
