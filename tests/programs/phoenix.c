// SPDX-License-Identifier: BSD-2-Clause
//
// Dies in each incarnation by another of the intruder's attempts, until it has had as many lives as
// its argument says; then it exits with 0.
#include "attempts.h"

static uint64_t number(const char *digits)
{
    uint64_t value = 0;
    for (; digits != NULL && *digits >= '0' && *digits <= '9'; digits++) {
        value = value * 10 + (uint64_t)(*digits - '0');
    }
    return value;
}

int main(void)
{
    uint64_t life = kpkg_record()->incarnation;
    if (life >= number(kpkg_argument(0))) {
        return 0;
    }
    // The last attempt uses up a budget. On a kernel with virtual time nothing takes longer, so
    // that it is made in the first round only.
    unsigned ways = life < attempt_count ? attempt_count : attempt_count - 1;
    for (uint64_t i = life;; i++) { // what is only refused leaves it alive: on to the next
        if (attempts[i % ways].run() == 0) {
            return 1;
        }
    }
}
