// SPDX-License-Identifier: BSD-2-Clause
#include "number.h"

int number_digit(int c, unsigned base)
{
    int value = -1;
    if (c >= '0' && c <= '9') {
        value = c - '0';
    } else if (c >= 'a' && c <= 'f') {
        value = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
        value = c - 'A' + 10;
    }
    return value < (int)base ? value : -1;
}

unsigned number_ones(uint64_t set)
{
    unsigned count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

bool number_decimal(uint64_t *value, struct bytes text)
{
    uint64_t read = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = number_digit(text.at[i], 10);
        if (digit < 0 || (i > 0 && read == 0) || read > (UINT64_MAX - (uint64_t)digit) / 10) {
            return false;
        }
        read = read * 10 + (uint64_t)digit;
    }
    if (text.len != 0) {
        *value = read;
    }
    return text.len != 0;
}

bool number_hex(uint64_t *value, struct bytes text, size_t digits)
{
    uint64_t read = 0;
    if (!bytes_starts_with(text, bytes_text("0x")) || text.len == 2 || text.len - 2 > digits) {
        return false;
    }
    for (size_t i = 2; i < text.len; i++) {
        int digit = number_digit(text.at[i], 16);
        if (digit < 0 || (text.at[i] >= 'A' && text.at[i] <= 'F')) {
            return false;
        }
        read = read << 4 | (uint64_t)digit;
    }
    *value = read;
    return true;
}

bool number_hex_range(uint64_t *first, uint64_t *last, struct bytes text, size_t digits)
{
    struct bytes before, after;
    uint64_t low, high;
    if (!bytes_split(&before, &after, text, '-') || !number_hex(&low, before, digits) ||
        !number_hex(&high, after, digits) || low > high) {
        return false;
    }
    *first = low;
    *last = high;
    return true;
}
