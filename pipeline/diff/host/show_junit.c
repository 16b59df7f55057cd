// SPDX-License-Identifier: BSD-2-Clause
#include "show.h"

#include <stdlib.h>
#include <string.h>

// JUnit XML: one case for each rule and target that was compared; what passed is listed too.

// XML 1.0 has no place for control characters; what is not printable ASCII becomes '?'.
static void put_escaped(FILE *to, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        if (c < 0x20 || c >= 0x7f) {
            fputc('?', to);
        } else if (strchr("&<>\"'", c) != NULL) {
            fprintf(to, "&#%u;", c);
        } else {
            fputc(c, to);
        }
    }
}

static bool is_failure(const struct diff_change *c)
{
    return c->verdict == DIFF_GREW && !c->approved;
}

static bool is_in(const struct diff_change *c, enum diff_rule rule, struct bytes target)
{
    return c->rule == rule && bytes_equal(diff_words_target(c)->name, target);
}

static void put_failures(FILE *to, const struct show *show, enum diff_rule rule,
                         struct bytes target)
{
    bool open = false;
    for (uint32_t i = 0; i < show->diff->change_count; i++) {
        const struct diff_change *c = &show->diff->changes[i];
        if (!is_in(c, rule, target) || !is_failure(c)) {
            continue;
        }
        char *message = show_words(diff_words_put_message, show, c);
        struct bytes text = bytes_text(message != NULL ? message : "?");
        if (!open) {
            fprintf(to, "      <failure type=\"%s\" message=\"", diff_words_rule_name(rule));
            put_escaped(to, text);
            fputs("\">", to);
        }
        fputs(open ? "\n" : "", to);
        put_escaped(to, text);
        if (c->span.line != 0) {
            fputs(" (", to);
            put_escaped(to, show_file(c));
            fprintf(to, ":%u)", (unsigned)c->span.line);
        }
        open = true;
        free(message);
    }
    fputs(open ? "</failure>\n" : "", to);
}

static void put_case(FILE *to, const struct show *show, enum diff_rule rule,
                     const struct authority_target *target)
{
    fprintf(to, "    <testcase classname=\"");
    put_escaped(to, target->name);
    fprintf(to, "\" name=\"%s %s\"", diff_words_rule(rule), diff_words_rule_name(rule));
    if (target->file.len != 0) {
        fputs(" file=\"", to);
        put_escaped(to, target->file);
        fputs("\"", to);
    }
    fputs(">\n", to);
    put_failures(to, show, rule, target->name);
    fputs("    </testcase>\n", to);
}

static bool fails(const struct show *show, enum diff_rule rule, struct bytes target)
{
    for (uint32_t i = 0; i < show->diff->change_count; i++) {
        const struct diff_change *c = &show->diff->changes[i];
        if (is_in(c, rule, target) && is_failure(c)) {
            return true;
        }
    }
    return false;
}

// Rules 10 and above are about runs; 11 and 12 about the log as a whole.
static bool applies(const struct show *show, enum diff_rule rule, const struct authority_target *of)
{
    bool evidence = rule == DIFF_EVIDENCE_INCOMPLETE || rule == DIFF_EVIDENCE_INVALID;
    bool log = of == &diff_the_run;
    return show->run == (rule >= DIFF_RUN_MORE) && log == evidence && !of->outside;
}

struct totals {
    unsigned tests, failures;
};

// The cases of one target; only counted where `to` is NULL.
static void put_cases(FILE *to, struct totals *totals, const struct show *show,
                      const struct authority_target *of)
{
    for (unsigned i = DIFF_ADDED; i < DIFF_RULES; i++) {
        enum diff_rule rule = (enum diff_rule)i;
        if (applies(show, rule, of)) {
            totals->tests++;
            totals->failures += fails(show, rule, of->name);
            if (to != NULL) {
                put_case(to, show, rule, of);
            }
        }
    }
}

static struct totals put_all(FILE *to, const struct show *show)
{
    const struct authority *now = show->diff->now;
    struct totals totals = {0, 0};
    for (uint32_t i = 0; i < now->target_count; i++) {
        put_cases(to, &totals, show, &now->targets[i]);
    }
    put_cases(to, &totals, show, &diff_the_run);
    return totals;
}

void show_junit(FILE *to, const struct show *show)
{
    struct totals totals = put_all(NULL, show);
    fprintf(
        to,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%u\" failures=\"%u\">\n"
        "  <testsuite name=\"kpkg diff\" tests=\"%u\" failures=\"%u\" errors=\"0\" "
        "skipped=\"0\">\n",
        totals.tests, totals.failures, totals.tests, totals.failures);
    (void)put_all(to, show);
    fputs("  </testsuite>\n</testsuites>\n", to);
}
