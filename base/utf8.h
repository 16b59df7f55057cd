// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.

#include "bytes.h"

// Decodes the first code point of `from` (not empty). Returns its width in bytes, or 0 when it is
// not UTF-8.
size_t utf8_decode(uint32_t *code, struct bytes from);

// Writes a code point (a Unicode scalar value) as UTF-8; returns its width, 1 to 4.
size_t utf8_write(uint8_t to[static 4], uint32_t code);
