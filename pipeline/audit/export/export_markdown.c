// SPDX-License-Identifier: BSD-2-Clause

// A table for a comment or a job summary. Cells are text of records, escaped so that none of it is
// markup or a link (export_text.h).

#include "export_markdown.h"

#include "export_finding.h"
#include "export_text.h"

#include <inttypes.h>

enum { LARGEST = 56 << 10 }; // bytes of findings; GitHub takes 64 KiB in all

struct table {
    FILE *to;
    uint64_t written, left_out;
};

static void cell(FILE *to, const char *text)
{
    fputs(" ", to);
    export_text_markdown(to, bytes_text(text));
    fputs(" |", to);
}

static void take(void *context, const struct export_finding *finding)
{
    struct table *table = context;
    const struct export_rule_row *rule = &export_finding_rules[finding->rule];
    if (table->written > LARGEST) {
        table->left_out++;
        return;
    }
    // A stream without positions (a pipe) reckons with the longest row.
    long before = ftell(table->to);
    fprintf(table->to, "| %s | %s |", rule->name, rule->level);
    cell(table->to, finding->target[0] != '\0' ? finding->target : "-");
    cell(table->to, finding->message);
    fprintf(table->to, " %zu |\n", finding->line);
    long after = ftell(table->to);
    table->written += before < 0 || after < before ? EXPORT_MESSAGE : (uint64_t)(after - before);
}

static void put_counts(FILE *to, const struct audit_verify_report *report)
{
    const struct audit_verify_counts *c = &report->counts;
    fprintf(to,
            "%" PRIu64 " records, %" PRIu64 " signed, %" PRIu64 " lost, %" PRIu64
            " folded. Refused %" PRIu64 ", denied %" PRIu64 ", faults %" PRIu64 ", stopped %" PRIu64
            ", restarted %" PRIu64 ", failed %" PRIu64 ".\n\n",
            report->check.tree.size, report->signed_count, report->check.dropped,
            report->check.suppressed, c->refused, c->denied, c->faults, c->killed, c->restarted,
            c->failed);
}

static void put_code(FILE *to, const char *name, struct bytes value)
{
    fprintf(to, "- %s: ", name);
    export_text_markdown(to, value.len != 0 ? value : bytes_text("none"));
    putc('\n', to);
}

void export_markdown(FILE *to, const struct export_input *input)
{
    struct table table = {.to = to};
    fprintf(to, "### kpkg: event log %s\n\n", export_finding_verdict(input->report));
    put_counts(to, input->report);
    put_code(to, "boot", input->report->boot);
    put_code(to, "nonce", input->report->nonce);
    put_code(to, "kernel", input->report->kernel);
    put_code(to, "key", input->report->vkey);
    fputs("\n| rule | level | target | what | line |\n|---|---|---|---|---|\n", to);
    export_findings(input, take, &table);
    if (table.left_out != 0) {
        fprintf(to, "\n%" PRIu64 " more findings are left out here.\n", table.left_out);
    }
}
