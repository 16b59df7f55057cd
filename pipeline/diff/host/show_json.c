// SPDX-License-Identifier: BSD-2-Clause

// kpkg.diff/v1 (spec/diff.schema.json): every change with both sides, its place and its
// fingerprint.

#include "authority_words.h"
#include "json_bytes.h"
#include "reach_words.h"
#include "show.h"

#include <stdlib.h>

static json_t *words(const struct show *show, const struct diff_change *c,
                     void (*put)(struct text *t, const struct diff_change *change,
                                 const struct diff *diff))
{
    char *text = show_words(put, show, c);
    json_t *string = text != NULL ? json_bytes_text(bytes_text(text)) : NULL;
    free(text);
    return string;
}

static json_t *auth_words(uint32_t auth)
{
    json_t *list = json_array();
    for (unsigned bit = 0; bit < AUTHORITY_BITS; bit++) {
        if (auth >> bit & 1) {
            json_array_append_new(list, json_string(authority_words_bit(bit)));
        }
    }
    return list;
}

static json_t *place_of(const struct diff_change *c)
{
    json_t *place = json_object();
    if (show_file(c).len != 0) {
        json_object_set_new(place, "file", json_bytes_text(show_file(c)));
    }
    json_object_set_new(place, "line", json_integer(c->span.line));
    json_object_set_new(place, "column", json_integer(c->span.column));
    json_object_set_new(place, "offset", json_integer(c->span.offset));
    json_object_set_new(place, "len", json_integer(c->span.len));
    return place;
}

static json_t *path_of(const struct diff_change *c, const struct diff *diff)
{
    const struct authority *a = c->verdict == DIFF_GREW ? diff->now : diff->was;
    json_t *path = json_array();
    size_t kept = c->step_count < DIFF_STEPS ? c->step_count : DIFF_STEPS;
    for (size_t i = 0; i < kept; i++) {
        char step[1024];
        struct text t = text_of(step, sizeof(step));
        reach_words_put_step(&t, a, &c->steps[i]);
        json_array_append_new(path, json_bytes_text(text_bytes(&t)));
    }
    return path;
}

static json_t *change_of(const struct show *show, const struct diff_change *c)
{
    char fingerprint[17];
    json_t *o = json_object();
    show_fingerprint(fingerprint, c);
    json_object_set_new(o, "rule", json_string(diff_words_rule(c->rule)));
    json_object_set_new(o, "name", json_string(diff_words_rule_name(c->rule)));
    json_object_set_new(o, "verdict", json_string(diff_words_verdict(c->verdict)));
    json_object_set_new(o, "severity", json_string(diff_words_severity(c->rule)));
    json_object_set_new(o, "target", json_bytes_text(diff_words_target(c)->name));
    json_object_set_new(o, "kind", json_string(diff_words_kind(c)));
    json_object_set_new(o, "object", words(show, c, show_put_object));
    json_object_set_new(o, "was", words(show, c, diff_words_put_was));
    json_object_set_new(o, "now", words(show, c, diff_words_put_now));
    if (c->kind == DIFF_CAP) {
        json_object_set_new(o, "auth_added", auth_words(c->auth_added));
        json_object_set_new(o, "auth_removed", auth_words(c->auth_removed));
    }
    if (c->kind == DIFF_PAIR) {
        json_object_set_new(o, "to", json_bytes_text(c->to->name));
        json_object_set_new(o, "path", path_of(c, show->diff));
    }
    if (c->span.line != 0) {
        json_object_set_new(o, "src", place_of(c));
    }
    json_object_set_new(o, "fingerprint", json_string(fingerprint));
    json_object_set_new(o, "approved", json_boolean(c->approved));
    if (c->approved) {
        json_object_set_new(o, "reason", json_bytes_text(c->reason));
    }
    json_object_set_new(o, "message", words(show, c, diff_words_put_message));
    return o;
}

static json_t *summary_of(const struct diff_summary *s)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "added", (int)s->added,
                     "removed", (int)s->removed, "widened", (int)s->widened, "narrowed",
                     (int)s->narrowed, "moved", (int)s->moved, "rebound", (int)s->rebound, "limits",
                     (int)s->limits, "guards", (int)s->guards, "reach", (int)s->reach, "denials",
                     (int)s->denials);
}

void show_json(FILE *to, const struct show *show)
{
    const struct diff *diff = show->diff;
    json_t *document = json_object(), *changes = json_array();
    for (uint32_t i = 0; i < diff->change_count; i++) {
        json_array_append_new(changes, change_of(show, &diff->changes[i]));
    }
    json_object_set_new(document, "schema", json_string("kpkg.diff/v1"));
    json_object_set_new(document, "was", json_bytes_text(bytes_text(show->was)));
    json_object_set_new(document, "now", json_bytes_text(bytes_text(show->now)));
    json_object_set_new(document, "verdict", json_string(diff_words_verdict(diff->verdict)));
    json_object_set_new(document, "summary", summary_of(&diff->summary));
    json_object_set_new(document, "changes", changes);
    json_dumpf(document, to, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    fputc('\n', to);
    json_decref(document);
}
