// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What each fuzz target defines, and how it says that a property does not hold.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

#define FUZZ_CHECK(property)                                                                       \
    do {                                                                                           \
        if (!(property)) {                                                                         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)
