// SPDX-License-Identifier: BSD-2-Clause

// The records of a run, once through, as what the page shows: for each target its authority, its
// marks on a time axis of REPORT_COLUMNS columns and its totals. Memory follows from what is named
// (targets, packages, calls) and not from the number of records.

#include "report_run.h"

#include "export_finding.h"
#include "report_calls.h"

#include <stdlib.h>
#include <string.h>

// The axis ends with the last record that verifies.
static size_t column_of(const struct report_run *run, uint64_t time)
{
    uint64_t length = run->end > run->begin ? run->end - run->begin : 1;
    uint64_t past = time > run->begin ? time - run->begin : 0;
    uint64_t column = past / (length / REPORT_COLUMNS + 1);
    return column < REPORT_COLUMNS ? (size_t)column : REPORT_COLUMNS - 1;
}

static struct report_target *new_target(struct report_run *run, const char *name)
{
    if (run->target_count == run->target_room) {
        size_t room = run->target_room == 0 ? 16 : 2 * run->target_room;
        struct report_target *more = realloc(run->targets, room * sizeof(*more));
        if (more == NULL) {
            return NULL;
        }
        run->targets = more;
        run->target_room = room;
    }
    struct report_target *target = &run->targets[run->target_count];
    *target = (struct report_target){.name = strdup(name), .running_since = REPORT_COLUMNS};
    if (target->name == NULL) {
        return NULL;
    }
    json_object_set_new(run->numbers, name, json_integer((json_int_t)run->target_count));
    run->target_count++;
    return target;
}

static struct report_target *target_of(struct report_run *run, const char *name)
{
    const json_t *number = json_object_get(run->numbers, name);
    return number != NULL ? &run->targets[json_integer_value(number)] : new_target(run, name);
}

static void set_outcome(struct report_target *target, const char *outcome)
{
    free(target->outcome);
    target->outcome = strdup(outcome);
}

static void stop(struct report_target *target, size_t column)
{
    for (size_t i = target->running_since; i <= column && i < REPORT_COLUMNS; i++) {
        target->runs[i] = true;
    }
    target->running_since = REPORT_COLUMNS;
}

static void mark(struct report_target *target, size_t column, enum report_mark what, uint64_t times)
{
    target->marks[column][what] += (uint32_t)times;
    target->totals[what] += times;
}

static void take_issued(struct report_target *target, const json_t *data)
{
    if (export_finding_count(data, "part") == 1) {
        json_decref(target->caps);
        target->caps = json_array();
    }
    json_array_extend(target->caps, json_object_get(data, "caps"));
}

static void take_exit(struct report_target *target, const json_t *data, size_t column)
{
    char text[48];
    uint64_t code = export_finding_count(data, "code");
    snprintf(text, sizeof(text), "exited with %llu", (unsigned long long)code);
    set_outcome(target, text);
    mark(target, column, code == 0 ? REPORT_END : REPORT_KILL, 1);
}

static void take_call(struct report_run *run, struct report_target *target, const json_t *event)
{
    const char *first = json_object_get(event, "t0") != NULL ? "t0" : "t";
    uint64_t end = export_finding_count(event, first);
    uint64_t took = export_finding_count(json_object_get(event, "data"), "dur_ns");
    for (size_t i = column_of(run, end > took ? end - took : 0); i <= column_of(run, end); i++) {
        target->calls[i] = true;
    }
    report_calls_take(run->calls, event);
}

static void take_about(struct report_run *run, struct report_target *target, const json_t *event)
{
    const char *type = export_finding_text(event, "type");
    const json_t *data = json_object_get(event, "data");
    size_t column = column_of(run, export_finding_count(event, "t"));
    uint64_t times = json_object_get(event, "n") != NULL ? export_finding_count(event, "n") : 1;
    if (strcmp(type, "policy.compiled") == 0) {
        snprintf(target->package, sizeof(target->package), "%s", export_finding_text(data, "pkg"));
    } else if (strcmp(type, "caps.issued") == 0) {
        take_issued(target, data);
    } else if (strcmp(type, "target.spawned") == 0) {
        target->running_since = column;
        set_outcome(target, "was running at the end");
        mark(target, column, REPORT_SPAWN, 1);
    } else if (strncmp(type, "fault.", 6) == 0) {
        bool resumed = strcmp(export_finding_text(data, "action"), "resumed") == 0;
        mark(target, column, resumed ? REPORT_RESUMED : REPORT_FAULT, times);
    } else if (strcmp(type, "ipc.trace") == 0) {
        take_call(run, target, event);
    } else if (strncmp(type, "deny.", 5) == 0) {
        mark(target, column, REPORT_DENIAL, times);
    } else if (strcmp(type, "target.exited") == 0) {
        take_exit(target, data, column);
    } else if (strcmp(type, "target.killed") == 0) {
        set_outcome(target, "was stopped");
        mark(target, column, REPORT_KILL, 1);
    } else if (strcmp(type, "target.suspended") == 0) {
        set_outcome(target, "was suspended");
        stop(target, column);
    } else if (strcmp(type, "target.failed") == 0) {
        set_outcome(target, "did not start");
        mark(target, column, REPORT_KILL, 1);
    } else if (strcmp(type, "memory.reclaimed") == 0) {
        stop(target, column);
    }
}

// Between the record before and this one; nobody knows when.
static void take_loss(struct report_run *run, const json_t *event, uint64_t last)
{
    size_t to = column_of(run, export_finding_count(event, "t"));
    for (size_t i = column_of(run, last); i <= to; i++) {
        run->lost[i] = true;
    }
    run->lost_count += export_finding_count(json_object_get(event, "data"), "count");
}

static void take_log(struct report_run *run, json_t *event, uint64_t last)
{
    const char *type = export_finding_text(event, "type");
    json_t *data = json_object_get(event, "data");
    if (strcmp(type, "log.start") == 0) {
        run->begin = export_finding_count(event, "t");
        run->start = json_incref(data);
    } else if (strcmp(type, "log.checkpoint") == 0) {
        run->checkpoints[column_of(run, export_finding_count(event, "t"))] = true;
    } else if (strcmp(type, "log.drop") == 0) {
        take_loss(run, event, last);
    } else if (strcmp(type, "package.verified") == 0) {
        json_array_append(run->packages, data);
    }
}

static enum status take_event(struct report_run *run, json_t *event, uint64_t last)
{
    const char *type = export_finding_text(event, "type"),
               *name = export_finding_text(event, "tgt");
    uint64_t records = export_finding_count(run->types, type);
    json_object_set_new(run->types, type, json_integer((json_int_t)records + 1));
    if (name[0] == '\0') {
        take_log(run, event, last);
        return STATUS_OK;
    }
    struct report_target *target = target_of(run, name);
    if (target == NULL) {
        return STATUS_NO_MEMORY;
    }
    take_about(run, target, event);
    return STATUS_OK;
}

enum status report_run_read(struct report_run *out, const struct export_input *input)
{
    struct bytes rest = input->log;
    size_t line = 0;
    uint64_t last = 0;
    json_t *event;
    enum status status = STATUS_OK;
    *out = (struct report_run){.end = input->report->check.last_time,
                               .numbers = json_object(),
                               .packages = json_array(),
                               .types = json_object(),
                               .calls = json_object()};
    while (status == STATUS_OK && (event = export_finding_event(&line, &rest, input)) != NULL) {
        status = take_event(out, event, last);
        last = export_finding_count(event, "t");
        json_decref(event);
    }
    for (size_t i = 0; i < out->target_count; i++) {
        stop(&out->targets[i], REPORT_COLUMNS - 1);
    }
    return status;
}

void report_run_free(struct report_run *run)
{
    for (size_t i = 0; i < run->target_count; i++) {
        free(run->targets[i].name);
        free(run->targets[i].outcome);
        json_decref(run->targets[i].caps);
    }
    free(run->targets);
    json_decref(run->numbers);
    json_decref(run->start);
    json_decref(run->packages);
    json_decref(run->types);
    json_decref(run->calls);
}
