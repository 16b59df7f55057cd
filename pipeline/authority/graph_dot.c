// SPDX-License-Identifier: BSD-2-Clause

// Graphviz (the DOT language).

#include "dump_words.h"
#include "graph.h"
#include "graph_words.h"

// A quoted string of DOT, where only '"' and '\' mean anything; what is not printable ASCII is '?'.
static void put_quoted(const struct text_sink *s, struct bytes raw)
{
    dump_words_put(s, "\"");
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        if (c == '"' || c == '\\') {
            dump_words_put(s, "\\");
        }
        s->put(s->to, c < 0x20 || c >= 0x7f ? bytes_text("?") : bytes_part(raw, i, 1));
    }
    dump_words_put(s, "\"");
}

static void put_target(const struct text_sink *s, uint32_t target)
{
    dump_words_put(s, "t");
    dump_words_u64(s, target);
}

static void put_edge(const struct text_sink *s, const struct authority_grant *grant)
{
    char label[64];
    struct text t = text_of(label, sizeof label);
    bool out = graph_words_sends(grant);
    graph_words_put_label(&t, grant);
    if (out) {
        put_target(s, grant->target);
        dump_words_put(s, " -> ");
    }
    put_quoted(s, grant->object);
    if (!out) {
        dump_words_put(s, " -> ");
        put_target(s, grant->target);
    }
    dump_words_put(s, " [label=");
    put_quoted(s, text_bytes(&t));
    dump_words_put(s, graph_words_is_grave(grant) ? ", penwidth=3];\n" : "];\n");
}

void graph_dot(const struct text_sink *s, const struct authority *a)
{
    dump_words_put(s, "digraph authority {\nrankdir=LR;\nnode [shape=ellipse];\n");
    for (uint32_t i = 0; i < a->target_count; i++) {
        put_target(s, i);
        dump_words_put(s, " [shape=box, label=");
        put_quoted(s, a->targets[i].name);
        dump_words_put(s, "];\n");
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        put_edge(s, &a->grants[i]);
    }
    dump_words_put(s, "}\n");
}
