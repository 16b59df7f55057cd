// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The forms of a comparison (spec/diff.md, 5). Names come from files and may be hostile: each form
// escapes by its own rules, and none lets a name add a line, a cell, an element or a command.

#include "diff_words.h"

#include <stdio.h>

struct show {
    const struct diff *diff;
    const char *was, *now; // what was compared, as the user called it
    bool run;              // the new side is the log of a run
    bool colour;           // text only
    struct arena *arena;   // for pictures: they borrow from it and keep nothing
};

void show_text(FILE *to, const struct show *show);
void show_json(FILE *to, const struct show *show);     // kpkg.diff/v1
void show_markdown(FILE *to, const struct show *show); // for a comment on a pull request
void show_svg(FILE *to, const struct show *show);      // a picture, complete in itself
void show_sarif(FILE *to, const struct show *show);    // SARIF 2.1.0
void show_junit(FILE *to, const struct show *show);    // JUnit XML
void show_github(FILE *to, const struct show *show);   // workflow commands: annotations
void show_gitlab(FILE *to, const struct show *show);   // code quality report

// For show_markdown: the capabilities that changed as a flowchart; nothing when there are none, or
// too many to be looked at.
void show_mermaid(FILE *to, const struct show *show);

// A piece of a change in words, on the heap: `put` writes it. NULL when memory is short.
char *show_words(void (*put)(struct text *t, const struct diff_change *change,
                             const struct diff *diff),
                 const struct show *show, const struct diff_change *change);
void show_put_object(struct text *t, const struct diff_change *change, const struct diff *diff);

// The manifest that the change's span is in; empty: not known.
struct bytes show_file(const struct diff_change *change);

// Equal for the same finding on other lines: 16 hex digits over rule, target, kind and object.
void show_fingerprint(char out[static 17], const struct diff_change *change);

// "sensor 1.4.1 -> 1.4.2" when both sides are one package, else what the user called them.
void show_title(struct text *t, const struct show *show);

// "+1 cap  1 widened  1 limit": the summary's counts that are not zero.
void show_counts(struct text *t, const struct show *show);
