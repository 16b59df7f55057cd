// SPDX-License-Identifier: BSD-2-Clause
// What the hosted machine costs: one trap beside the least that ptrace can do, in turns, and the
// making of machines and address spaces. Prints the least of some rounds as JSON, in microseconds:
// what other work on the host disturbs least.
#include "bare.h"
#include "machine_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 21, BATCHES = 20, TRAPS = 100, SPACES = 8 };
#define NO_DEADLINE (UINT64_C(1) << 40) // ticks: a busy host may keep a run waiting for seconds

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double least(const double *value)
{
    double found = value[0];
    for (int i = 1; i < ROUNDS; i++) {
        found = fmin(found, value[i]);
    }
    return found;
}

static struct fixture f;

static double machine_traps(void)
{
    double begin = now_us();
    for (int i = 0; i < TRAPS; i++) {
        struct machine_event event = fixture_run_in(&f, FIXTURE_ROOT, &f.regs, &f.fpu, NO_DEADLINE);
        if (event.kind != MACHINE_SYSCALL) {
            (void)fprintf(stderr, "machine_bench: a trap is event %d\n", (int)event.kind);
            exit(1);
        }
    }
    return (now_us() - begin) / TRAPS;
}

static double bare_traps(pid_t pid)
{
    double begin = now_us();
    for (int i = 0; i < TRAPS; i++) {
        bare_trap(pid);
    }
    return (now_us() - begin) / TRAPS;
}

// The first run in a new address space: its process and its first page.
static double new_spaces(void)
{
    for (uint64_t i = 0; i < SPACES; i++) {
        fixture_map(&f, FIXTURE_ROOT_2 + i, FIXTURE_TEXT, FIXTURE_CODE, false);
    }
    double begin = now_us();
    for (uint64_t i = 0; i < SPACES; i++) {
        (void)fixture_run_in(&f, FIXTURE_ROOT_2 + i, &f.regs, &f.fpu, NO_DEADLINE);
    }
    return (now_us() - begin) / SPACES;
}

int main(void)
{
    double create[ROUNDS];
    double space[ROUNDS];
    double machine[ROUNDS];
    double bare[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        double begin = now_us();
        fixture_start(&f, NULL);
        create[i] = now_us() - begin;
        fixture_code(&f, "\x0f\x05", 2);
        pid_t pid = bare_start(); // on the same processor
        machine[i] = bare[i] = HUGE_VAL;
        for (int batch = 0; batch < BATCHES; batch++) {
            machine[i] = fmin(machine[i], machine_traps());
            bare[i] = fmin(bare[i], bare_traps(pid));
        }
        space[i] = new_spaces();
        bare_stop(pid);
        fixture_stop(&f);
    }
    double trap = least(machine);
    double round_trip = least(bare);
    printf("{\"create\": %.1f, \"space\": %.1f, \"trap\": %.2f, \"bare\": %.2f, \"ratio\": %.2f}\n",
           least(create), least(space), trap, round_trip, trap / round_trip);
    return 0;
}
