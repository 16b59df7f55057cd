// SPDX-License-Identifier: BSD-2-Clause
#include "show.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 200, FIRST_ROWS = 20 };

// Every byte that means something to Markdown, HTML or who reads mentions becomes a character
// reference; so does what is not printable ASCII.
static void put_escaped(FILE *to, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20 || c >= 0x7f || strchr("|<>@`&*_[]\\#~!:$", c) != NULL) {
            fprintf(to, "&#%u;", c < 0x20 || c >= 0x7f ? 0xfffdU : c);
        } else {
            fputc(c, to);
        }
    }
}

static void put_words(FILE *to, const struct show *show, const struct diff_change *c,
                      void (*put)(struct text *t, const struct diff_change *change,
                                  const struct diff *diff))
{
    char *words = show_words(put, show, c);
    put_escaped(to, words != NULL ? words : "?");
    free(words);
}

static void put_bytes(FILE *to, struct bytes raw)
{
    char *text = strndup(raw.len != 0 ? (const char *)raw.at : "", raw.len);
    put_escaped(to, text != NULL ? text : "?");
    free(text);
}

static void put_row(FILE *to, const struct show *show, const struct diff_change *c)
{
    const char *mark = c->approved ? "approved" : diff_words_verdict(c->verdict);
    fprintf(to, "| %s | %s | %s | ", diff_words_rule(c->rule), mark, diff_words_severity(c->rule));
    put_bytes(to, diff_words_target(c)->name);
    fputs(" | ", to);
    put_words(to, show, c, show_put_object);
    fputs(" | ", to);
    put_words(to, show, c, diff_words_put_was);
    fputs(" | ", to);
    put_words(to, show, c, diff_words_put_now);
    fputs(" | ", to);
    if (c->span.line != 0) {
        put_bytes(to, show_file(c));
        fprintf(to, "&#58;%u", (unsigned)c->span.line);
    }
    fputs(" |\n", to);
}

static void put_table(FILE *to, const struct show *show, uint32_t first, uint32_t end)
{
    fputs("\n| rule | change | severity | target | object | was | now | manifest |\n"
          "|---|---|---|---|---|---|---|---|\n",
          to);
    for (uint32_t i = first; i < end; i++) {
        put_row(to, show, &show->diff->changes[i]);
    }
}

void show_markdown(FILE *to, const struct show *show)
{
    uint32_t count = show->diff->change_count, shown = count < ROWS ? count : ROWS;
    uint32_t first = shown < FIRST_ROWS ? shown : FIRST_ROWS;
    char line[1024];
    struct text t = text_of(line, sizeof(line) - 1);
    fprintf(to, "**Authority: %s** — ", diff_words_verdict(show->diff->verdict));
    show_title(&t, show);
    line[t.len] = '\0';
    put_escaped(to, line);
    t = text_of(line, sizeof(line) - 1);
    show_counts(&t, show);
    fprintf(to, "%s%.*s\n", t.len != 0 ? " — " : "", (int)t.len, line);
    if (first > 0) {
        put_table(to, show, 0, first);
    }
    if (shown > first) {
        fprintf(to, "\n<details><summary>%u more</summary>\n", (unsigned)(shown - first));
        put_table(to, show, first, shown);
        fputs("\n</details>\n", to);
    }
    if (count > shown) {
        fprintf(to, "\n%u further changes are not shown.\n", (unsigned)(count - shown));
    }
}
