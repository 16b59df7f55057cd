// SPDX-License-Identifier: BSD-2-Clause
//
// Writes the first numbers' squares into the ring that it owns, as fast as the consumer takes them.
#include "kpkg.h"
#include "ring.h"

int main(void)
{
    struct ring *ring = kpkg_region("ring", NULL);
    const struct ring_taken *taken = kpkg_region("taken", NULL);
    uint64_t more = kpkg_cap("more"), room = kpkg_cap("room");
    if (ring == NULL || taken == NULL) {
        return 1;
    }
    for (uint64_t n = 0; n < RING_COUNT; n++) {
        while (n - atomic_load_explicit(&taken->consumed, memory_order_acquire) == RING_SLOTS) {
            kpkg_wait(room);
        }
        ring->slot[n % RING_SLOTS] = n * n;
        atomic_store_explicit(&ring->produced, n + 1, memory_order_release);
        kpkg_signal(more);
    }
    return 0;
}
