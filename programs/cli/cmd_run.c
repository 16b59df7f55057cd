// SPDX-License-Identifier: BSD-2-Clause
#include "attest.h"
#include "boot.h"
#include "command.h"
#include "cspaces.h"
#include "diag_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// `kpkg run`: the pipeline end to end. Builds the boot image, boots it, and takes apart what comes
// out of its serial line.

struct run_options {
    struct boot_options boot;
    const char *events;
    const char *console;
    const char *report;
    const char *cspace;
    bool trace;
};

// Everything that a run writes to: three files of options, four of a report.
enum { OUTPUTS_OPENED = 7 };

struct outputs {
    struct session session;
    FILE *trace;
    struct cspaces cspaces;
    struct output {
        FILE *file;
        char *path;           // owned
    } opened[OUTPUTS_OPENED]; // to be closed
    size_t opened_count;
};

// Two outputs in one file would overwrite each other.
static bool opened_before(const struct outputs *outputs, FILE *file)
{
    struct stat mine, other;
    if (fstat(fileno(file), &mine) != 0 || !S_ISREG(mine.st_mode)) {
        return false;
    }
    for (size_t i = 0; i < outputs->opened_count; i++) {
        if (fstat(fileno(outputs->opened[i].file), &other) == 0 && other.st_dev == mine.st_dev &&
            other.st_ino == mine.st_ino) {
            return true;
        }
    }
    return false;
}

// Opened before the run and emptied: who asked for a log finds none of an earlier run after a
// crash.
static enum status open_output(FILE **to, struct outputs *outputs, const char *path,
                               struct diag *diag)
{
    *to = fopen(path, "we");
    if (*to == NULL) {
        return file_trouble(path, diag);
    }
    bool twice = opened_before(outputs, *to);
    outputs->opened[outputs->opened_count++] = (struct output){*to, strdup(path)};
    if (twice) {
        diag_fail(diag, STATUS_USAGE, "two outputs are the same file", 0);
        diag_subject(diag, bytes_text(path));
        return STATUS_USAGE;
    }
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
    if (status == STATUS_OK && session->any_program_prints) {
        status = open_in(&session->snapshot.copy, outputs, options->report, "kernel.cdl", diag);
    }
    return status;
}

static enum status open_cspace(struct outputs *outputs, const char *path, struct diag *diag)
{
    outputs->cspaces.json = file_ends_with(path, ".jsonl");
    outputs->cspaces.to = stdout;
    return strcmp(path, "-") == 0 ? STATUS_OK
                                  : open_output(&outputs->cspaces.to, outputs, path, diag);
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
    if (status == STATUS_OK && options->cspace != NULL) {
        status = open_cspace(outputs, options->cspace, diag);
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
        const struct output *output = &outputs->opened[i];
        bool failed = ferror(output->file) != 0;
        if (fclose(output->file) != 0 || failed) {
            struct diag diag; // what stood in the way is long forgotten
            enum status status = diag_fail(&diag, STATUS_IO, "an output of the run was lost", 0);
            code = diag_finish(status, output->path, &diag);
        }
        free(output->path);
    }
    return code;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

// What a report adds when the run is over: the key, and a statement about the log under it.
static int write_evidence(const struct boot *boot, const char *folder)
{
    struct diag diag;
    const struct audit_expected expected = boot_expected(boot);
    return diag_finish(attest_folder(folder, &expected, boot->ask.seed, &diag), folder, &diag);
}

// Without a precheck nobody has made the plan yet that trace and CSpaces are named by.
static enum status open_names(struct outputs *outputs, struct boot *boot,
                              const struct run_options *options, struct diag *diag)
{
    enum status status = STATUS_OK;
    bool named = boot->request.trace != NULL || boot->request.cspaces != NULL;
    if (named && options->boot.image.no_precheck) {
        status = compose_check(boot->system, diag);
    }
    return status == STATUS_OK ? cspaces_begin(&outputs->cspaces, boot->request.plan, diag)
                               : status;
}

static int boot_to(struct outputs *outputs, struct boot *boot, const struct run_options *options)
{
    struct diag diag;
    outputs->session.any_program_prints = boot->any_program_prints;
    enum status status = open_names(outputs, boot, options, &diag);
    if (status == STATUS_OK) {
        status = open_outputs(outputs, options, &diag);
    }
    int code = diag_finish(status, NULL, &diag);
    if (code == EXIT_CODE_OK) {
        boot->request.trace = outputs->trace;
        code = boot_run(boot, &outputs->session);
    }
    if (outputs->cspaces.differs != 0) {
        fprintf(stderr, "kpkg: %zu slots of live CSpaces differ from the plan\n",
                outputs->cspaces.differs);
        code = larger(EXIT_CODE_REFUSED, code);
    }
    cspaces_end(&outputs->cspaces);
    code = larger(close_outputs(outputs), code);
    // After the outputs are closed: the statement is about the log as it is on the disk.
    return options->report != NULL && code != EXIT_CODE_TROUBLE
               ? larger(code, write_evidence(boot, options->report))
               : code;
}

static int run(const void *given, struct operands operands)
{
    const struct run_options *options = given;
    static struct boot boot;
    struct outputs outputs = {0};
    boot.request.trace = options->trace ? stderr : NULL;
    boot.request.cspaces = options->cspace != NULL ? &outputs.cspaces : NULL;
    int code = boot_prepare(&boot, &options->boot, operands);
    if (code == EXIT_CODE_OK) {
        code = boot_to(&outputs, &boot, options);
    }
    boot_free(&boot);
    return code;
}

static const struct option_spec OPTIONS[] = {
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
     .help = "write events.jsonl, console.log, run.vkey and so on there",
     .offset = offsetof(struct run_options, report)},
    {.name = "cspace",
     .value = "FILE",
     .help = "hosted: write each target's live capabilities, at start and end",
     .offset = offsetof(struct run_options, cspace)},
    {.name = "trace",
     .help = "hosted: a line for each system call, on stderr or in the report",
     .offset = offsetof(struct run_options, trace)},
    BOOT_OPTIONS(struct run_options, boot),
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
        "--cspace shows what the hosted kernel itself holds, slot by slot beside the plan: as\n"
        "JSON Lines kpkg.cspace/v1 in a FILE.jsonl, else as tables; - is stdout.\n"
        "Exit code 1: something was refused, denied or stopped; 3: the log is not whole.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct run_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
