// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Numbers as texts of this project write them (spec/policy.md): the only place where digits become
// a value. All of a text must be the number; what is not one, or wraps, leaves the outputs as they
// are.

#include "bytes.h"

// The value of a digit of this base, 2 to 16, in either case; -1 for anything else.
int number_digit(int c, unsigned base);

// How many bits are set: the members of a set of keys.
unsigned number_ones(uint64_t set);

// Decimal, without a leading zero.
bool number_decimal(uint64_t *value, struct bytes text);

// "0x" and 1 to `digits` (at most 16) hexadecimal digits in lower case.
bool number_hex(uint64_t *value, struct bytes text, size_t digits);

// Two of these in ascending order, "0x3f8-0x3ff".
bool number_hex_range(uint64_t *first, uint64_t *last, struct bytes text, size_t digits);
