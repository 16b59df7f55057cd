// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stddef.h>
#include <stdint.h>

// Decodes lower-case hexadecimal of exactly `len` bytes; fails the test otherwise.
void hex_decode(uint8_t *out, size_t len, const char *hex);
