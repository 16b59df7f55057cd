// SPDX-License-Identifier: BSD-2-Clause
//
// A periodic task: waits to be started, then takes one sample in each period of its scheduling
// context and averages the last few.
#include "kpkg.h"

enum { SAMPLES = 8, WINDOW = 4 };

// A device would stand here: a triangle between 200 and 260 tenths of a degree.
static unsigned measure(unsigned step)
{
    unsigned phase = step * 10 % 120;
    return 200 + (phase < 60 ? phase : 120 - phase);
}

static unsigned average(const unsigned *values, unsigned count)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum / count;
}

int main(void)
{
    uint64_t log = kpkg_cap("log");
    unsigned *window = kpkg_alloc(WINDOW * sizeof *window);
    if (window == NULL) {
        return 1;
    }
    kpkg_print(log, "sensor waits for its tick");
    kpkg_wait(kpkg_cap("tick"));
    for (unsigned step = 0; step < SAMPLES; step++) {
        window[step % WINDOW] = measure(step);
        unsigned mean = average(window, step < WINDOW ? step + 1 : (unsigned)WINDOW);
        kpkg_print(log, "sample %u: %u.%u C, mean %u.%u C", step + 1, window[step % WINDOW] / 10,
                   window[step % WINDOW] % 10, mean / 10, mean % 10);
        kpkg_yield();
    }
    return 0;
}
