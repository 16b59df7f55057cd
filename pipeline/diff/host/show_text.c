// SPDX-License-Identifier: BSD-2-Clause

// For people at a terminal: a line for each change, in colour where that is wanted.

#include "show.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 7, CELL = 400, REACH_ROWS = 20 };

struct row {
    char cell[COLUMNS][CELL + 1];
    const struct diff_change *change;
};

// Escaped, so that a name stays in its cell and cannot steer the terminal.
static void set_cell(struct row *row, size_t column, struct bytes raw)
{
    struct text t = text_of(row->cell[column], CELL);
    text_put_json(&t, raw);
    row->cell[column][t.len] = '\0';
}

static void set_words(struct row *row, size_t column, const struct show *show,
                      void (*put)(struct text *t, const struct diff_change *change,
                                  const struct diff *diff))
{
    char *words = show_words(put, show, row->change);
    if (words != NULL) {
        set_cell(row, column, bytes_text(words));
    }
    free(words);
}

static void set_place(struct row *row)
{
    struct bytes file = show_file(row->change);
    char line[CELL];
    struct text t = text_of(line, sizeof(line));
    if (row->change->span.line != 0) {
        text_put_bytes(&t, file);
        text_char(&t, ':');
        text_put_u64(&t, row->change->span.line);
    }
    set_cell(row, COLUMNS - 1, text_bytes(&t));
}

static void fill_row(struct row *row, const struct show *show, const struct diff_change *change)
{
    static const char *const severities[] = {"note", "med", "high", "crit"};
    row->change = change;
    set_cell(row, 0, bytes_text(diff_words_rule(change->rule)));
    set_cell(row, 1, bytes_text(severities[diff_severity_of(change->rule)]));
    set_cell(row, 2, diff_words_target(change)->name);
    set_words(row, 3, show, show_put_object);
    set_words(row, 4, show, diff_words_put_was);
    set_words(row, 5, show, diff_words_put_now);
    set_place(row);
}

static const char *colour_of(const struct show *show, const struct diff_change *change)
{
    if (!show->colour || change == NULL) {
        return "";
    }
    if (change->approved) {
        return "\033[33m";
    }
    return change->verdict == DIFF_GREW ? "\033[31m" : "\033[32m";
}

static void put_row(FILE *to, const struct show *show, const struct row *row,
                    const size_t width[static COLUMNS])
{
    const char *colour = colour_of(show, row->change);
    char mark = row->change == NULL                 ? ' '
                : row->change->approved             ? '~'
                : row->change->verdict == DIFF_GREW ? '+'
                                                    : '-';
    fprintf(to, "%s%c", colour, mark);
    size_t last = COLUMNS;
    while (last > 0 && row->cell[last - 1][0] == '\0') {
        last--;
    }
    for (size_t i = 0; i < last; i++) {
        fprintf(to, i + 1 < last ? "%-*s  " : "%-*s", i + 1 < last ? (int)width[i] : 0,
                row->cell[i]);
    }
    fprintf(to, "%s\n", colour[0] != '\0' ? "\033[0m" : "");
}

static void put_table(FILE *to, const struct show *show, const struct row *rows, size_t count)
{
    size_t width[COLUMNS] = {0};
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < COLUMNS; k++) {
            size_t len = strlen(rows[i].cell[k]);
            width[k] = len > width[k] ? len : width[k];
        }
    }
    for (size_t i = 0; i < count; i++) {
        put_row(to, show, &rows[i], width);
    }
}

static size_t fill_rows(struct row *rows, const struct show *show, size_t *left_out)
{
    static const struct row heading = {
        .cell = {"rule", "sev", "target", "object", "was", "now", "manifest"}};
    const struct diff *diff = show->diff;
    size_t count = 0, reach = 0;
    rows[count++] = heading;
    if (show->run) {
        set_cell(&rows[0], COLUMNS - 1, bytes_text("place"));
    }
    for (uint32_t i = 0; i < diff->change_count; i++) {
        reach += diff->changes[i].rule == DIFF_REACH;
        if (diff->changes[i].rule == DIFF_REACH && reach > REACH_ROWS) {
            *left_out += 1;
        } else {
            fill_row(&rows[count++], show, &diff->changes[i]);
        }
    }
    return count;
}

static void put_head(FILE *to, const struct show *show)
{
    static const char *const colours[] = {"\033[1m", "\033[1;32m", "\033[1;31m"};
    char line[1024], escaped[2048];
    struct text t = text_of(line, sizeof(line)), e = text_of(escaped, sizeof(escaped));
    show_title(&t, show);
    text_put_json(&e, text_bytes(&t));
    fprintf(to, "%sVERDICT %s%s   %.*s", show->colour ? colours[show->diff->verdict] : "",
            diff_words_verdict(show->diff->verdict), show->colour ? "\033[0m" : "", (int)e.len,
            escaped);
    t = text_of(line, sizeof(line));
    show_counts(&t, show);
    fprintf(to, "%s%.*s\n", t.len != 0 ? "      " : "", (int)t.len, line);
}

void show_text(FILE *to, const struct show *show)
{
    put_head(to, show);
    if (show->diff->change_count == 0) {
        return;
    }
    struct row *rows = calloc(show->diff->change_count + 1U, sizeof(*rows));
    if (rows == NULL) {
        fputs("not enough memory for the table\n", to);
        return;
    }
    size_t left_out = 0, count = fill_rows(rows, show, &left_out);
    put_table(to, show, rows, count);
    free(rows);
    if (left_out > 0) {
        fprintf(to, " and %zu more of %s; --json has them all\n", left_out,
                diff_words_rule(DIFF_REACH));
    }
}
