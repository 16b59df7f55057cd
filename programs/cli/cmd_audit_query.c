// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "database.h"
#include "diag_print.h"
#include "result_print.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// `kpkg audit query`: what happened in many runs, from an index that `audit import` made.

struct query_options {
    const char *database;
    const char *target, *package, *version, *since, *until, *reason, *run;
    const char *format;
    const char *sql;
    bool schema;
};

// A question, ready to be put.
struct ask {
    const struct index_question *question; // NULL: the statement of --sql
    struct index_filter filter;
    enum result_format format;
};

static struct bytes text_of_option(const char *option)
{
    return option != NULL ? bytes_text(option) : (struct bytes){0};
}

// A date, or a date and time, in UTC; 0 where none is given. False when it is no time. One that an
// index has no number for, from the year 2262 on, is after everything in it.
static bool read_time(uint64_t *ns, const char *text)
{
    static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"};
    const uint64_t second = 1000000000;
    *ns = 0;
    for (size_t i = 0; text != NULL && i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct tm utc = {0};
        const char *end = strptime(text, forms[i], &utc);
        time_t time = timegm(&utc);
        if (end != NULL && *end == '\0' && time > 0) {
            *ns = (uint64_t)time < INT64_MAX / second ? (uint64_t)time * second : INT64_MAX;
        }
    }
    return text == NULL || *ns != 0;
}

static bool read_format(enum result_format *format, const char *name)
{
    static const char *const names[] = {
        [RESULT_TABLE] = "table", [RESULT_JSON] = "json", [RESULT_CSV] = "csv"};
    *format = RESULT_TABLE;
    while (name != NULL && *format <= RESULT_CSV && strcmp(name, names[*format]) != 0) {
        (*format)++;
    }
    return *format <= RESULT_CSV;
}

static bool has_filter(const struct query_options *options)
{
    return options->target != NULL || options->package != NULL || options->version != NULL ||
           options->since != NULL || options->until != NULL || options->reason != NULL ||
           options->run != NULL;
}

// What does not fit, or NULL.
static const char *read_ask(struct ask *ask, const struct query_options *options,
                            struct operands operands)
{
    *ask = (struct ask){.filter = {.run = text_of_option(options->run),
                                   .target = text_of_option(options->target),
                                   .package = text_of_option(options->package),
                                   .version = text_of_option(options->version),
                                   .reason = text_of_option(options->reason)}};
    if ((operands.count == 0) == (options->sql == NULL)) {
        return "audit query needs a NAME, or --sql, and not both";
    }
    if (options->sql != NULL && has_filter(options)) {
        return "--sql goes without filters";
    }
    if (operands.count != 0) {
        ask->question = index_query_find(operands.at[0]);
        if (ask->question == NULL) {
            return "no such query; there are denials, faults, calls, runs, versions and targets";
        }
        if (options->reason != NULL && !ask->question->about_events) {
            return "--reason is for denials and faults";
        }
    }
    if (!read_format(&ask->format, options->format)) {
        return "--format is table, json or csv";
    }
    bool times = read_time(&ask->filter.since, options->since) &&
                 read_time(&ask->filter.until, options->until);
    return times ? NULL : "a time is 2026-11-22 or 2026-11-22T09:30:00Z";
}

static enum status put_question(struct index_store *store, const struct ask *ask, const char *sql,
                                struct diag *diag)
{
    struct result_print *print =
        result_print_start(ask->format, ask->question != NULL ? ask->question->name : NULL);
    if (print == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "result", 0);
    }
    const struct index_sink sink = result_print_sink(print);
    const struct index_statement statement = {.sql = sql};
    enum status status = ask->question != NULL
                             ? index_query(store, ask->question, &ask->filter, &sink, diag)
                             : store->operations->query(store, &statement, &sink, diag);
    bool printed = result_print_finish(print);
    return status != STATUS_OK || printed ? status : diag_fail(diag, STATUS_NO_MEMORY, "result", 0);
}

static int run(const void *given, struct operands operands)
{
    const struct query_options *options = given;
    struct ask ask;
    struct index_store *store = NULL;
    struct diag diag;
    if (options->schema) {
        bool server = options->database != NULL && database_is_server(options->database);
        fputs(server ? index_schema_postgres : index_schema_sqlite, stdout);
        fputs(index_schema_indices, stdout);
        return EXIT_CODE_OK;
    }
    const char *wrong = read_ask(&ask, options, operands);
    if (wrong != NULL) {
        return diag_usage(wrong, NULL);
    }
    const struct database_ask database = {options->database, INDEX_READ, &cmd_audit_query, given,
                                          operands};
    enum status status = database_open(&store, &database, &diag);
    if (status == STATUS_OK) {
        status = put_question(store, &ask, options->sql, &diag);
    }
    index_store_close(store);
    return diag_finish(status, database_shown(options->database), &diag);
}

static const struct option_spec OPTIONS[] = {
    {.name = "db",
     .value = "DB",
     .help = "the index: a file, or postgresql://...",
     .offset = offsetof(struct query_options, database)},
    {.name = "target",
     .value = "NAME",
     .help = "of this instance",
     .offset = offsetof(struct query_options, target)},
    {.name = "package",
     .value = "NAME",
     .help = "of this package",
     .offset = offsetof(struct query_options, package)},
    {.name = "version",
     .value = "VERSION",
     .help = "of this version of a package",
     .offset = offsetof(struct query_options, version)},
    {.name = "since",
     .value = "TIME",
     .help = "not before: 2026-11-22 or 2026-11-22T09:30:00Z",
     .offset = offsetof(struct query_options, since)},
    {.name = "until",
     .value = "TIME",
     .help = "not after",
     .offset = offsetof(struct query_options, until)},
    {.name = "reason",
     .value = "REASON",
     .help = "denials and faults for this reason",
     .offset = offsetof(struct query_options, reason)},
    {.name = "run",
     .value = "HEX",
     .help = "of the runs whose boot id begins so",
     .offset = offsetof(struct query_options, run)},
    {.name = "format",
     .value = "FORMAT",
     .help = "table, json (kpkg.audit-query/v1) or csv",
     .offset = offsetof(struct query_options, format)},
    {.name = "sql",
     .value = "STATEMENT",
     .help = "put this statement instead, which may only read",
     .offset = offsetof(struct query_options, sql)},
    {.name = "schema",
     .help = "print the tables of an index",
     .offset = offsetof(struct query_options, schema)},
};

const struct command cmd_audit_query = {
    .name = "audit query",
    .operands = "[NAME]",
    .summary = "Ask an index of many runs who was denied what, since when, by version",
    .details =
        "NAME is denials (what was asked for and not given, by target, version and reason), "
        "faults\n"
        "(what targets did wrong themselves), calls (traced calls: how they ended and how long "
        "they\n"
        "took), runs (each run, and what its log is worth), "
        "versions\n"
        "(each version of a package: since when it runs, and what came of it) or targets (the "
        "same for\n"
        "each instance). The column `evidence` is that of the weakest log behind a row. Times are "
        "UTC,\n"
        "by the clock of the host that ran it. spec/audit-index.md describes the tables for "
        "--sql.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct query_options),
    .min_operands = 0,
    .max_operands = 1,
    .run = run,
};
