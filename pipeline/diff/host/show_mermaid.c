// SPDX-License-Identifier: BSD-2-Clause
#include "graph_words.h"
#include "overlay.h"
#include "show.h"

#include <string.h>

// The capabilities that changed as a flowchart of Mermaid, which GitHub and GitLab draw in a
// comment. Edges are in the order of the changes.

enum { EDGES = 30 };

// In a label every byte that is not plain is an entity code, so that no name ends the string.
static void put_escaped(FILE *to, struct bytes raw)
{
    static const char plain[] = " ./_-+,:";
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c < 0x20 || c >= 0x7f) {
            fputc('?', to);
        } else if (word || strchr(plain, c) != NULL) {
            fputc(c, to);
        } else {
            fprintf(to, "#%u;", c);
        }
    }
}

static uint32_t first_with_object(const struct overlay *o, uint32_t index)
{
    uint32_t i = 0;
    while (!bytes_equal(o->authority.grants[i].object, o->authority.grants[index].object)) {
        i++;
    }
    return i;
}

static void put_nodes(FILE *to, const struct overlay *o, uint32_t edges)
{
    const struct authority *a = &o->authority;
    for (uint32_t i = 0; i < a->target_count; i++) {
        bool used = false;
        for (uint32_t k = 0; k < edges; k++) {
            used |= a->grants[k].target == i;
        }
        if (used) {
            fprintf(to, "  t%u[\"", (unsigned)i);
            put_escaped(to, a->targets[i].name);
            fputs("\"]\n", to);
        }
    }
    for (uint32_t i = 0; i < edges; i++) {
        if (first_with_object(o, i) == i) {
            fprintf(to, "  o%u([\"", (unsigned)i);
            put_escaped(to, a->grants[i].object);
            fputs("\"])\n", to);
        }
    }
}

static bool is_gain(uint8_t mark)
{
    return mark == GRAPH_ADDED || mark == GRAPH_WIDENED;
}

static void put_edge(FILE *to, const struct overlay *o, uint32_t index)
{
    static const char *const signs[] = {"", "+ ", "wider: ", "narrower: ", "- "};
    const struct authority_grant *grant = &o->authority.grants[index];
    bool out = graph_words_sends(grant);
    char at[96];
    struct text label = text_of(at, sizeof(at));
    text_put(&label, signs[o->marks[index]]);
    graph_words_put_label(&label, grant);
    fprintf(to, out ? "  t%u" : "  o%u",
            (unsigned)(out ? grant->target : first_with_object(o, index)));
    fputs(is_gain(o->marks[index]) ? " ==>|\"" : " -.->|\"", to);
    put_escaped(to, text_bytes(&label));
    fprintf(to, out ? "\"| o%u\n" : "\"| t%u\n",
            (unsigned)(out ? first_with_object(o, index) : grant->target));
}

// All edges that gain, or all that lose, in one line.
static void put_style(FILE *to, const struct overlay *o, uint32_t edges, bool gain)
{
    const char *before = "  linkStyle ";
    for (uint32_t i = 0; i < edges; i++) {
        if (is_gain(o->marks[i]) == gain) {
            fprintf(to, "%s%u", before, (unsigned)i);
            before = ",";
        }
    }
    if (before[0] == ',') {
        fputs(gain ? " stroke:#1a7f37,stroke-width:3px\n" : " stroke:#b3261e,stroke-width:2px\n",
              to);
    }
}

void show_mermaid(FILE *to, const struct show *show)
{
    struct overlay o;
    uint32_t edges = 0;
    if (!overlay_make(&o, show->diff, show->arena)) {
        return;
    }
    while (edges < o.authority.grant_count && o.marks[edges] != GRAPH_KEPT) {
        edges++;
    }
    if (edges == 0 || edges > EDGES) {
        return;
    }
    fputs("\n```mermaid\nflowchart LR\n", to);
    put_nodes(to, &o, edges);
    for (uint32_t i = 0; i < edges; i++) {
        put_edge(to, &o, i);
    }
    put_style(to, &o, edges, true);
    put_style(to, &o, edges, false);
    fputs("```\n", to);
}
