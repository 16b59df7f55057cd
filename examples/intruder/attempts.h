// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the intruder tries, in order.

#include "kpkg.h"

// How an attempt must end.
enum outcome {
    STOPPED, // the kernel and the auditor stop the program: `run` never returns
    REFUSED, // the kernel answers with an error: `run` returns it
};

struct attempt {
    const char *what;
    enum outcome outcome;
    uint64_t (*run)(void); // 0 = it worked, which is a breach
};

extern const struct attempt attempts[];
extern const unsigned attempt_count;
