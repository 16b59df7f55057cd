// SPDX-License-Identifier: BSD-2-Clause

// What the drawings share: which way an edge points, what stands at it, and which one is grave.

#include "graph_words.h"

#include "authority_words.h"

bool graph_words_sends(const struct authority_grant *grant)
{
    uint32_t only_in = AUTHORITY_RECEIVE | AUTHORITY_READ | AUTHORITY_RESET;
    return (grant->auth & ~only_in) != 0;
}

void graph_words_put_label(struct text *t, const struct authority_grant *grant)
{
    uint32_t hidden = AUTHORITY_RESET;
    hidden |= grant->auth & AUTHORITY_CALL ? AUTHORITY_SEND : 0;
    if (grant->auth & AUTHORITY_GRANT) {
        text_put(t, "everything");
        return;
    }
    size_t before = t->len;
    for (unsigned bit = 0; bit < AUTHORITY_BITS; bit++) {
        if ((grant->auth & ~hidden) >> bit & 1) {
            text_put(t, t->len != before ? ", " : "");
            text_put(t, authority_words_bit(bit));
        }
    }
}

bool graph_words_is_grave(const struct authority_grant *grant)
{
    return grant->auth & (AUTHORITY_GRANT | AUTHORITY_CONTROL | AUTHORITY_DEVICE);
}
