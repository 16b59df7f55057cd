// SPDX-License-Identifier: BSD-2-Clause
//
// The smallest useful package: says hello, wakes the sensor, and is done.
#include "kpkg.h"

int main(void)
{
    uint64_t log = kpkg_cap("log");
    uint64_t tick = kpkg_cap("tick");

    kpkg_print(log, "hello from %s", kpkg_record()->name);
    for (uint32_t i = 0; kpkg_argument(i) != NULL; i++) {
        kpkg_print(log, "argument %u is \"%s\"", i, kpkg_argument(i));
    }
    if (tick != 0) {
        kpkg_signal(tick);
    }
    return 0;
}
