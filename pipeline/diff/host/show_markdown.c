// SPDX-License-Identifier: BSD-2-Clause
#include "show.h"

#include <stdlib.h>
#include <string.h>

// GitHub takes comments of 65 536 characters. What is written is ASCII but for one dash, and there
// is always room for the last line.
enum { FIRST_ROWS = 20, LENGTH = 60000 };

// A text that grows up to a length; what would go beyond it is not written.
struct page {
    FILE *to;
    size_t left;
};

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

static const char HEADING[] =
    "\n| rule | change | severity | target | object | was | now | place |\n"
    "|---|---|---|---|---|---|---|---|\n";

static bool put_piece(struct page *page, const char *text, size_t len)
{
    if (len > page->left) {
        return false;
    }
    fwrite(text, 1, len, page->to);
    page->left -= len;
    return true;
}

// What `put` writes about a change, or about the whole comparison, if there is room for it.
static bool put_if_room(struct page *page, const struct show *show, const struct diff_change *c,
                        void (*put)(FILE *to, const struct show *show, const struct diff_change *c))
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    if (to == NULL) {
        return false;
    }
    put(to, show, c);
    bool good = fclose(to) == 0 && put_piece(page, text, len);
    free(text);
    return good;
}

static void put_head(FILE *to, const struct show *show, const struct diff_change *c)
{
    char line[1024];
    struct text t = text_of(line, sizeof(line) - 1);
    (void)c;
    fprintf(to, "**Authority: %s** — ", diff_words_verdict(show->diff->verdict));
    show_title(&t, show);
    line[t.len] = '\0';
    put_escaped(to, line);
    t = text_of(line, sizeof(line) - 1);
    show_counts(&t, show);
    fprintf(to, "%s%.*s\n", t.len != 0 ? " — " : "", (int)t.len, line);
}

static void put_graph(FILE *to, const struct show *show, const struct diff_change *c)
{
    (void)c;
    show_mermaid(to, show);
}

static const char CLOSE[] = "\n</details>\n";

// What comes after waits for a click. Room for the end of it is kept.
static bool open_details(struct page *page, uint32_t count)
{
    char text[64 + sizeof(HEADING)];
    int len = snprintf(text, sizeof(text), "\n<details><summary>%u more</summary>\n%s",
                       (unsigned)count, HEADING);
    if (page->left < (size_t)len + sizeof(CLOSE)) {
        return false;
    }
    page->left -= sizeof(CLOSE);
    return put_piece(page, text, (size_t)len);
}

// Gives how many there was room for.
static uint32_t put_rows(struct page *page, const struct show *show)
{
    uint32_t count = show->diff->change_count, shown = 0;
    bool room = count > 0 && put_piece(page, HEADING, sizeof(HEADING) - 1), open = false;
    while (room && shown < count) {
        if (shown == FIRST_ROWS) {
            room = open = open_details(page, count - shown);
        }
        room = room && put_if_room(page, show, &show->diff->changes[shown], put_row);
        shown += room;
    }
    fputs(open ? CLOSE : "", page->to);
    return shown;
}

void show_markdown(FILE *to, const struct show *show)
{
    struct page page = {.to = to, .left = LENGTH};
    (void)put_if_room(&page, show, NULL, put_head);
    (void)put_if_room(&page, show, NULL, put_graph);
    uint32_t shown = put_rows(&page, show), count = show->diff->change_count;
    if (count > shown) {
        fprintf(to, "\n%u more %s not shown.\n", (unsigned)(count - shown),
                count - shown == 1 ? "change is" : "changes are");
    }
}
