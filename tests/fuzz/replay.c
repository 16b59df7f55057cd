// SPDX-License-Identifier: BSD-2-Clause

// Runs a fuzz target over every file of a corpus, for builds without libFuzzer.

#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>

static void replay(const char *path)
{
    static uint8_t buffer[1 << 20];
    FILE *file = fopen(path, "rb");
    FUZZ_CHECK(file != NULL);
    size_t len = fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    // A copy of the exact size lets the sanitizers see a read past the end.
    uint8_t *input = malloc(len);
    FUZZ_CHECK(input != NULL || len == 0);
    for (size_t i = 0; i < len; i++) {
        input[i] = buffer[i];
    }
    (void)LLVMFuzzerTestOneInput(input, len);
    free(input);
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    FUZZ_CHECK(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (entry->d_name[0] != '.') {
            replay(path);
            count++;
        }
    }
    closedir(dir);
    printf("%u inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
