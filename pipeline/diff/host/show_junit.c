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

// Rules 10 and above are about runs, which this comparison does not see.
enum { RULES = DIFF_SIGNER };

static unsigned count_failures(const struct show *show, enum diff_rule rule, struct bytes target)
{
    for (uint32_t i = 0; i < show->diff->change_count; i++) {
        const struct diff_change *c = &show->diff->changes[i];
        if (is_in(c, rule, target) && is_failure(c)) {
            return 1;
        }
    }
    return 0;
}

void show_junit(FILE *to, const struct show *show)
{
    const struct authority *now = show->diff->now;
    unsigned tests = 0, failures = 0;
    for (uint32_t i = 0; i < now->target_count; i++) {
        for (unsigned rule = DIFF_ADDED; rule <= RULES && !now->targets[i].outside; rule++) {
            tests++;
            failures += count_failures(show, (enum diff_rule)rule, now->targets[i].name);
        }
    }
    fprintf(
        to,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%u\" failures=\"%u\">\n"
        "  <testsuite name=\"kpkg diff\" tests=\"%u\" failures=\"%u\" errors=\"0\" "
        "skipped=\"0\">\n",
        tests, failures, tests, failures);
    for (uint32_t i = 0; i < now->target_count; i++) {
        for (unsigned rule = DIFF_ADDED; rule <= RULES && !now->targets[i].outside; rule++) {
            put_case(to, show, (enum diff_rule)rule, &now->targets[i]);
        }
    }
    fputs("  </testsuite>\n</testsuites>\n", to);
}
