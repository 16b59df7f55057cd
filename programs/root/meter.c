// SPDX-License-Identifier: BSD-2-Clause
#include "meter.h"

bool meter_is_over(const struct meter *meter, uint64_t now)
{
    return now - meter->from >= UINT64_C(1000000) * METER_WINDOW_MS;
}

bool meter_take(struct meter *meter, uint64_t now, uint64_t bytes)
{
    if (meter_is_over(meter, now)) {
        *meter = (struct meter){.from = now};
    }
    uint64_t cost = METER_CALL + bytes;
    if (cost > METER_LIMIT - meter->used) {
        return false;
    }
    meter->used += cost;
    return true;
}
