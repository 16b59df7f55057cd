// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stddef.h>

// Fills `at` with bytes fit for keys, from the operating system. Needs crypto_start().
void crypto_random(void *at, size_t len);
