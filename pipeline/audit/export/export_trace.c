// SPDX-License-Identifier: BSD-2-Clause
#include "export_trace.h"

#include "bounds.h"
#include "export_finding.h"

#include <string.h>

struct lane {
    char name[BOUND_NAME + 1];
    bool open; // an incarnation runs
};

struct trace {
    json_t *events;
    struct lane lanes[BOUND_TARGETS + 1]; // 0 is the log itself
    size_t lane_count;
    uint64_t last; // ns
};

// The process id of a target, from 1; 0 is the log.
static size_t lane_of(struct trace *trace, const char *name)
{
    if (name[0] == '\0') {
        return 0;
    }
    for (size_t i = 1; i < trace->lane_count; i++) {
        if (strncmp(trace->lanes[i].name, name, BOUND_NAME) == 0) {
            return i;
        }
    }
    if (trace->lane_count == BOUND_TARGETS + 1) {
        return 0;
    }
    strncpy(trace->lanes[trace->lane_count].name, name, BOUND_NAME);
    return trace->lane_count++;
}

static json_t *mark(const char *phase, const char *name, uint64_t time, size_t lane)
{
    return json_pack("{s:s, s:s, s:f, s:I, s:i}", "ph", phase, "name", name, "ts",
                     (double)time / 1000, "pid", (json_int_t)lane, "tid", 0);
}

static void close_lane(struct trace *trace, size_t lane, uint64_t time)
{
    if (trace->lanes[lane].open) {
        json_array_append_new(trace->events, mark("E", "runs", time, lane));
        trace->lanes[lane].open = false;
    }
}

static void take_instant(struct trace *trace, const json_t *event, const char *type, size_t lane)
{
    json_t *instant = mark("i", type, export_finding_count(event, "t"), lane);
    json_object_set_new(instant, "s", json_string("p"));
    json_object_set(instant, "args", json_object_get(event, "data"));
    json_array_append_new(trace->events, instant);
}

// The call as a slice of its client, named by the capability. One that stands for others is the
// first of them.
static void take_call(struct trace *trace, const json_t *event, size_t lane)
{
    const json_t *data = json_object_get(event, "data");
    uint64_t end = export_finding_count(event, json_object_get(event, "t0") != NULL ? "t0" : "t");
    uint64_t took = export_finding_count(data, "dur_ns");
    json_t *call = mark("X", export_finding_text(data, "via"), end > took ? end - took : 0, lane);
    json_object_set_new(call, "dur", json_real((double)took / 1000));
    json_object_set(call, "args", json_object_get(event, "data"));
    json_array_append_new(trace->events, call);
}

static void take_counters(struct trace *trace, const json_t *data, uint64_t time)
{
    json_t *counter = mark("C", "records", time, 0);
    json_object_set_new(counter, "args",
                        json_pack("{s:O, s:O, s:O}", "stored", json_object_get(data, "stored"),
                                  "dropped", json_object_get(data, "dropped"), "suppressed",
                                  json_object_get(data, "suppressed")));
    json_array_append_new(trace->events, counter);
}

static void take_loss(struct trace *trace, const json_t *event)
{
    uint64_t time = export_finding_count(event, "t");
    json_t *loss = mark("X", "records lost", trace->last, 0);
    json_object_set_new(loss, "dur", json_real((double)(time - trace->last) / 1000));
    json_object_set(loss, "args", json_object_get(event, "data"));
    json_array_append_new(trace->events, loss);
}

static void take_event(struct trace *trace, const json_t *event)
{
    const char *type = export_finding_text(event, "type");
    uint64_t time = export_finding_count(event, "t");
    size_t lane = lane_of(trace, export_finding_text(event, "tgt"));
    if (strcmp(type, "target.spawned") == 0) {
        close_lane(trace, lane, time);
        json_t *begin = mark("B", "runs", time, lane);
        json_object_set(begin, "args", json_object_get(event, "data"));
        json_array_append_new(trace->events, begin);
        trace->lanes[lane].open = true;
    } else if (strcmp(type, "memory.reclaimed") == 0) {
        close_lane(trace, lane, time);
    } else if (strcmp(type, "log.drop") == 0) {
        take_loss(trace, event);
    } else if (strcmp(type, "ipc.trace") == 0) {
        take_call(trace, event, lane);
    } else if (strcmp(type, "log.stats") == 0) {
        take_counters(trace, json_object_get(event, "data"), time);
    } else {
        take_instant(trace, event, type, lane);
    }
    trace->last = time;
}

static void name_lanes(struct trace *trace)
{
    for (size_t i = 0; i < trace->lane_count; i++) {
        close_lane(trace, i, trace->last);
        json_array_append_new(trace->events,
                              json_pack("{s:s, s:s, s:I, s:{s:s}}", "ph", "M", "name",
                                        "process_name", "pid", (json_int_t)i, "args", "name",
                                        i == 0 ? "event log" : trace->lanes[i].name));
    }
}

void export_trace(FILE *to, const struct export_input *input)
{
    struct trace trace = {.events = json_array(), .lane_count = 1};
    struct bytes rest = input->log;
    size_t line = 0;
    json_t *event;
    while ((event = export_finding_event(&line, &rest, input)) != NULL) {
        take_event(&trace, event);
        json_decref(event);
    }
    name_lanes(&trace);
    json_t *document =
        json_pack("{s:s, s:o, s:{s:s}}", "displayTimeUnit", "ns", "traceEvents", trace.events,
                  "otherData", "verdict", export_finding_verdict(input->report));
    json_dumpf(document, to, JSON_COMPACT | JSON_ENSURE_ASCII);
    putc('\n', to);
    json_decref(document);
}
