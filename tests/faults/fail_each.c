// SPDX-License-Identifier: BSD-2-Clause

// Runs a boot image on the hosted kernel once for each kernel call that its root task makes, with
// that one call refused, until a run is over before the call comes. Whatever fails, the root task
// must end by itself, say so in its outcome, and take back what it had given:
//
//   - the run ends through the exit port; only where a port is what is refused, before the first
//     word or after the last, nothing runs any more
//   - outcome 0 means that nothing was refused, killed or leaked and the log is complete
//   - a target that could not be started is taken back
//   - memory is missing only when the call that failed is the one that takes it back or asks for it
//
// usage: fail_each IMAGE

#include "hosted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OUTPUT = 1 << 20,
    ILLEGAL_OPERATION = 3,
    MOST_CALLS = 2000,
    TIME_LIMIT_US = 60000000,
};

struct run {
    unsigned call; // the one that fails
    struct hosted_result result;
    size_t len;
    char output[OUTPUT + 1];
};

static void keep_output(void *context, const uint8_t *at, size_t len)
{
    struct run *run = context;
    size_t room = OUTPUT - run->len;
    size_t taken = len < room ? len : room;
    memcpy(run->output + run->len, at, taken);
    run->len += taken;
    run->output[run->len] = '\0';
}

static size_t count(const struct run *run, const char *text)
{
    size_t found = 0;
    for (const char *at = run->output; (at = strstr(at, text)) != NULL; at += strlen(text)) {
        found++;
    }
    return found;
}

static bool holds(const struct run *run, bool right, const char *rule)
{
    if (!right) {
        printf("call %u refused: %s\n%s\n", run->call, rule, run->output);
    }
    return right;
}

static size_t leaks(const struct run *run)
{
    return count(run, "\"leaked\":") - count(run, "\"leaked\":0}");
}

static bool is_right(const struct run *run)
{
    bool complete =
        count(run, "\"type\":\"log.end\"") == 1 && count(run, "\"reason\":\"shutdown\"") == 1;
    if (run->result.end == HOSTED_DEADLOCK) {
        return holds(run, run->len == 0 || complete, "nothing runs any more in the middle");
    }
    bool clean = count(run, "KPKG_E_") == 0 && count(run, "target.killed") == 0 && leaks(run) == 0;
    bool undone = count(run, "package.refused") == 0 || count(run, "memory.reclaimed") != 0;
    return holds(run, run->result.end == HOSTED_EXIT, "the run does not end by itself") &&
           holds(run, run->result.exit_value <= 1, "the outcome is neither 0 nor 1") &&
           holds(run, run->result.exit_value == 1 || (complete && clean), "outcome 0 is wrong") &&
           holds(run, undone, "a target is left half made");
}

static bool run_image(struct run *run, struct bytes image, unsigned call)
{
    struct diag diag = {0};
    struct hosted_options options = {
        .deterministic = true,
        .time_limit_us = TIME_LIMIT_US,
        .fail_invocation = call,
        .fail_error = ILLEGAL_OPERATION,
        .context = run,
        .output = keep_output,
    };
    run->call = call;
    run->len = 0;
    run->output[0] = '\0';
    if (hosted_run(&run->result, &options, image, &diag) != STATUS_OK) {
        printf("%s: %s\n", status_name(diag.status), diag.what);
        return false;
    }
    return true;
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
    if (argc != 2) {
        fputs("usage: fail_each IMAGE\n", stderr);
        return 2;
    }
    struct bytes image = read_image(argv[1]);
    unsigned call = 0, wrong = 0, leaking = 0;
    do {
        call++;
        if (!run_image(&run, image, call)) {
            return 2;
        }
        wrong += !is_right(&run);
        leaking += leaks(&run) != 0;
    } while (run.result.invocations >= call && call < MOST_CALLS);
    // Two calls take a target's memory back, and one of the two targets ends.
    printf("%u kernel calls, each refused once: %u wrong outcomes, %u with memory missing\n",
           call - 1, wrong, leaking);
    return wrong == 0 && leaking <= 2 && call < MOST_CALLS ? 0 : 1;
}
