// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// SHA-256's compression (FIPS 180-4, 6.2.2) by the processor's own instructions for it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_WORDS = 8 };

// Whether the processor has them, as glibc found at its start.
bool sha256_blocks_supported(void);

// Takes `count` whole blocks into the state.
void sha256_blocks(uint32_t state[static SHA256_WORDS], const uint8_t *blocks, size_t count);
