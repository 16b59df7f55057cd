// SPDX-License-Identifier: BSD-2-Clause

// What all forms of a comparison share. Names are views into the packages' own text; each form
// escapes them in its own way.

#include "show.h"

#include "crypto.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 4096 };

char *show_words(void (*put)(struct text *t, const struct diff_change *change,
                             const struct diff *diff),
                 const struct show *show, const struct diff_change *change)
{
    char *at = malloc(WORDS + 1);
    if (at == NULL) {
        return NULL;
    }
    struct text t = text_of(at, WORDS);
    put(&t, change, show->diff);
    at[t.len] = '\0';
    return at;
}

void show_put_object(struct text *t, const struct diff_change *change, const struct diff *diff)
{
    (void)diff;
    diff_words_put_object(t, change);
}

// What is gone is at a line of the old manifest.
struct bytes show_file(const struct diff_change *change)
{
    if (change->file.len != 0) {
        return change->file;
    }
    bool gone = change->now == NULL || (change->kind == DIFF_CAP && change->now_grant == NULL) ||
                ((change->kind == DIFF_ALLOW || change->kind == DIFF_PAIR) &&
                 change->verdict == DIFF_SHRANK);
    const struct authority_target *target = gone ? change->was : change->now;
    return target != NULL ? target->file : bytes_text("");
}

static void add_part(struct crypto_sha256 *hasher, struct bytes part)
{
    uint8_t len[4] = {(uint8_t)part.len, (uint8_t)(part.len >> 8), (uint8_t)(part.len >> 16),
                      (uint8_t)(part.len >> 24)};
    crypto_sha256_add(hasher, (struct bytes){len, sizeof(len)});
    crypto_sha256_add(hasher, part);
}

// Of what a reviewer would call the same change: rule, target, kind, object. Lengths go in front,
// so that no two changes have the same bytes.
void show_fingerprint(char out[static 17], const struct diff_change *change)
{
    char object[WORDS];
    uint8_t digest[CRYPTO_DIGEST];
    struct crypto_sha256 hasher;
    struct text t = text_of(object, sizeof(object));
    diff_words_put_object(&t, change);
    crypto_sha256_start(&hasher);
    add_part(&hasher, bytes_text(diff_words_rule(change->rule)));
    add_part(&hasher, diff_words_target(change)->name);
    add_part(&hasher, bytes_text(diff_words_kind(change)));
    add_part(&hasher, text_bytes(&t));
    add_part(&hasher, change->text);
    crypto_sha256_end(digest, &hasher);
    t = text_of(out, 16);
    text_put_hex(&t, (struct bytes){digest, 8});
    out[16] = '\0';
}

// The only target of a side that is not a mere peer, or NULL.
static const struct authority_target *only_target(const struct authority *a)
{
    const struct authority_target *only = NULL;
    for (uint32_t i = 0; i < a->target_count; i++) {
        if (!a->targets[i].outside) {
            if (only != NULL) {
                return NULL;
            }
            only = &a->targets[i];
        }
    }
    return only;
}

void show_title(struct text *t, const struct show *show)
{
    const struct authority_target *was = only_target(show->diff->was);
    const struct authority_target *now = only_target(show->diff->now);
    if (was != NULL && now != NULL && bytes_equal(was->name, now->name) && was->version.len != 0) {
        text_put_bytes(t, now->name);
        text_put(t, " ");
        text_put_bytes(t, was->version);
        text_put(t, " -> ");
        text_put_bytes(t, now->version);
        return;
    }
    text_put(t, show->was);
    text_put(t, " -> ");
    text_put(t, show->now);
}

static void put_count(struct text *t, const char *before, uint32_t count, const char *what)
{
    if (count != 0) {
        text_put(t, t->len != 0 ? "  " : "");
        text_put(t, before);
        text_put_u64(t, count);
        text_put(t, what);
    }
}

void show_counts(struct text *t, const struct show *show)
{
    const struct diff_summary *s = &show->diff->summary;
    put_count(t, "+", s->added, " added");
    put_count(t, "-", s->removed, " removed");
    put_count(t, "", s->widened, " widened");
    put_count(t, "", s->narrowed, " narrowed");
    put_count(t, "", s->limits, s->limits == 1 ? " limit" : " limits");
    put_count(t, "", s->guards, s->guards == 1 ? " guard" : " guards");
    put_count(t, "", s->reach, " reach");
    put_count(t, "", s->moved, " moved");
    put_count(t, "", s->rebound, " rebound");
    put_count(t, "", s->denials, s->denials == 1 ? " denial" : " denials");
}
