// SPDX-License-Identifier: BSD-2-Clause
#include "backend.h"
#include "command.h"
#include "diag_print.h"
#include "kernel_find.h"
#include "options.h"
#include "run_image.h"
#include "sel4_error.h"
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
    const char *kernel;
    const char *config;
    const char *as;
    const char *time_limit;
    const char *fail_invocation;
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

// "N" or "N=ERROR".
static enum status read_failure(struct backend_request *request, const char *text,
                                struct diag *diag)
{
    char number[24] = {0};
    uint64_t error = SEL4_ERROR_ILLEGAL_OPERATION;
    if (text == NULL) {
        return STATUS_OK;
    }
    size_t len = strcspn(text, "=");
    memcpy(number, text, len < sizeof(number) ? len : sizeof(number) - 1);
    enum status status = options_number(&request->fail_invocation, number, UINT64_MAX / 10, diag);
    if (status == STATUS_OK && text[len] == '=') {
        status = options_number(&error, text + len + 1, SEL4_ERROR_COUNT - 1, diag);
    }
    request->fail_error = (unsigned)error;
    return status;
}

// A word of the command line that only the other kind of kernel knows.
static int check_options(const struct run_options *options, bool real)
{
    const struct {
        bool given;
        const char *name;
    } hosted_only[] = {{options->as != NULL, "--as"},
                       {options->deterministic, "--deterministic"},
                       {options->fail_invocation != NULL, "--fail-invocation"},
                       {options->trace, "--trace"}};
    for (size_t i = 0; real && i < sizeof(hosted_only) / sizeof(hosted_only[0]); i++) {
        if (hosted_only[i].given) {
            return diag_usage("only the hosted kernel has this option", hosted_only[i].name);
        }
    }
    if (!real && options->config != NULL) {
        return diag_usage("only a real kernel has this option", "--config");
    }
    return EXIT_CODE_OK;
}

// The backend that --kernel asks for; NULL after an error, which is printed.
static const struct backend *choose(struct kernel *kernel, bool *prints, int *code,
                                    const struct run_options *options)
{
    bool real = options->kernel != NULL && strcmp(options->kernel, "hosted") != 0;
    *code = check_options(options, real);
    if (*code != EXIT_CODE_OK) {
        return NULL;
    }
    if (!real) {
        *prints = options->as != NULL && strstr(options->as, "debug") != NULL;
        return &backend_hosted;
    }
    struct diag diag;
    const char *path = strcmp(options->kernel, "sel4") == 0 ? NULL : options->kernel;
    enum status status = kernel_find(kernel, path, options->config, &diag);
    *code = diag_finish(status, path, &diag);
    *prints = kernel->config.printing;
    return status == STATUS_OK ? &backend_qemu : NULL;
}

// Builds the image, opens what the run writes to, and boots.
static int build_and_boot(struct backend_request *request, const struct backend *backend,
                          const struct run_options *options, struct operands operands,
                          struct outputs *outputs)
{
    const struct run_image_options how = {.trust = options->trust,
                                          .kernel = request->kernel,
                                          .no_precheck = options->no_precheck,
                                          .fixed_seed = options->deterministic};
    struct file_content image = {0};
    struct diag diag;
    int code = run_image(&image, &how, operands);
    if (code == EXIT_CODE_OK) {
        code = diag_finish(open_outputs(outputs, options, &diag), NULL, &diag);
    }
    if (code == EXIT_CODE_OK) {
        request->image = file_bytes(&image);
        request->trace = outputs->trace;
        code = boot(outputs, request, backend);
    }
    file_free(&image);
    return larger(close_outputs(outputs), code);
}

static int run(const void *given, struct operands operands)
{
    const struct run_options *options = given;
    static struct kernel kernel;
    struct outputs outputs = {0};
    struct backend_request request = {
        .config = options->as,
        .deterministic = options->deterministic,
        .stop = &interrupted,
        .output = session_feed,
        .context = &outputs.session,
    };
    struct diag diag;
    enum status status = read_time_limit(&request, options->time_limit, &diag);
    if (status == STATUS_OK) {
        status = read_failure(&request, options->fail_invocation, &diag);
    }
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    int code = EXIT_CODE_OK;
    bool *prints = &outputs.session.any_program_prints;
    const struct backend *backend = choose(&kernel, prints, &code, options);
    if (backend == NULL) {
        return code;
    }
    request.kernel = backend == &backend_qemu ? &kernel : NULL;
    return build_and_boot(&request, backend, options, operands, &outputs);
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
    {.letter = 'k',
     .name = "kernel",
     .value = "KERNEL",
     .help = "hosted (default), sel4 = the one found, or a path to one",
     .offset = offsetof(struct run_options, kernel)},
    {.name = "config",
     .value = "NAME",
     .help = "of a real kernel: release (default), debug",
     .offset = offsetof(struct run_options, config)},
    {.name = "as",
     .value = "CONFIG",
     .help = "hosted: the kernel to be like: 2.3.0 (default), 2.3.0-debug, ...",
     .offset = offsetof(struct run_options, as)},
    {.name = "time-limit",
     .value = "S",
     .help = "end the run after S seconds",
     .offset = offsetof(struct run_options, time_limit)},
    {.name = "deterministic",
     .help = "hosted: virtual time, the same input gives the same log",
     .offset = offsetof(struct run_options, deterministic)},
    {.name = "fail-invocation",
     .value = "N[=ERROR]",
     .help = "hosted: the root task's Nth kernel call fails (seL4 error)",
     .offset = offsetof(struct run_options, fail_invocation)},
    {.name = "trace",
     .help = "hosted: a line for each system call, on stderr or in the report",
     .offset = offsetof(struct run_options, trace)},
    {.name = "no-precheck",
     .help = "leave every judgement to the root task",
     .offset = offsetof(struct run_options, no_precheck)},
};

const struct command cmd_run = {
    .name = "run",
    .operands = "FILE...|SYSTEM.toml",
    .summary = "Verify, compile, spawn and audit packages on a kernel",
    .details =
        "Takes packages (then --trust is needed) or one system file. The host judges first and\n"
        "runs nothing when a package is refused; the root task judges again. Console text goes to\n"
        "stdout, a line for each denial, refusal or kill to stderr. The hosted kernel is not\n"
        "verified. --kernel boots a real seL4 kernel of a Microkit SDK in QEMU: PATH is the SDK,\n"
        "its folder of a board or a configuration, or a kernel's ELF file; `sel4` takes the first\n"
        "of $KPKG_KERNEL, $MICROKIT_SDK, /opt/microkit-sdk*. `kpkg doctor` shows what there is.\n"
        "Exit code 1: something was refused, denied or stopped; 3: the log is not whole.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct run_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
