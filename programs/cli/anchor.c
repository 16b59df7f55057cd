// SPDX-License-Identifier: BSD-2-Clause

// A trust file stays in memory as it was read: its keys, rules and names are views into the text,
// so both live and end together.

#include "anchor.h"

#include "json_bytes.h"

#include <stdlib.h>

enum { TRUST_MAX = 1 << 20, TRUST_ARENA = 1 << 24 };

enum status anchor_read(struct anchor *out, const char *path, struct diag *diag)
{
    enum status status = file_read(&out->text, path, TRUST_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    out->memory = malloc(TRUST_ARENA);
    struct arena arena = arena_of(out->memory, out->memory != NULL ? TRUST_ARENA : 0);
    return trust_read(&out->trust, file_bytes(&out->text), &arena, diag);
}

void anchor_free(struct anchor *anchor)
{
    free(anchor->memory);
    file_free(&anchor->text);
}

json_t *anchor_signers(const struct verified *verified)
{
    json_t *signers = json_array();
    for (size_t i = 0; i < verified->trust->key_count; i++) {
        if ((verified->decision.signers >> i & 1) != 0) {
            json_array_append_new(signers, json_bytes_text(verified->trust->keys[i].id));
        }
    }
    return signers;
}
