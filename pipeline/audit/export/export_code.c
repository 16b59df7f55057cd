// SPDX-License-Identifier: BSD-2-Clause

// Findings for code review: SARIF 2.1.0 (OASIS), GitLab's Code Quality report and GitHub's workflow
// commands. Fingerprints leave out what differs from run to run, so that a service knows a finding
// again.

#include "export_code.h"

#include "export_finding.h"
#include "export_text.h"
#include "json_bytes.h"

#include <string.h>

static void dump(FILE *to, json_t *document)
{
    json_dumpf(document, to, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    putc('\n', to);
    json_decref(document);
}

static json_t *sarif_rules(void)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < EXPORT_RULES; i++) {
        const struct export_rule_row *row = &export_finding_rules[i];
        json_array_append_new(rules,
                              json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}", "id",
                                        row->name, "shortDescription", "text", row->title,
                                        "fullDescription", "text", row->title, "help", "text",
                                        row->help, "defaultConfiguration", "level", row->level));
    }
    return rules;
}

// GitHub drops what is beyond; the document says how many were left out.
enum { SARIF_MOST = 25000 }; // results of a run that GitHub takes

struct sarif {
    json_t *results;
    uint64_t left_out;
    const char *path;
};

static void take_sarif(void *context, const struct export_finding *finding)
{
    struct sarif *sarif = context;
    char print[33];
    if (json_array_size(sarif->results) == SARIF_MOST) {
        sarif->left_out++;
        return;
    }
    export_finding_print(print, finding);
    json_t *location = json_pack("{s:{s:{s:o}, s:{s:I}}}", "physicalLocation", "artifactLocation",
                                 "uri", json_bytes_uri(bytes_text(sarif->path)), "region",
                                 "startLine", (json_int_t)finding->line);
    if (finding->target[0] != '\0') {
        json_object_set_new(location, "logicalLocations",
                            json_pack("[{s:s, s:s}]", "name", finding->target, "kind", "process"));
    }
    json_array_append_new(sarif->results,
                          json_pack("{s:s, s:i, s:s, s:{s:s}, s:[o], s:{s:s}}", "ruleId",
                                    export_finding_rules[finding->rule].name, "ruleIndex",
                                    (int)finding->rule, "level",
                                    export_finding_rules[finding->rule].level, "message", "text",
                                    finding->message, "locations", location, "partialFingerprints",
                                    "primaryLocationLineHash", print));
}

void export_code_sarif(FILE *to, const struct export_input *input)
{
    struct sarif sarif = {.results = json_array(), .path = input->path};
    export_findings(input, take_sarif, &sarif);
    dump(to,
         json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:s, s:o}}, s:o, s:{s:s, s:I, s:s%}}]}",
                   "$schema", "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0",
                   "runs", "tool", "driver", "name", "kpkg", "version", KPKG_VERSION,
                   "informationUri", "https://kpkg.invalid/", "rules", sarif_rules(), "results",
                   sarif.results, "properties", "verdict", export_finding_verdict(input->report),
                   "leftOut", (json_int_t)sarif.left_out, "boot",
                   input->report->boot.len != 0 ? (const char *)input->report->boot.at : "",
                   input->report->boot.len));
}

// JSON has no form for a name that is not UTF-8: then its URI stands for it.
static json_t *path_of(const char *path)
{
    json_t *string = json_string(path);
    return string != NULL ? string : json_bytes_uri(bytes_text(path));
}

struct gitlab {
    json_t *issues;
    json_t *prints; // fingerprint -> how often
    const char *path;
};

static void take_gitlab(void *context, const struct export_finding *finding)
{
    struct gitlab *gitlab = context;
    char print[33 + 24];
    export_finding_print(print, finding);
    // GitLab merges what has one fingerprint: the same thing again has a number as well.
    json_int_t times = json_integer_value(json_object_get(gitlab->prints, print));
    json_object_set_new(gitlab->prints, print, json_integer(times + 1));
    if (times != 0) {
        snprintf(print + 32, sizeof(print) - 32, "-%" JSON_INTEGER_FORMAT, times + 1);
    }
    bool error = strcmp(export_finding_rules[finding->rule].level, "error") == 0;
    json_array_append_new(
        gitlab->issues,
        json_pack("{s:s, s:s, s:s, s:s, s:{s:o, s:{s:I}}}", "description", finding->message,
                  "check_name", export_finding_rules[finding->rule].name, "fingerprint", print,
                  "severity", error ? "critical" : "major", "location", "path",
                  path_of(gitlab->path), "lines", "begin", (json_int_t)finding->line));
}

void export_code_gitlab(FILE *to, const struct export_input *input)
{
    struct gitlab gitlab = {.issues = json_array(), .prints = json_object(), .path = input->path};
    export_findings(input, take_gitlab, &gitlab);
    dump(to, gitlab.issues);
    json_decref(gitlab.prints);
}

struct github {
    FILE *to;
    const char *path;
};

static void take_github(void *context, const struct export_finding *finding)
{
    const struct github *github = context;
    const struct export_rule_row *rule = &export_finding_rules[finding->rule];
    fprintf(github->to, "::%s file=", rule->level);
    export_text_command(github->to, bytes_text(github->path), true);
    fprintf(github->to, ",line=%zu,title=%s ", finding->line, rule->name);
    export_text_command(github->to, bytes_text(rule->title), true);
    fputs("::", github->to);
    export_text_command(github->to, bytes_text(finding->message), false);
    putc('\n', github->to);
}

// Between these commands the runner takes no other: what a target printed stays text.
static void put_console(FILE *to, const struct export_input *input)
{
    fprintf(to, "::group::console\n::stop-commands::%s\n", input->token);
    fwrite(input->console.at, 1, input->console.len, to);
    fprintf(to, "\n::%s::\n::endgroup::\n", input->token);
}

void export_code_github(FILE *to, const struct export_input *input)
{
    struct github github = {.to = to, .path = input->path};
    if (input->console.len != 0) {
        put_console(to, input);
    }
    fputs("::notice title=kpkg::event log ", to);
    export_text_command(to, bytes_text(export_finding_verdict(input->report)), false);
    putc('\n', to);
    export_findings(input, take_github, &github);
}
