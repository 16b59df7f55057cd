// SPDX-License-Identifier: BSD-2-Clause
#include "key_line.h"

struct bytes key_line_take(struct bytes *rest)
{
    size_t len = 0;
    while (len < rest->len && rest->at[len] != '\n') {
        len++;
    }
    struct bytes line = bytes_part(*rest, 0, len);
    size_t used = len + (len < rest->len);
    *rest = bytes_part(*rest, used, rest->len - used);
    if (line.len > 0 && line.at[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}
