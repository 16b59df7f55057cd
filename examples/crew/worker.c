// SPDX-License-Identifier: BSD-2-Clause
//
// Adds up the numbers to its first argument. With a second one it reads what is not there when it
// is started first.
#include "kpkg.h"

static uint64_t number(const char *text)
{
    uint64_t value = 0;
    for (; text != NULL && *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (uint64_t)(*text - '0');
    }
    return value;
}

int main(void)
{
    uint64_t most = number(kpkg_argument(0)), sum = 0;
    if (kpkg_argument(1) != NULL && kpkg_record()->incarnation == 1) {
        (void)*(volatile const uint64_t *)0; // NOLINT: a bad address is the point
    }
    for (uint64_t n = 1; n <= most; n++) {
        sum += n;
    }
    kpkg_print(kpkg_cap("log"), "the numbers to %lu add up to %lu", most, sum);
    return 0;
}
