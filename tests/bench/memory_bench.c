// SPDX-License-Identifier: BSD-2-Clause
// How fast memory can be read: the limit of everything that looks at each byte once. Prints GB/s as
// JSON, the best of some rounds, on one core and on all.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 5, WORKERS_MAX = 64, LANES = 8 };
static const size_t SIZE = (size_t)512 << 20;

static const uint64_t *memory;

struct part {
    size_t first, end; // words
    uint64_t sum;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *read_part(void *context)
{
    struct part *part = context;
    uint64_t sum[LANES] = {0};
    for (size_t i = part->first; i < part->end; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            sum[lane] += memory[i + lane];
        }
    }
    for (size_t lane = 0; lane < LANES; lane++) {
        part->sum += sum[lane];
    }
    return NULL;
}

// Bytes a second that `workers` read together.
static double read_all(size_t workers)
{
    pthread_t thread[WORKERS_MAX];
    struct part part[WORKERS_MAX];
    size_t words = SIZE / sizeof *memory / workers / LANES * LANES;
    double begin = now();
    for (size_t i = 0; i < workers; i++) {
        part[i] = (struct part){i * words, (i + 1) * words, 0};
        if (pthread_create(&thread[i], NULL, read_part, &part[i]) != 0) {
            exit(1);
        }
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < workers; i++) {
        pthread_join(thread[i], NULL);
        sum += part[i].sum;
    }
    double seconds = now() - begin;
    if (sum == 1) {
        puts(""); // the sum is used, so that the reads are not left out
    }
    return (double)(words * workers * sizeof *memory) / seconds;
}

static double best(size_t workers)
{
    double most = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double rate = read_all(workers);
        most = rate > most ? rate : most;
    }
    return most / 1e9;
}

int main(void)
{
    uint64_t *at = malloc(SIZE);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (at == NULL || cores < 1) {
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < SIZE / sizeof *at; i++) {
        at[i] = 2 * i;
    }
    memory = at;
    size_t workers = cores < WORKERS_MAX ? (size_t)cores : WORKERS_MAX;
    printf("{\"one core\": %.2f, \"all cores\": %.2f}\n", best(1), best(workers));
    free(at);
    return EXIT_SUCCESS;
}
