// SPDX-License-Identifier: BSD-2-Clause
#include "clock.h"

#include "arch.h"
#include "bootinfo.h"

struct clock clock_of(const struct sel4_bootinfo *bootinfo)
{
    struct bytes payload = bootinfo_record(bootinfo, SEL4_BOOTINFO_TSC_FREQUENCY);
    uint32_t mhz = 0;
    if (payload.len >= sizeof(mhz)) {
        memcpy(&mhz, payload.at, sizeof(mhz));
    }
    return (struct clock){.ticks_per_us = mhz == 0 ? 1000 : mhz, .start = arch_ticks()};
}

uint64_t clock_span(const struct clock *clock, uint64_t ticks)
{
    return ticks / clock->ticks_per_us * 1000 +
           ticks % clock->ticks_per_us * 1000 / clock->ticks_per_us;
}

uint64_t clock_now(const struct clock *clock)
{
    return clock_span(clock, arch_ticks() - clock->start);
}
