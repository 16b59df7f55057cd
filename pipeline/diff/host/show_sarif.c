// SPDX-License-Identifier: BSD-2-Clause

// SARIF 2.1.0 (OASIS) for code scanning: a result for each change that grew, at the line of the
// manifest that asks for it.

#include "show.h"

#include "json_bytes.h"
#include "text.h"

#include <stdlib.h>

// SARIF 2.1.0: one run, one rule for each KPD number, one result for each change.

static const char *level_of(enum diff_rule rule)
{
    switch (diff_severity_of(rule)) {
    case DIFF_NOTE:
        return "note";
    case DIFF_MEDIUM:
        return "warning";
    default:
        return "error";
    }
}

static const char *score_of(enum diff_rule rule)
{
    static const char *const scores[] = {"1.0", "5.5", "7.5", "9.5"};
    return scores[diff_severity_of(rule)];
}

static json_t *rules(void)
{
    json_t *list = json_array();
    for (unsigned i = DIFF_ADDED; i < DIFF_RULES; i++) {
        enum diff_rule rule = (enum diff_rule)i;
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:[s]}}", "id",
                      diff_words_rule(rule), "name", diff_words_rule_name(rule), "shortDescription",
                      "text", diff_words_rule_text(rule), "fullDescription", "text",
                      diff_words_rule_text(rule), "help", "text", diff_words_rule_help(rule),
                      "defaultConfiguration", "level", level_of(rule), "properties",
                      "security-severity", score_of(rule), "tags", "security"));
    }
    return list;
}

static json_t *location_of(const struct diff_change *c)
{
    struct bytes file = show_file(c);
    json_t *physical = json_object(), *region = json_object();
    json_object_set_new(
        physical, "artifactLocation",
        json_pack("{s:o}", "uri", json_bytes_uri(file.len != 0 ? file : bytes_text("plan.json"))));
    json_object_set_new(region, "startLine", json_integer(c->span.line != 0 ? c->span.line : 1));
    if (c->span.column != 0) {
        json_object_set_new(region, "startColumn", json_integer(c->span.column));
    }
    json_object_set_new(physical, "region", region);
    return json_pack("{s:o, s:[{s:o, s:s}]}", "physicalLocation", physical, "logicalLocations",
                     "name", json_bytes_text(diff_words_target(c)->name), "kind", "resource");
}

static json_t *result_of(const struct show *show, const struct diff_change *c)
{
    char fingerprint[17];
    char *message = show_words(diff_words_put_message, show, c);
    bool grew = c->verdict == DIFF_GREW;
    bool updated = grew && c->was != NULL && c->kind == DIFF_CAP && c->was_grant != NULL;
    show_fingerprint(fingerprint, c);
    json_t *result = json_pack(
        "{s:s, s:i, s:s, s:s, s:{s:o}, s:[o], s:{s:s}}", "ruleId", diff_words_rule(c->rule),
        "ruleIndex", (int)c->rule - 1, "level", grew ? level_of(c->rule) : "none", "baselineState",
        grew ? (updated ? "updated" : "new") : "absent", "message", "text",
        json_bytes_text(bytes_text(message != NULL ? message : "?")), "locations", location_of(c),
        "partialFingerprints", "primaryLocationLineHash", fingerprint);
    if (!grew) {
        json_object_set_new(result, "kind", json_string("informational"));
    }
    if (c->approved) {
        json_object_set_new(result, "suppressions",
                            json_pack("[{s:s, s:s, s:o}]", "kind", "external", "status", "accepted",
                                      "justification", json_bytes_text(c->reason)));
    }
    free(message);
    return result;
}

void show_sarif(FILE *to, const struct show *show)
{
    json_t *results = json_array();
    for (uint32_t i = 0; i < show->diff->change_count; i++) {
        json_array_append_new(results, result_of(show, &show->diff->changes[i]));
    }
    json_t *document =
        json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:s, s:o}}, s:s, s:o}]}", "$schema",
                  "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                  "tool", "driver", "name", "kpkg", "version", KPKG_VERSION, "informationUri",
                  "https://kpkg.invalid/", "rules", rules(), "columnKind", "unicodeCodePoints",
                  "results", results);
    json_dumpf(document, to, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    fputc('\n', to);
    json_decref(document);
}
