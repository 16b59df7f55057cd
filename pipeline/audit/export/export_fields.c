// SPDX-License-Identifier: BSD-2-Clause

// Every record as a document of the Elastic Common Schema 8.11 or an OpenTelemetry log record
// (OTLP/JSON). A log has no clock of the world: its nanoseconds since boot are added to an epoch
// that the caller gives.

#include "export_fields.h"

#include "export_finding.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)

static uint64_t time_of(const json_t *event, const struct export_input *input)
{
    return input->epoch * SECOND + export_finding_count(event, "t");
}

static json_t *timestamp(uint64_t ns)
{
    time_t seconds = (time_t)(ns / SECOND);
    struct tm utc;
    char text[64];
    size_t len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
    snprintf(text + len, sizeof(text) - len, ".%09" PRIu64 "Z", ns % SECOND);
    return json_string(text);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

// Severity numbers of OpenTelemetry, which ECS takes as they come.
static int severity_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } rows[] = {{"debug", 5}, {"info", 9},   {"notice", 10},
                {"warn", 13}, {"error", 17}, {"critical", 21}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].number;
        }
    }
    return 0;
}

// What ECS calls category, type and outcome of an event; each type is one that it expects in its
// category.
struct ecs_class {
    const char *prefix, *category, *type, *outcome;
};

static const struct ecs_class *class_of(const char *type)
{
    static const struct ecs_class classes[] = {
        {"package.refused", "intrusion_detection", "denied", "failure"},
        {"package.", "package", "info", "success"},
        {"policy.refused", "configuration", "info", "failure"},
        {"system.refused", "configuration", "info", "failure"},
        {"policy.", "configuration", "creation", "success"},
        {"caps.", "iam", "creation", "success"},
        {"target.spawned", "process", "start", "success"},
        {"target.restarted", "process", "start", "success"},
        {"target.failed", "process", "start", "failure"},
        {"target.killed", "process", "end", "failure"},
        {"target.suspended", "process", "change", "failure"},
        {"target.", "process", "end", "success"},
        {"fault.", "intrusion_detection", "denied", "failure"},
        {"deny.", "intrusion_detection", "denied", "failure"},
        {"memory.", "process", "info", "success"},
        {"", "host", "info", "unknown"},
    };
    size_t i = 0;
    while (!begins(type, classes[i].prefix)) {
        i++;
    }
    return &classes[i];
}

static json_t *ecs_of(const json_t *event, const struct export_input *input)
{
    const char *type = export_finding_text(event, "type"),
               *target = export_finding_text(event, "tgt");
    const char *severity = export_finding_text(event, "sev");
    const struct ecs_class *class = class_of(type);
    bool alert = begins(type, "fault.") || begins(type, "deny.");
    json_t *out = json_pack(
        "{s:o, s:{s:s}, s:{s:s}, s:{s:s, s:[s], s:[s], s:s, s:s, s:i, s:O, s:s}, s:{s:O, s:O}}",
        "@timestamp", timestamp(time_of(event, input)), "ecs", "version", "8.11.0", "log", "level",
        severity, "event", "kind", alert ? "alert" : "event", "category", class->category, "type",
        class->type, "outcome", class->outcome, "action", type, "severity", severity_of(severity),
        "sequence", json_object_get(event, "seq"), "module", "kpkg", "kpkg", "data",
        json_object_get(event, "data"), "prev", json_object_get(event, "prev"));
    json_object_set_new(
        out, "host",
        json_pack("{s:s%}", "id",
                  input->report->boot.len != 0 ? (const char *)input->report->boot.at : "",
                  input->report->boot.len));
    if (target[0] != '\0') {
        json_object_set_new(out, "process", json_pack("{s:s}", "name", target));
        json_object_set(json_object_get(out, "kpkg"), "incarnation", json_object_get(event, "inc"));
    }
    if (json_object_get(event, "n") != NULL) {
        json_object_set(json_object_get(out, "kpkg"), "n", json_object_get(event, "n"));
        json_object_set(json_object_get(out, "kpkg"), "t0", json_object_get(event, "t0"));
    }
    return out;
}

void export_fields_ecs(FILE *to, const struct export_input *input)
{
    struct bytes rest = input->log;
    size_t line = 0;
    json_t *event;
    while ((event = export_finding_event(&line, &rest, input)) != NULL) {
        json_t *out = ecs_of(event, input);
        json_dumpf(out, to, JSON_COMPACT | JSON_ENSURE_ASCII);
        putc('\n', to);
        json_decref(out);
        json_decref(event);
    }
}

static json_t *attribute(const char *key, const char *kind, json_t *value)
{
    return json_pack("{s:s, s:{s:o}}", "key", key, "value", kind, value);
}

static json_t *text_attribute(const char *key, const char *value)
{
    return attribute(key, "stringValue", json_string(value));
}

// OTLP/JSON writes 64-bit integers as strings.
static json_t *count_attribute(const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    return attribute(key, "intValue", json_string(text));
}

static json_t *data_attribute(const json_t *data)
{
    char *dump = json_dumps(data, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_t *out = text_attribute("kpkg.data", dump != NULL ? dump : "");
    free(dump);
    return out;
}

static json_t *otel_of(const json_t *event, const struct export_input *input)
{
    char time[24];
    const char *target = export_finding_text(event, "tgt");
    const char *severity = export_finding_text(event, "sev");
    snprintf(time, sizeof(time), "%" PRIu64, time_of(event, input));
    json_t *attributes =
        json_pack("[o, o, o, o]", text_attribute("event.name", export_finding_text(event, "type")),
                  count_attribute("kpkg.seq", export_finding_count(event, "seq")),
                  text_attribute("kpkg.prev", export_finding_text(event, "prev")),
                  data_attribute(json_object_get(event, "data")));
    if (target[0] != '\0') {
        json_array_append_new(attributes, text_attribute("kpkg.target", target));
        json_array_append_new(
            attributes, count_attribute("kpkg.incarnation", export_finding_count(event, "inc")));
    }
    if (json_object_get(event, "n") != NULL) {
        json_array_append_new(attributes,
                              count_attribute("kpkg.n", export_finding_count(event, "n")));
        json_array_append_new(attributes,
                              count_attribute("kpkg.t0", export_finding_count(event, "t0")));
    }
    return json_pack("{s:s, s:i, s:s, s:{s:s}, s:o}", "timeUnixNano", time, "severityNumber",
                     severity_of(severity), "severityText", severity, "body", "stringValue",
                     export_finding_text(event, "type"), "attributes", attributes);
}

void export_fields_otel(FILE *to, const struct export_input *input)
{
    json_t *records = json_array(), *event;
    struct bytes rest = input->log;
    size_t line = 0;
    while ((event = export_finding_event(&line, &rest, input)) != NULL) {
        json_array_append_new(records, otel_of(event, input));
        json_decref(event);
    }
    char boot[33];
    snprintf(boot, sizeof(boot), "%.*s", (int)input->report->boot.len,
             (const char *)input->report->boot.at);
    json_t *resource =
        json_pack("[o, o, o]", text_attribute("service.name", "kpkg"),
                  text_attribute("service.instance.id", boot),
                  text_attribute("kpkg.verdict", export_finding_verdict(input->report)));
    json_t *document =
        json_pack("{s:[{s:{s:o}, s:[{s:{s:s}, s:o}]}]}", "resourceLogs", "resource", "attributes",
                  resource, "scopeLogs", "scope", "name", "kpkg.event/v1", "logRecords", records);
    json_dumpf(document, to, JSON_COMPACT | JSON_ENSURE_ASCII);
    putc('\n', to);
    json_decref(document);
}
