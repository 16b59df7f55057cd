// SPDX-License-Identifier: BSD-2-Clause

// Runs a boot image on the hosted kernel, first as it is and then once for each kernel call that
// its root task makes, with that one call refused, until a run is over before the call comes. Tells
// what came out of each; faults.py judges.
//
// Only each STEPth call is refused. With a SCRIPT (script.h), which controls the run, calls count
// from its second frame on, but for those that move its bytes or look at the time: how many there
// are of these depends on the machine, so such a run is in real time.
//
// usage: fail_each IMAGE STEP [SCRIPT]
//
// stdout, for each run: a line "run CALL OPERATION END EXIT LEN", OPERATION being the call that is
// refused, then LEN bytes of output and a newline.

#include "hosted.h"
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OUTPUT = 1 << 20,
    ILLEGAL_OPERATION = 3,
    MOST_CALLS = 5000,
    TIME_LIMIT_US = 60000000,
};

struct run {
    uint64_t calls;             // of the root task so far
    uint64_t refused;           // number of the one that fails
    const char *operation;      // what it is
    const struct bytes *frames; // of the script; NULL = none
    struct script script;
    size_t len;
    char output[OUTPUT];
};

static void keep_output(void *context, const uint8_t *at, size_t len)
{
    struct run *run = context;
    size_t room = OUTPUT - run->len;
    size_t taken = len < room ? len : room;
    memcpy(run->output + run->len, at, taken);
    run->len += taken;
}

static bool counts(const struct run *run, const char *operation)
{
    static const char *const others[] = {"X86IOPortIn8", "X86IOPortOut8", "X86IOPortOut32",
                                         "IRQAckIRQ", "SchedContextConsumed"};
    bool other = run->frames != NULL && run->script.sent < 2;
    for (size_t i = 0; i < sizeof others / sizeof *others && run->frames != NULL; i++) {
        other = other || strcmp(operation, others[i]) == 0;
    }
    return !other;
}

static bool fails(void *context, const char *operation)
{
    struct run *run = context;
    if (!counts(run, operation) || ++run->calls != run->refused) {
        return false;
    }
    run->operation = operation;
    return true;
}

static bool run_image(struct run *run, struct bytes image, uint64_t refused)
{
    struct diag diag = {0};
    struct hosted_result result;
    struct serial_end line = script_end(&run->script);
    struct hosted_options options = {
        .deterministic = run->frames == NULL,
        .time_limit_us = TIME_LIMIT_US,
        .fails = fails,
        .fail_error = ILLEGAL_OPERATION,
        .context = run,
        .output = keep_output,
        .com2 = run->frames != NULL ? &line : NULL,
    };
    run->calls = run->len = 0;
    run->refused = refused;
    run->script = (struct script){.frames = run->frames != NULL ? *run->frames : (struct bytes){0}};
    run->operation = "none";
    if (hosted_run(&result, &options, image, &diag) != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", status_name(diag.status), diag.what);
        exit(2);
    }
    static const char *const ends[] = {"exit", "deadlock", "halted", "time-limit", "stopped"};
    printf("run %lu %s %s %u %zu\n", (unsigned long)refused, run->operation, ends[result.end],
           result.exit_value, run->len);
    fwrite(run->output, 1, run->len, stdout);
    putchar('\n');
    return run->calls >= refused;
}

static struct bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(2);
    }
    size_t len = (size_t)ftell(file);
    uint8_t *at = malloc(len);
    rewind(file);
    if (at == NULL || fread(at, 1, len, file) != len) {
        perror(path);
        exit(2);
    }
    fclose(file);
    return (struct bytes){at, len};
}

int main(int argc, char **argv)
{
    static struct run run;
    static struct bytes image, frames; // for as long as the process lives
    unsigned long step = argc == 3 || argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (step == 0) {
        fputs("usage: fail_each IMAGE STEP [SCRIPT]\n", stderr);
        return 2;
    }
    image = read_file(argv[1]);
    if (argc == 4) {
        frames = read_file(argv[3]);
        run.frames = &frames;
    }
    for (uint64_t call = 0; call < MOST_CALLS && run_image(&run, image, call); call += step) {
    }
    return 0;
}
