// SPDX-License-Identifier: BSD-2-Clause
#include "toml_path.h"

#include "bounds.h"

void toml_path_put(struct text *out, const struct toml *node)
{
    const struct toml *chain[BOUND_TOML_DEPTH + 2];
    size_t count = 0;
    for (; node->parent != NULL; node = node->parent) {
        chain[count++] = node;
    }
    for (size_t i = count; i > 0; i--) {
        const struct toml *step = chain[i - 1];
        if (step->parent->kind == TOML_ARRAY) {
            uint64_t index = 0;
            for (const struct toml *e = step->parent->first; e != step; e = e->next) {
                index++;
            }
            text_char(out, '[');
            text_put_u64(out, index);
            text_char(out, ']');
        } else {
            text_put(out, out->len == 0 ? "" : ".");
            text_put_bytes(out, step->key);
        }
    }
}
