// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

// The processor's tick counter, as user code reads it.
uint64_t arch_ticks(void);
