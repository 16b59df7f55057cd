// SPDX-License-Identifier: BSD-2-Clause

// What of a log is a finding, by which rule, and its words. All forms take these from here, so that
// none tells another story. Text of a record is escaped as in JSON: one line of printable ASCII.

#include "export_finding.h"

#include "crypto.h"

#include <stdlib.h>
#include <string.h>

const struct export_rule_row export_finding_rules[EXPORT_RULES] = {
#define EXPORT_RULE_ROW(id, name, level, title, help) {name, level, title, help},
    EXPORT_RULE_LIST(EXPORT_RULE_ROW)
#undef EXPORT_RULE_ROW
};

const char *export_finding_text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

uint64_t export_finding_count(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

json_t *export_finding_event(size_t *line, struct bytes *rest, const struct export_input *input)
{
    bool whole;
    if (rest->len == 0 || *line == input->report->check.tree.size) {
        return NULL;
    }
    struct bytes record = audit_check_line(rest, &whole);
    (*line)++;
    return json_loadb((const char *)record.at, record.len, JSON_REJECT_DUPLICATES, NULL);
}

// The rule that an event falls under, or EXPORT_RULES.
static enum export_rule rule_of(const json_t *event)
{
    const char *type = export_finding_text(event, "type");
    const json_t *data = json_object_get(event, "data");
    bool resumed = strcmp(export_finding_text(data, "action"), "resumed") == 0;
    if (strncmp(type, "deny.", 5) == 0 || strncmp(type, "fault.", 6) == 0) {
        return resumed ? EXPORT_RULES : EXPORT_RULE_DENIAL;
    }
    if (strcmp(type, "package.refused") == 0 || strcmp(type, "policy.refused") == 0 ||
        strcmp(type, "system.refused") == 0) {
        return EXPORT_RULE_REFUSED;
    }
    if (strcmp(type, "target.killed") == 0) {
        return EXPORT_RULE_STOPPED;
    }
    if (strcmp(type, "target.failed") == 0) {
        return EXPORT_RULE_FAILED;
    }
    if (strcmp(type, "target.exited") == 0 && export_finding_count(data, "code") != 0) {
        return EXPORT_RULE_FAILED;
    }
    if (strcmp(type, "memory.reclaimed") == 0 && export_finding_count(data, "leaked") != 0) {
        return EXPORT_RULE_LEAKED;
    }
    return strcmp(type, "log.drop") == 0 ? EXPORT_RULE_INCOMPLETE : EXPORT_RULES;
}

static void put_value(struct text *to, const json_t *value)
{
    if (json_is_string(value)) {
        text_put_json(to, bytes_text(json_string_value(value)));
        return;
    }
    char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
    if (dump != NULL) {
        text_put(to, dump);
        free(dump);
    }
}

// "TARGET: TYPE key=value ...", as much as fits.
static void describe(struct export_finding *finding)
{
    struct text text = text_of(finding->message, sizeof(finding->message) - 1);
    const char *key;
    json_t *value;
    if (finding->target[0] != '\0') {
        text_put_json(&text, bytes_text(finding->target));
        text_put(&text, ": ");
    }
    text_put_json(&text, bytes_text(finding->type));
    json_object_foreach(json_object_get(finding->event, "data"), key, value)
    {
        text_char(&text, ' ');
        text_put_json(&text, bytes_text(key));
        text_char(&text, '=');
        put_value(&text, value);
    }
    finding->message[text.len] = '\0';
}

static enum export_rule rule_of_log(enum audit_finding finding)
{
    switch (audit_verify_verdict(finding)) {
    case AUDIT_VERDICT_DIFFERS:
        return EXPORT_RULE_PLAN;
    case AUDIT_VERDICT_INCOMPLETE:
        return EXPORT_RULE_INCOMPLETE;
    case AUDIT_VERDICT_INVALID:
        return EXPORT_RULE_INVALID;
    case AUDIT_VERDICT_SOUND:
        break;
    }
    return EXPORT_RULES;
}

static struct export_finding about_log(const struct export_input *input)
{
    enum audit_finding what = input->report->finding;
    struct export_finding finding = {.rule = rule_of_log(what),
                                     .line = input->report->line,
                                     .target = "",
                                     .type = audit_check_name(what)};
    struct text text = text_of(finding.message, sizeof(finding.message) - 1);
    text_put(&text, "event log: ");
    text_put(&text, audit_check_text(what));
    return finding;
}

void export_findings(const struct export_input *input,
                     void (*take)(void *context, const struct export_finding *finding),
                     void *context)
{
    struct bytes rest = input->log;
    size_t line = 0;
    json_t *event;
    while ((event = export_finding_event(&line, &rest, input)) != NULL) {
        struct export_finding finding = {.rule = rule_of(event), .line = line, .event = event};
        if (finding.rule != EXPORT_RULES) {
            finding.target = export_finding_text(event, "tgt");
            finding.type = export_finding_text(event, "type");
            describe(&finding);
            take(context, &finding);
        }
        json_decref(event);
    }
    struct export_finding last = about_log(input);
    if (last.rule != EXPORT_RULES) {
        take(context, &last);
    }
}

void export_finding_print(char hex[static 33], const struct export_finding *finding)
{
    // What was tried, of the members that an event can have; times and counters are left out.
    static const char *const tried[] = {"slot",   "label", "addr",   "access", "nr",
                                        "vector", "cptr",  "reason", "code"};
    const json_t *data = json_object_get(finding->event, "data");
    const char *const words[] = {export_finding_rules[finding->rule].name, finding->target,
                                 finding->type};
    char at[EXPORT_MESSAGE];
    uint8_t digest[CRYPTO_DIGEST];
    struct text text = text_of(at, sizeof(at));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        text_put_json(&text, bytes_text(words[i]));
        text_char(&text, '\n');
    }
    for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
        const json_t *value = json_object_get(data, tried[i]);
        if (value != NULL) {
            put_value(&text, value);
        }
        text_char(&text, '\n');
    }
    crypto_sha256(digest, text_bytes(&text));
    struct text out = text_of(hex, 32);
    text_put_hex(&out, (struct bytes){digest, 16});
    hex[32] = '\0';
}

const char *export_finding_verdict(const struct audit_verify_report *report)
{
    switch (audit_verify_verdict(report->finding)) {
    case AUDIT_VERDICT_SOUND:
        return audit_verify_conforms(report) ? "sound, and nothing was refused, denied or stopped"
                                             : "sound, with findings about the run";
    case AUDIT_VERDICT_DIFFERS:
        return "sound, but not of this plan";
    case AUDIT_VERDICT_INCOMPLETE:
        return "incomplete";
    case AUDIT_VERDICT_INVALID:
        break;
    }
    return "invalid";
}
