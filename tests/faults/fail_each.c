// SPDX-License-Identifier: BSD-2-Clause

// Runs a boot image on the hosted kernel, first as it is and then once for each kernel call that
// its root task makes, with that one call refused, until a run is over before the call comes. Tells
// what came out of each; faults.py judges.
//
// With a STEP, only each STEPth call is refused.
//
// usage: fail_each IMAGE STEP
//
// stdout, for each run: a line "run CALL OPERATION END EXIT LEN", OPERATION being the call that is
// refused, then LEN bytes of output and a newline.

#include "hosted.h"

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
    uint64_t root;         // its root task's thread
    uint64_t calls;        // of the root task so far
    uint64_t refused;      // number of the one that fails
    const char *operation; // what it is
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

// The first thread that calls the kernel is the root task.
static void keep_operation(void *context, const struct hosted_trace *trace)
{
    struct run *run = context;
    run->root = run->root == 0 ? trace->thread : run->root;
    if (trace->operation[0] != '\0' && trace->thread == run->root && ++run->calls == run->refused) {
        run->operation = trace->operation;
    }
}

static bool run_image(struct run *run, struct bytes image, uint64_t refused)
{
    struct diag diag = {0};
    struct hosted_result result;
    struct hosted_options options = {
        .deterministic = true,
        .time_limit_us = TIME_LIMIT_US,
        .fail_invocation = refused,
        .fail_error = ILLEGAL_OPERATION,
        .context = run,
        .output = keep_output,
        .trace = keep_operation,
    };
    run->root = run->calls = run->len = 0;
    run->refused = refused;
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
    return result.invocations >= refused;
}

static struct bytes read_image(const char *path)
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
    unsigned long step = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (step == 0) {
        fputs("usage: fail_each IMAGE STEP\n", stderr);
        return 2;
    }
    struct bytes image = read_image(argv[1]);
    for (uint64_t call = 0; call < MOST_CALLS && run_image(&run, image, call); call += step) {
    }
    return 0;
}
