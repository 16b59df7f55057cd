// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "evidence.h"
#include "file.h"
#include "report.h"
#include "report_baseline.h"

#include <stdlib.h>

// `kpkg audit report`: a log as one page for people.

struct report_options {
    struct evidence_options evidence;
    const char *output;
    const char *baseline;
};

// NULL where none is asked for.
static enum status read_baseline(json_t **out, const char *path, struct diag *diag)
{
    enum { BASELINE_MAX = 1 << 26 };
    struct file_content file = {0};
    *out = NULL;
    if (path == NULL) {
        return STATUS_OK;
    }
    enum status status = file_read(&file, path, BASELINE_MAX, diag);
    if (status == STATUS_OK) {
        *out = report_baseline(file_bytes(&file));
    }
    file_free(&file);
    return status != STATUS_OK || *out != NULL
               ? status
               : diag_fail(diag, STATUS_USAGE, "neither a plan nor a golden file", 0);
}

// In memory first: the page is written as a whole, or what was there before stays.
static enum status make(char **page, size_t *len, const struct export_input *input,
                        const json_t *baseline, struct diag *diag)
{
    FILE *to = open_memstream(page, len);
    enum status status = to != NULL ? report_write(to, input, baseline) : STATUS_NO_MEMORY;
    if (to != NULL && fclose(to) != 0) {
        status = STATUS_NO_MEMORY;
    }
    return status == STATUS_OK ? status : diag_fail(diag, status, "report", 0);
}

static int report(const struct report_options *options, const char *path,
                  const struct evidence *evidence)
{
    static struct audit_verify_report judged;
    struct file_content log = {0};
    struct diag diag;
    char *page = NULL;
    size_t len = 0;
    json_t *baseline = NULL;
    const char *at_fault = options->baseline;
    enum status status = read_baseline(&baseline, options->baseline, &diag);
    if (status == STATUS_OK) {
        at_fault = path;
        status = file_read(&log, path, EVIDENCE_LOG_MAX, &diag);
    }
    if (status == STATUS_OK) {
        audit_verify(&judged, file_bytes(&log), &evidence->expected, NULL);
        const struct export_input input = {
            .log = file_bytes(&log), .report = &judged, .path = path};
        at_fault = options->output;
        status = make(&page, &len, &input, baseline, &diag);
    }
    if (status == STATUS_OK) {
        struct bytes bytes = {(const uint8_t *)page, len};
        status = file_write(options->output, bytes, FILE_REPLACE, &diag);
    }
    int code = diag_finish(status, at_fault, &diag);
    if (status == STATUS_OK) {
        evidence_explain(path, &judged);
        bool sound = audit_verify_verdict(judged.finding) == AUDIT_VERDICT_SOUND;
        code = sound ? EXIT_CODE_OK : (int)evidence_code(&judged);
    }
    json_decref(baseline);
    free(page);
    file_free(&log);
    return code;
}

static int run(const void *given, struct operands operands)
{
    const struct report_options *options = given;
    struct evidence evidence = {0};
    struct diag diag;
    if (options->output == NULL) {
        return diag_usage("audit report needs --output FILE", NULL);
    }
    enum status status = evidence_expect(&evidence, &options->evidence, &diag);
    int code = status == STATUS_OK ? report(options, operands.at[0], &evidence)
                                   : diag_finish(status, NULL, &diag);
    evidence_free(&evidence);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the page",
     .offset = offsetof(struct report_options, output)},
    {.name = "baseline",
     .value = "FILE",
     .help = "mark authority that this plan or golden file does not have",
     .offset = offsetof(struct report_options, baseline)},
    EVIDENCE_OPTIONS(struct report_options, evidence),
};

const struct command cmd_audit_report = {
    .name = "audit report",
    .operands = "FILE",
    .summary = "Write one HTML page about a run: verdict, authority, timeline, findings",
    .details =
        "The page loads nothing and runs no script. The log is verified first; of one that is cut\n"
        "or contradicted the page shows the part before, and says so. Exit code 3 or 4 then.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct report_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
