// SPDX-License-Identifier: BSD-2-Clause

// The page, top to bottom: what the log is worth, what it is of, who had which authority, what
// happened. It loads nothing and runs nothing (its policy forbids both), so that it can be opened
// wherever it came from; all text of the log goes through export_text_xml. Sizes are bounded: what
// is left out is counted.

#include "report.h"

#include "export_finding.h"
#include "export_text.h"
#include "report_calls.h"
#include "report_parts.h"

#include <inttypes.h>

enum { MOST_FINDINGS = 500 };

static void put_text(FILE *to, const char *text)
{
    export_text_xml(to, bytes_text(text));
}

static void put_row(FILE *to, const char *name, struct bytes value)
{
    fprintf(to, "<dt>%s</dt><dd class=\"hex\">", name);
    export_text_xml(to, value.len != 0 ? value : bytes_text("not said"));
    fputs("</dd>", to);
}

static void put_said(FILE *to, const char *name, const json_t *start, const char *key)
{
    put_row(to, name, bytes_text(export_finding_text(start, key)));
}

static const char *class_of(const struct audit_verify_report *report)
{
    if (audit_verify_verdict(report->finding) == AUDIT_VERDICT_INVALID) {
        return "bad";
    }
    bool good = report->finding == AUDIT_FINDING_SOUND && audit_verify_conforms(report);
    return good ? "good" : "warn";
}

static void put_verdict(FILE *to, const struct export_input *input)
{
    const struct audit_verify_report *report = input->report;
    const struct audit_verify_counts *c = &report->counts;
    const char *class = class_of(report);
    const char *sign = class[0] == 'g' ? "\xe2\x9c\x93" : class[0] == 'w' ? "!" : "\xe2\x9c\x97";
    fprintf(to, "<section class=\"verdict %s\"><b>%s The event log is %s.</b>\n", class, sign,
            export_finding_verdict(report));
    if (report->finding != AUDIT_FINDING_SOUND) {
        fprintf(to, "<p>Line %zu, <code>%s</code>: %s.</p>\n", report->line,
                audit_check_name(report->finding), audit_check_text(report->finding));
    }
    fprintf(to,
            "<p>%" PRIu64 " records, %" PRIu64 " checkpoints; refused %" PRIu64 ", denied %" PRIu64
            ", faults %" PRIu64 ", stopped %" PRIu64 ", restarted %" PRIu64 ", failed %" PRIu64
            ", lost %" PRIu64 ", folded %" PRIu64 ".</p>\n",
            report->check.tree.size, report->check.checkpoints, c->refused, c->denied, c->faults,
            c->killed, c->restarted, c->failed, report->check.dropped, report->check.suppressed);
    if (report->signed_count != 0) {
        fprintf(to, "<p>%" PRIu64 " records are covered by a signature of the given key.</p>\n",
                report->signed_count);
    } else {
        fputs("<p><b>No signature was checked</b>: no key was given, or no checkpoint of it "
              "verifies.</p>\n",
              to);
    }
}

static void put_digests(FILE *to, const struct export_input *input, const struct report_run *run)
{
    struct audit_digest root = audit_tree_root(&input->report->check.tree);
    char at[80];
    struct text text = text_of(at, sizeof(at));
    text_put(&text, "sha256:");
    text_put_hex(&text, (struct bytes){root.at, sizeof(root.at)});
    fputs("<dl>", to);
    put_row(to, "tree head of all records", text_bytes(&text));
    put_row(to, "verifier key", input->report->vkey);
    put_row(to, "boot", input->report->boot);
    bool asked = input->report->nonce.len != 0 || input->report->boot.len == 0;
    put_row(to, "nonce", asked ? input->report->nonce : bytes_text("none"));
    put_said(to, "kernel", run->start, "kernel");
    put_said(to, "kernel's file, as its loader said", run->start, "kernel_image");
    put_said(to, "root task, as its loader said", run->start, "root_image");
    put_said(to, "trust file", run->start, "trust");
    fputs("</dl></section>\n", to);
}

static void put_package(FILE *to, const json_t *package)
{
    static const char *const keys[] = {"name", "version", "pkg", "policy", "signer"};
    fputs("<tr>", to);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        fputs(i < 2 ? "<td>" : "<td class=\"hex\">", to);
        put_text(to, export_finding_text(package, keys[i]));
        fputs("</td>", to);
    }
    fputs("</tr>\n", to);
}

static void put_packages(FILE *to, const struct report_run *run)
{
    size_t i;
    json_t *package;
    fputs("<h2>What ran</h2>\n<div class=\"wide\"><table><thead><tr><th>package</th><th>version"
          "</th><th>id</th><th>manifest</th><th>signer</th></tr></thead><tbody>\n",
          to);
    json_array_foreach(run->packages, i, package)
    {
        put_package(to, package);
    }
    fputs("</tbody></table></div>\n", to);
}

static void put_targets(FILE *to, const struct report_run *run)
{
    fputs("<h2>How it went</h2>\n<div class=\"wide\"><table><thead><tr><th>target</th><th>starts"
          "</th><th>faults</th><th>denials</th><th>went on after</th><th>outcome</th></tr></thead>"
          "<tbody>\n",
          to);
    for (size_t i = 0; i < run->target_count; i++) {
        const struct report_target *target = &run->targets[i];
        fputs("<tr><th>", to);
        put_text(to, target->name);
        fprintf(to,
                "</th><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
                "</td><td>%s</td></tr>\n",
                target->totals[REPORT_SPAWN], target->totals[REPORT_FAULT],
                target->totals[REPORT_DENIAL], target->totals[REPORT_RESUMED],
                target->outcome != NULL ? target->outcome : "never started");
    }
    fputs("</tbody></table></div>\n", to);
}

struct findings {
    FILE *to;
    uint64_t count;
};

static void take_finding(void *context, const struct export_finding *finding)
{
    struct findings *findings = context;
    const struct export_rule_row *rule = &export_finding_rules[finding->rule];
    if (findings->count++ >= MOST_FINDINGS) {
        return;
    }
    fprintf(findings->to,
            "<tr><td>%zu</td><td>%s</td><td class=\"lvl-%s\">%s</td><td>%s</td><td class=\"hex\">",
            finding->line, rule->name, rule->level, rule->level, rule->title);
    put_text(findings->to, finding->message);
    fputs("</td></tr>\n", findings->to);
}

static void put_findings(FILE *to, const struct export_input *input)
{
    struct findings findings = {.to = to};
    fputs("<h2>Findings</h2>\n<div class=\"wide\"><table><thead><tr><th>line</th><th>rule</th><th>"
          "level</th><th>what</th><th>record</th></tr></thead><tbody>\n",
          to);
    export_findings(input, take_finding, &findings);
    fputs("</tbody></table></div>\n", to);
    if (findings.count == 0) {
        fputs("<p>None.</p>\n", to);
    } else if (findings.count > MOST_FINDINGS) {
        fprintf(to, "<p>%" PRIu64 " more are left out here; the log has them.</p>\n",
                findings.count - MOST_FINDINGS);
    }
}

static void put_types(FILE *to, const struct report_run *run)
{
    const char *type;
    json_t *count;
    fputs("<details><summary>Records by type</summary><div class=\"wide\"><table><tbody>\n", to);
    json_object_foreach(run->types, type, count)
    {
        fputs("<tr><th>", to);
        put_text(to, type);
        fprintf(to, "</th><td>%" JSON_INTEGER_FORMAT "</td></tr>\n", json_integer_value(count));
    }
    fputs("</tbody></table></div></details>\n", to);
}

// What a reader could believe the log shows, but it cannot (spec/audit.md, 7).
static void put_coverage(FILE *to)
{
    fputs("<h2>What nobody could see</h2>\n<ul>"
          "<li>A message with a wrong label on an issued capability: that is its receiver's "
          "business. Of traced endpoints ipc.trace shows labels, length and duration, never "
          "words.</li>"
          "<li>Non-blocking sends outside the CNode: seL4 drops them without a word.</li>"
          "<li>A non-blocking send to a tripwire while the auditor is busy: dropped and not "
          "counted.</li>"
          "<li>A signal through a notification capability without the right to.</li>"
          "<li>Kernel and root task before the log began: nobody measured them; the digests above "
          "are what the image's maker said, and the log's key was in the image.</li></ul>\n",
          to);
}

static void put_page(FILE *to, const struct export_input *input, const struct report_run *run,
                     const json_t *baseline)
{
    fprintf(to,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
            "<title>kpkg run</title>\n<style>%s</style></head><body>\n"
            "<h1>Report of a run</h1>\n",
            report_style);
    put_verdict(to, input);
    put_digests(to, input, run);
    put_packages(to, run);
    report_matrix(to, run);
    report_graph(to, run, baseline);
    report_timeline(to, run);
    put_targets(to, run);
    report_calls(to, run->calls);
    put_findings(to, input);
    put_types(to, run);
    put_coverage(to);
    fputs("</body></html>\n", to);
}

enum status report_write(FILE *to, const struct export_input *input, const json_t *baseline)
{
    struct report_run run;
    enum status status = report_run_read(&run, input);
    if (status == STATUS_OK) {
        put_page(to, input, &run, baseline);
    }
    report_run_free(&run);
    return status;
}
