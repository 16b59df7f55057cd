// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "database.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "log_source.h"
#include "print.h"

#include <inttypes.h>

// `kpkg audit import`: logs of many runs into one index, each verified first; all of them or none.

enum { MOST_FILES = 65536 };

struct import_options {
    struct evidence_options evidence;
    const char *database;
    bool json;
};

struct import {
    struct index_store *store;
    json_t *results; // NULL without --json
    int code;        // the highest of the findings
};

static const char *const outcomes[] = {[INDEX_NEW] = "imported",
                                       [INDEX_AGAIN] = "already there",
                                       [INDEX_REPLACED] = "imported in place of less"};

static void tell(struct import *import, const char *path, const struct audit_verify_report *report,
                 enum index_outcome outcome)
{
    const char *finding = audit_check_name(report->finding);
    uint64_t records = report->check.tree.size;
    if (import->results != NULL) {
        json_array_append_new(import->results, json_pack("{s:o, s:o, s:s, s:I, s:I, s:s}", "file",
                                                         json_bytes_text(bytes_text(path)), "run",
                                                         json_bytes_text(report->boot), "finding",
                                                         finding, "records", (json_int_t)records,
                                                         "signed", (json_int_t)report->signed_count,
                                                         "outcome", outcomes[outcome]));
        return;
    }
    print_name(stdout, report->boot);
    printf("  %s, %" PRIu64 " records, %" PRIu64 " signed: %s\n", finding, records,
           report->signed_count, outcomes[outcome]);
}

// What is wrong with a log, but not what happened in its run.
static int code_of(const struct audit_verify_report *report)
{
    bool sound = report->finding == AUDIT_FINDING_SOUND;
    return sound ? EXIT_CODE_OK : evidence_code(report);
}

static enum status take(struct import *import, const char *path,
                        const struct evidence_options *options, struct diag *diag)
{
    static struct log_judged judged;
    struct log_source source;
    enum index_outcome outcome = INDEX_NEW;
    enum status status = log_source_find(&source, path, diag);
    if (status == STATUS_OK) {
        status = log_source_judge(&judged, &source, options, diag);
        if (status == STATUS_OK) {
            evidence_explain(source.log, &judged.report);
            status = index_import(&outcome, import->store, &judged.log, diag);
        }
        if (status == STATUS_OK) {
            int code = code_of(&judged.report);
            tell(import, path, &judged.report, outcome);
            import->code = code > import->code ? code : import->code;
        }
        log_judged_free(&judged);
    }
    log_source_free(&source);
    return status;
}

static enum status take_all(struct import *import, const struct import_options *options,
                            struct operands operands, const char **at_fault, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < operands.count && status == STATUS_OK; i++) {
        *at_fault = operands.at[i];
        status = take(import, operands.at[i], &options->evidence, diag);
    }
    if (status == STATUS_OK) {
        *at_fault = database_shown(options->database);
        status = index_store_commit(import->store, diag);
    }
    return status;
}

static int run(const void *given, struct operands operands)
{
    const struct import_options *options = given;
    struct import import = {.results = options->json ? json_array() : NULL};
    const struct database_ask ask = {options->database, INDEX_WRITE, &cmd_audit_import, given,
                                     operands};
    const char *at_fault = database_shown(options->database);
    struct diag diag;
    enum status status = database_open(&import.store, &ask, &diag);
    if (status == STATUS_OK) {
        status = take_all(&import, options, operands, &at_fault, &diag);
    }
    index_store_close(import.store);
    if (status != STATUS_OK) {
        json_decref(import.results);
        return diag_finish(status, at_fault, &diag);
    }
    if (options->json) {
        print_json(
            json_pack("{s:s, s:o}", "schema", "kpkg.audit-import/v1", "logs", import.results));
    }
    return import.code;
}

static const struct option_spec OPTIONS[] = {
    {.name = "db",
     .value = "DB",
     .help = "the index: a file, or postgresql://...",
     .offset = offsetof(struct import_options, database)},
    {.name = "vkey",
     .value = "KEY",
     .help = "the runs' verifier key, or a file that holds it",
     .offset = offsetof(struct import_options, evidence.vkey)},
    {.name = "json",
     .help = "write JSON kpkg.audit-import/v1",
     .offset = offsetof(struct import_options, json)},
};

const struct command cmd_audit_import = {
    .name = "audit import",
    .operands = "FILE|DIR...",
    .summary = "Put the logs of many runs into one index, verified",
    .details =
        "FILE is an event log, DIR what `kpkg run --report` wrote: then the key beside the log is\n"
        "used where --vkey gives none, and the index says so. All logs are taken or, after an "
        "error,\n"
        "none. A log that is there already changes nothing. Of one that is cut or contradicted "
        "the\n"
        "part before is taken, with the finding; exit code 3 or 4 then. The index is a SQLite "
        "file,\n"
        "made where there is none, or tables in a PostgreSQL database (package kpkg-postgres).\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct import_options),
    .min_operands = 1,
    .max_operands = MOST_FILES,
    .run = run,
};
