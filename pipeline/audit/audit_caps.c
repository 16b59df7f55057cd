// SPDX-License-Identifier: BSD-2-Clause
#include "audit_caps.h"

#include "crypto.h"
#include "dump_words.h"

// The next issued or built-in cap at or after `index` in the target's caps, or NULL.
static const struct plan_cap *next_cap(const struct plan *plan, uint32_t target, uint32_t *index)
{
    const struct plan_target *owner = &plan->targets[target];
    while (*index < owner->caps) {
        const struct plan_cap *cap = &plan->caps[owner->first_cap + (*index)++];
        if (cap->kind != PLAN_CAP_TRIPWIRE) {
            return cap;
        }
    }
    return NULL;
}

uint32_t audit_caps_count(const struct plan *plan, uint32_t target)
{
    uint32_t index = 0, count = 0;
    while (next_cap(plan, target, &index) != NULL) {
        count++;
    }
    return count;
}

uint32_t audit_caps_traced(const struct plan *plan, uint32_t target)
{
    const struct plan_cap *cap;
    uint32_t index = 0, count = 0;
    while ((cap = next_cap(plan, target, &index)) != NULL) {
        count += cap->relay != 0;
    }
    return count;
}

static void add_line(struct crypto_sha256 *hasher, const struct plan *plan,
                     const struct plan_cap *cap)
{
    char line[160], rights[5];
    struct text text = text_of(line, sizeof line);
    text_put_word(&text, cap->slot);
    text_char(&text, ' ');
    text_put(&text, plan_type_name(cap->type));
    text_char(&text, ' ');
    text_put_bytes(&text, plan_cap_object(plan, cap));
    text_char(&text, ' ');
    text_put(&text, dump_words_rights(rights, cap->rights));
    text_char(&text, ' ');
    text_put_word(&text, cap->badge);
    text_char(&text, '\n');
    crypto_sha256_add(hasher, text_bytes(&text));
}

struct audit_digest audit_caps_table(const struct plan *plan, uint32_t target)
{
    struct crypto_sha256 hasher;
    struct audit_digest digest;
    uint32_t index = 0;
    crypto_sha256_start(&hasher);
    for (const struct plan_cap *cap; (cap = next_cap(plan, target, &index)) != NULL;) {
        add_line(&hasher, plan, cap);
    }
    crypto_sha256_end(digest.at, &hasher);
    return digest;
}

static void put_row(struct json_text *json, const struct plan *plan, const struct plan_cap *cap)
{
    char rights[5];
    json_text_open(json, NULL, '[');
    json_text_word(json, NULL, cap->slot);
    json_text_name(json, NULL, plan_type_name(cap->type));
    json_text_short(json, NULL, plan_cap_object(plan, cap));
    json_text_name(json, NULL, dump_words_rights(rights, cap->rights));
    json_text_word(json, NULL, cap->badge);
    json_text_close(json, ']');
}

void audit_caps_part(struct json_text *json, const struct plan *plan, uint32_t target,
                     uint32_t part)
{
    uint32_t index = 0, row = 0;
    json_text_open(json, "caps", '[');
    for (const struct plan_cap *cap; (cap = next_cap(plan, target, &index)) != NULL; row++) {
        if (row / AUDIT_CAPS_PER_PART == part) {
            put_row(json, plan, cap);
        }
    }
    json_text_close(json, ']');
}
