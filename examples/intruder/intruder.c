// SPDX-License-Identifier: BSD-2-Clause
//
// A hostile program. Each attempt that ends in a fault or a tripwire costs an incarnation, so each
// incarnation goes on where the one before was stopped. When nothing is left to try it exits with
// 0. An argument is the number of the attempt to begin with.
#include "attempts.h"

enum { BREACH = 66, UNSEEN = 65 };

static unsigned number(const char *digits)
{
    unsigned value = 0;
    for (; digits != NULL && *digits >= '0' && *digits <= '9'; digits++) {
        value = value * 10 + (unsigned)(*digits - '0');
    }
    return value;
}

// Where incarnation k begins: after the (k-1)th attempt that stops the program.
static unsigned first_attempt(uint64_t incarnation)
{
    unsigned begin = number(kpkg_argument(0));
    unsigned at = begin == 0 ? 0 : begin - 1;
    for (uint64_t stops = 1; stops < incarnation && at < attempt_count; at++) {
        stops += attempts[at].outcome == STOPPED;
    }
    return at;
}

int main(void)
{
    uint64_t log = kpkg_cap("log");
    for (unsigned i = first_attempt(kpkg_record()->incarnation); i < attempt_count; i++) {
        kpkg_print(log, "attempt %u: %s", i + 1, attempts[i].what);
        uint64_t error = attempts[i].run();
        if (error == 0) {
            kpkg_print(log, "BREACH: could %s", attempts[i].what);
            return BREACH;
        }
        kpkg_print(log, "refused with error %lu", error);
        if (attempts[i].outcome == STOPPED) {
            kpkg_print(log, "UNSEEN: the auditor should have stopped this");
            return UNSEEN;
        }
    }
    kpkg_print(log, "nothing left to try");
    return 0;
}
