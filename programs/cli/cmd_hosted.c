// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "file.h"
#include "foreign.h"
#include "hosted_print.h"
#include "options.h"
#include "print.h"
#include "serial_socket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

// `kpkg hosted`: any root task of this board on the hosted kernel, without a pipeline around it.

enum { IMAGE_MAX = 256 << 20, MEMORY_MAX_MIB = 65536, MAX_SECONDS = 1000000 };

struct hosted_command_options {
    const char *config;
    const char *memory;
    const char *time_limit;
    const char *com2;
    bool deterministic;
    bool trace;
};

// Ends the run in order at the first signal; SA_RESETHAND lets the second kill.
static volatile int interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static void print_output(void *context, const uint8_t *at, size_t len)
{
    (void)context;
    fwrite(at, 1, len, stdout);
}

static void print_debug(void *context, char c)
{
    (void)context;
    putchar(c);
}

static void print_trace(void *context, const struct hosted_trace *trace)
{
    (void)context;
    hosted_print_trace(stderr, trace);
}

// What the image wrote before stays before it on a terminal; the thread's name is the image's
// choice.
static void print_unsupported(void *context, const struct hosted_unsupported *what)
{
    (void)context;
    fflush(stdout);
    fprintf(stderr, "kpkg: unsupported: %s; thread %#jx \"", what->what, (uintmax_t)what->thread);
    print_name(stderr, bytes_text(what->thread_name));
    fputs("\"\n", stderr);
}

// A byte of stdin. The output so far is shown before anybody is asked for more.
static int read_input(void *context, bool wait)
{
    (void)context;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    uint8_t byte;
    fflush(stdout);
    if (!wait && poll(&input, 1, 0) == 0) {
        return SERIAL_NONE;
    }
    ssize_t len;
    do {
        len = read(STDIN_FILENO, &byte, 1);
    } while (len < 0 && errno == EINTR && interrupted == 0);
    return len == 1 ? byte : SERIAL_END;
}

static enum status read_number(uint64_t *out, const char *text, uint64_t max, struct diag *diag)
{
    *out = 0;
    return text == NULL ? STATUS_OK : options_number(out, text, max, diag);
}

static enum status prepare(struct hosted_options *out, const struct hosted_command_options *options,
                           struct diag *diag)
{
    uint64_t mib = 0;
    uint64_t seconds = 0;
    enum status status = read_number(&mib, options->memory, MEMORY_MAX_MIB, diag);
    if (status == STATUS_OK) {
        status = read_number(&seconds, options->time_limit, MAX_SECONDS, diag);
    }
    // With virtual time a program would wait for each byte that somebody types.
    bool typed = options->deterministic && isatty(STDIN_FILENO) == 1;
    *out = (struct hosted_options){
        .memory_size = mib << 20,
        .config = options->config,
        .deterministic = options->deterministic,
        .time_limit_us = seconds * 1000000,
        .stop = &interrupted,
        .output = print_output,
        .debug = print_debug,
        .trace = options->trace ? print_trace : NULL,
        .input = typed ? NULL : read_input,
        .unsupported = print_unsupported,
    };
    return status;
}

static int exit_code_of(const struct hosted_result *result)
{
    int code = EXIT_CODE_OK;
    fflush(stdout);
    hosted_print_notes(result->notes);
    if (result->end != HOSTED_EXIT) {
        fprintf(stderr, "kpkg: %s\n", hosted_print_ending(result->end));
        code = EXIT_CODE_INCOMPLETE;
    } else if (result->exit_value != 0) {
        fprintf(stderr, "kpkg: the image ended with %ju\n", (uintmax_t)result->exit_value);
        code = EXIT_CODE_REFUSED;
    }
    return code;
}

static int run_file(const struct hosted_options *options, const char *path)
{
    struct diag diag;
    struct file_content file = {0};
    struct hosted_result result;
    enum status status = file_read(&file, path, IMAGE_MAX, &diag);
    if (status == STATUS_OK) {
        status = foreign_check(file_bytes(&file), &diag);
    }
    if (status == STATUS_OK) {
        struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        status = hosted_run(&result, options, file_bytes(&file), &diag);
    }
    file_free(&file);
    return status == STATUS_OK ? exit_code_of(&result) : diag_finish(status, path, &diag);
}

static int run_connected(struct hosted_options *options, const char *com2, const char *path)
{
    struct serial_socket line;
    struct diag diag;
    enum status status = serial_socket_open(&line, com2, &interrupted, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, com2, &diag);
    }
    const struct serial_end end = serial_socket_end(&line);
    options->com2 = &end;
    int code = run_file(options, path);
    options->com2 = NULL;
    serial_socket_close(&line);
    return code;
}

static int run(const void *given, struct operands operands)
{
    const struct hosted_command_options *words = given;
    struct hosted_options options;
    struct diag diag;
    enum status status = prepare(&options, words, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    return words->com2 != NULL ? run_connected(&options, words->com2, operands.at[0])
                               : run_file(&options, operands.at[0]);
}

static const struct option_spec OPTIONS[] = {
    {.name = "as",
     .value = "CONFIG",
     .help = "the kernel to be like: 2.3.0 (default), 2.3.0-debug, ...",
     .offset = offsetof(struct hosted_command_options, config)},
    {.name = "memory",
     .value = "MIB",
     .help = "memory of the board (default 128)",
     .offset = offsetof(struct hosted_command_options, memory)},
    {.name = "time-limit",
     .value = "S",
     .help = "end the run after S seconds (default 0: never)",
     .offset = offsetof(struct hosted_command_options, time_limit)},
    {.name = "com2",
     .value = "SOCKET",
     .help = "a second serial line, connected to a Unix socket made there",
     .offset = offsetof(struct hosted_command_options, com2)},
    {.name = "deterministic",
     .help = "virtual time: the same image and input give the same run",
     .offset = offsetof(struct hosted_command_options, deterministic)},
    {.name = "trace",
     .help = "a line for each system call, on stderr",
     .offset = offsetof(struct hosted_command_options, trace)},
};

const struct command cmd_hosted = {
    .name = "hosted",
    .operands = "FILE.elf",
    .summary = "Run any seL4 root task of this board on the hosted kernel",
    .details =
        "The file needs no package and no signature: nothing is verified. The serial line is\n"
        "stdin and stdout; what the kernel or the board lacks is named on stderr when it is\n"
        "first used (docs/limits.md). Exit code 0: the image wrote 0 to the debug exit port\n"
        "(0xf4); 1: another value; 3: it ended in another way.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct hosted_command_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
