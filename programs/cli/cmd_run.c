// SPDX-License-Identifier: BSD-2-Clause
#include "backend.h"
#include "command.h"
#include "diag_print.h"
#include "options.h"
#include "run_image.h"
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// `kpkg run`: the pipeline end to end. Builds the boot image, boots it, and takes apart what comes
// out of its serial line.

struct run_options {
    const char *trust;
    const char *events;
    const char *console;
    const char *report;
    const char *config;
    const char *time_limit;
    bool deterministic;
    bool trace;
    bool no_precheck;
};

static volatile int interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

// Everything that a run writes to: two files of options, three of a report.
enum { OUTPUTS_OPENED = 5 };

struct outputs {
    struct session session;
    FILE *trace;
    FILE *opened[OUTPUTS_OPENED]; // to be closed
    size_t opened_count;
};

static enum status open_output(FILE **to, struct outputs *outputs, const char *path,
                               struct diag *diag)
{
    *to = fopen(path, "we");
    if (*to == NULL) {
        return file_trouble(path, diag);
    }
    outputs->opened[outputs->opened_count++] = *to;
    return STATUS_OK;
}

static enum status open_in(FILE **to, struct outputs *outputs, const char *folder, const char *name,
                           struct diag *diag)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    enum status status = open_output(to, outputs, path, diag);
    free(path);
    return status;
}

static enum status open_report(struct outputs *outputs, const struct run_options *options,
                               struct diag *diag)
{
    if (mkdir(options->report, 0777) != 0 && errno != EEXIST) {
        return file_trouble(options->report, diag);
    }
    struct session *session = &outputs->session;
    enum status status =
        open_in(&session->events[1], outputs, options->report, "events.jsonl", diag);
    if (status == STATUS_OK) {
        status = open_in(&session->console[1], outputs, options->report, "console.log", diag);
    }
    if (status == STATUS_OK && options->trace) {
        status = open_in(&outputs->trace, outputs, options->report, "trace.txt", diag);
    }
    return status;
}

static enum status open_outputs(struct outputs *outputs, const struct run_options *options,
                                struct diag *diag)
{
    struct session *session = &outputs->session;
    enum status status = STATUS_OK;
    session->console[0] = stdout;
    outputs->trace = options->trace ? stderr : NULL;
    session->any_program_prints =
        options->config != NULL && strstr(options->config, "debug") != NULL;
    if (options->events != NULL) {
        status = open_output(&session->events[0], outputs, options->events, diag);
    }
    if (status == STATUS_OK && options->console != NULL) {
        status = open_output(&session->console[0], outputs, options->console, diag);
    }
    if (status == STATUS_OK && options->report != NULL) {
        status = open_report(outputs, options, diag);
    }
    return status;
}

// A log that could not be written is no evidence.
static int close_outputs(struct outputs *outputs)
{
    int code = EXIT_CODE_OK;
    for (size_t i = 0; i < outputs->opened_count; i++) {
        bool failed = ferror(outputs->opened[i]) != 0;
        if (fclose(outputs->opened[i]) != 0 || failed) {
            fprintf(stderr, "kpkg: an output of the run could not be written: %s\n",
                    strerror(errno));
            code = EXIT_CODE_TROUBLE;
        }
    }
    return code;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int boot(struct outputs *outputs, struct backend_request *request,
                const struct backend *backend)
{
    struct backend_result result;
    struct diag diag;
    session_start(&outputs->session);
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    enum status status = backend->run(&result, request, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    int code = session_end(&outputs->session);
    if (!result.exited) {
        fprintf(stderr, "kpkg: %s\n", result.ending);
        code = larger(code, EXIT_CODE_INCOMPLETE);
    } else if (result.exit_value != 0) {
        code = larger(code, EXIT_CODE_REFUSED);
    }
    return code;
}

static enum status read_time_limit(struct backend_request *request, const char *seconds,
                                   struct diag *diag)
{
    enum { MICROSECONDS = 1000000, MAX_SECONDS = 1000000 };
    uint64_t value = 0;
    enum status status = STATUS_OK;
    if (seconds != NULL) {
        status = options_number(&value, seconds, MAX_SECONDS, diag);
    }
    request->time_limit_us = value * MICROSECONDS;
    return status;
}

static int run(const void *given, struct operands operands)
{
    const struct run_options *options = given;
    struct outputs outputs = {0};
    struct backend_request request = {
        .config = options->config,
        .deterministic = options->deterministic,
        .stop = &interrupted,
        .output = session_feed,
        .context = &outputs.session,
    };
    struct diag diag;
    enum status status = read_time_limit(&request, options->time_limit, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    const struct run_image_options how = {.trust = options->trust,
                                          .no_precheck = options->no_precheck,
                                          .fixed_seed = options->deterministic};
    struct file_content image = {0};
    int code = run_image(&image, &how, operands);
    if (code == EXIT_CODE_OK) {
        code = diag_finish(open_outputs(&outputs, options, &diag), NULL, &diag);
    }
    if (code == EXIT_CODE_OK) {
        request.image = file_bytes(&image);
        request.trace = outputs.trace;
        code = boot(&outputs, &request, &backend_hosted);
    }
    file_free(&image);
    return larger(close_outputs(&outputs), code);
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "the trust file, instead of the system file's",
     .offset = offsetof(struct run_options, trust)},
    {.letter = 'e',
     .name = "events",
     .value = "FILE",
     .help = "write the event log, JSON Lines",
     .offset = offsetof(struct run_options, events)},
    {.name = "console",
     .value = "FILE",
     .help = "write console text there instead of to stdout",
     .offset = offsetof(struct run_options, console)},
    {.name = "report",
     .value = "DIR",
     .help = "write events.jsonl, console.log and trace.txt there",
     .offset = offsetof(struct run_options, report)},
    {.name = "as",
     .value = "CONFIG",
     .help = "the kernel to be like: 2.3.0 (default), 2.3.0-debug, ...",
     .offset = offsetof(struct run_options, config)},
    {.name = "time-limit",
     .value = "S",
     .help = "end the run after S seconds",
     .offset = offsetof(struct run_options, time_limit)},
    {.name = "deterministic",
     .help = "virtual time: the same input gives the same log",
     .offset = offsetof(struct run_options, deterministic)},
    {.name = "trace",
     .help = "a line for each system call, on stderr or in the report",
     .offset = offsetof(struct run_options, trace)},
    {.name = "no-precheck",
     .help = "leave every judgement to the root task",
     .offset = offsetof(struct run_options, no_precheck)},
};

const struct command cmd_run = {
    .name = "run",
    .operands = "FILE...|SYSTEM.toml",
    .summary = "Verify, compile, spawn and audit packages on the hosted kernel",
    .details =
        "Takes packages (then --trust is needed) or one system file. The host judges first and\n"
        "runs nothing when a package is refused; the root task judges again. Console text goes to\n"
        "stdout, a line for each denial, refusal or kill to stderr. The hosted kernel is not\n"
        "verified. Exit code 1: something was refused, denied or stopped; 3: the log is not "
        "whole.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct run_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
