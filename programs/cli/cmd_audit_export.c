// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "crypto_random.h"
#include "diag_print.h"
#include "evidence.h"
#include "export.h"
#include "file.h"

#include <stdlib.h>

// `kpkg audit export`: a log in the form of another tool.

struct export_options {
    struct evidence_options evidence;
    const char *format;
    const char *console;
    const char *output;
};

enum { CONSOLE_MAX = 1 << 26 };

// For GitHub's stop-commands: a program that guesses it could give commands to the workflow.
static void make_token(char hex[static 33])
{
    uint8_t random[16];
    struct text text = text_of(hex, 32);
    crypto_random(random, sizeof(random));
    text_put_hex(&text, (struct bytes){random, sizeof(random)});
    hex[32] = '\0';
}

// Reproducible by default: a log has no date of its own, and exporting it twice gives the same
// bytes.
static uint64_t epoch(void)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static int write_out(const struct export_format *format, const struct export_input *input,
                     const char *path)
{
    struct diag diag;
    struct file_draft draft;
    if (path == NULL) {
        format->write(stdout, input);
        return EXIT_CODE_OK; // main looks at stdout
    }
    enum status status = file_draft_open(&draft, &diag);
    if (status == STATUS_OK) {
        format->write(draft.to, input);
        status = file_draft_write(&draft, path, &diag);
    }
    return diag_finish(status, path, &diag);
}

static int export(const struct export_options *options, const struct export_format *format,
                  const char *path, const struct evidence *evidence)
{
    static struct audit_verify_report report;
    struct file_content log = {0}, console = {0};
    struct diag diag;
    const char *at_fault = path;
    enum status status = file_read(&log, path, EVIDENCE_LOG_MAX, &diag);
    if (status == STATUS_OK && options->console != NULL) {
        at_fault = options->console;
        status = file_read(&console, options->console, CONSOLE_MAX, &diag);
    }
    int code = diag_finish(status, at_fault, &diag);
    if (status == STATUS_OK) {
        audit_verify(&report, file_bytes(&log), &evidence->expected, NULL);
        struct export_input input = {.log = file_bytes(&log),
                                     .report = &report,
                                     .path = path,
                                     .console = file_bytes(&console),
                                     .epoch = epoch()};
        make_token(input.token);
        code = write_out(format, &input, options->output);
        evidence_explain(path, &report);
        int judged = audit_verify_verdict(report.finding) == AUDIT_VERDICT_SOUND
                         ? EXIT_CODE_OK
                         : (int)evidence_code(&report);
        code = judged > code ? judged : code;
    }
    file_free(&console);
    file_free(&log);
    return code;
}

static int run(const void *given, struct operands operands)
{
    const struct export_options *options = given;
    struct evidence evidence = {0};
    struct diag diag;
    const struct export_format *format =
        export_find(options->format != NULL ? options->format : "");
    if (format == NULL) {
        return diag_usage("audit export needs --format NAME, one of those in --help",
                          options->format);
    }
    enum status status = evidence_expect(&evidence, &options->evidence, &diag);
    int code = status == STATUS_OK ? export(options, format, operands.at[0], &evidence)
                                   : diag_finish(status, NULL, &diag);
    evidence_free(&evidence);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'f',
     .name = "format",
     .value = "NAME",
     .help = "jsonl sarif junit markdown github gitlab perfetto ecs otel",
     .offset = offsetof(struct export_options, format)},
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write it, instead of stdout",
     .offset = offsetof(struct export_options, output)},
    {.name = "console",
     .value = "FILE",
     .help = "github: print this console text, so that no line of it is a command",
     .offset = offsetof(struct export_options, console)},
    EVIDENCE_OPTIONS(struct export_options, evidence),
};

const struct command cmd_audit_export = {
    .name = "audit export",
    .operands = "FILE",
    .summary = "Write a log in the form that another tool reads",
    .details =
        "Verifies the log first; a log that is cut or contradicted is exported up to that place,\n"
        "with a finding that says so, and exit code 3 or 4. Times begin at $SOURCE_DATE_EPOCH, or\n"
        "at 1970: a log knows only the time since boot.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct export_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
