// SPDX-License-Identifier: BSD-2-Clause
#include "bytes.h"

struct bytes bytes_text(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return (struct bytes){(const uint8_t *)text, len};
}

struct bytes bytes_part(struct bytes whole, size_t from, size_t len)
{
    return (struct bytes){whole.at + from, len};
}

struct bytes bytes_from(struct bytes whole, size_t from)
{
    return bytes_part(whole, from, whole.len - from);
}

bool bytes_split(struct bytes *before, struct bytes *after, struct bytes text, char at)
{
    size_t i = 0;
    while (i < text.len && text.at[i] != (uint8_t)at) {
        i++;
    }
    if (i == text.len) {
        return false;
    }
    *before = bytes_part(text, 0, i);
    *after = bytes_from(text, i + 1);
    return true;
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || a.at == b.at || memcmp(a.at, b.at, a.len) == 0);
}

// Ends at the first difference: most calls are a search among names that differ at once.
bool bytes_is(struct bytes a, const char *text)
{
    for (size_t i = 0; i < a.len; i++) {
        if (text[i] == '\0' || a.at[i] != (uint8_t)text[i]) {
            return false;
        }
    }
    return text[a.len] == '\0';
}

bool bytes_all_zero(struct bytes a)
{
    uint8_t seen = 0;
    for (size_t i = 0; i < a.len; i++) {
        seen |= a.at[i];
    }
    return seen == 0;
}

bool bytes_starts_with(struct bytes a, struct bytes prefix)
{
    return a.len >= prefix.len && bytes_equal(bytes_part(a, 0, prefix.len), prefix);
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}
