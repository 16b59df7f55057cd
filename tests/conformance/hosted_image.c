// SPDX-License-Identifier: BSD-2-Clause
// Runs a boot image on the hosted kernel, as QEMU does on seL4: serial output to stdout.
// usage: hosted_image CONFIG IMAGE [--deterministic | --memory MIB]
#include "hosted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_LIMIT_US = 60000000, IMAGE_LIMIT = 16 << 20 };

static void print(void *context, const uint8_t *at, size_t len)
{
    (void)context;
    (void)fwrite(at, 1, len, stdout);
}

int main(int count, char **arguments)
{
    static uint8_t image[IMAGE_LIMIT];
    FILE *file = count >= 3 ? fopen(arguments[2], "rb") : NULL;
    if (file == NULL) {
        (void)fprintf(stderr,
                      "usage: hosted_image CONFIG IMAGE [--deterministic | --memory MIB]\n");
        return 2;
    }
    struct bytes bytes = {image, fread(image, 1, sizeof image, file)};
    (void)fclose(file);

    bool sized = count == 5 && strcmp(arguments[3], "--memory") == 0;
    struct hosted_options options = {
        .memory_size = sized ? strtoull(arguments[4], NULL, 10) << 20 : 0,
        .config = arguments[1],
        .deterministic = count == 4 && strcmp(arguments[3], "--deterministic") == 0,
        .time_limit_us = TIME_LIMIT_US,
        .output = print,
    };
    struct hosted_result result;
    struct diag diag = {0};
    enum status status = hosted_run(&result, &options, bytes, &diag);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "%s: %s %llu\n", status_name(status), diag.what,
                      (unsigned long long)diag.where);
        return 2;
    }
    (void)fflush(stdout);
    (void)fprintf(stderr, "end %d, exit %u, %llu traps\n", (int)result.end, result.exit_value,
                  (unsigned long long)result.traps);
    return result.end == HOSTED_EXIT ? 0 : 1;
}
