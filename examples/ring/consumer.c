// SPDX-License-Identifier: BSD-2-Clause
//
// Takes the numbers out of the producer's ring and adds them up.
#include "kpkg.h"
#include "ring.h"

int main(void)
{
    const struct ring *ring = kpkg_region("ring", NULL);
    struct ring_taken *taken = kpkg_region("taken", NULL);
    uint64_t more = kpkg_cap("more"), room = kpkg_cap("room");
    if (ring == NULL || taken == NULL) {
        return 1;
    }
    uint64_t sum = 0;
    for (uint64_t n = 0; n < RING_COUNT; n++) {
        while (atomic_load_explicit(&ring->produced, memory_order_acquire) == n) {
            kpkg_wait(more);
        }
        sum += ring->slot[n % RING_SLOTS];
        atomic_store_explicit(&taken->consumed, n + 1, memory_order_release);
        kpkg_signal(room);
    }
    kpkg_print(kpkg_cap("log"), "%d squares add up to %llu", RING_COUNT, (unsigned long long)sum);
    return 0;
}
