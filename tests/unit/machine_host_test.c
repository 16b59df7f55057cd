// SPDX-License-Identifier: BSD-2-Clause
// What a machine must not do to the rest of its host: cut somebody's output short, end a process
// that is not its own.
#undef _GNU_SOURCE // by which <signal.h> shows registers under the names of our headers
#define _DEFAULT_SOURCE
#include "machine_fixture.h"
#include "stub.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// How often a process went to sleep by itself; 0 when it is gone.
static unsigned long sleeps_of(pid_t pid)
{
    char path[32], line[128];
    unsigned long sleeps = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0) {
            sleeps = strtoul(line + 24, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return sleeps;
}

// A reader that is slow: it waits until the writer has been woken by the timer and slept again.
static void read_late(int from, pid_t writer)
{
    char room[4096];
    unsigned long first = sleeps_of(writer), now = first;
    while (now != 0 && now < first + 3) {
        (void)poll(NULL, 0, 1);
        now = sleeps_of(writer);
    }
    while (read(from, room, sizeof room) > 0) {
    }
    _exit(0);
}

// Writes until there is no more room.
static void fill(int pipe_end)
{
    static const char part[4096];
    assert_int_equal(fcntl(pipe_end, F_SETFL, O_NONBLOCK), 0);
    while (write(pipe_end, part, sizeof part) > 0) {
    }
    assert_int_equal(fcntl(pipe_end, F_SETFL, 0), 0);
}

static void timer_leaves_output_whole(void **state)
{
    (void)state;
    static struct fixture f;
    struct machine_options options = {.memory_size = FIXTURE_MEMORY, .deterministic = true};
    int ends[2];
    pid_t writer = getpid();
    fixture_start(&f, &options); // its timer is periodic
    assert_int_equal(pipe(ends), 0);
    fill(ends[1]);
    pid_t reader = fork();
    assert_true(reader >= 0);
    if (reader == 0) {
        (void)close(ends[1]);
        read_late(ends[0], writer);
    }
    assert_int_equal(write(ends[1], "x", 1), 1);
    (void)close(ends[1]);
    (void)close(ends[0]);
    assert_int_equal(waitpid(reader, NULL, 0), reader);
    fixture_stop(&f);
}

// A process that answers once, and is nobody's child but the system's.
static void start_stranger(int ask, int answer)
{
    pid_t child = fork();
    if (child == 0) {
        pid_t stranger = fork();
        char c;
        if (stranger == 0) {
            _exit(read(ask, &c, 1) == 1 && write(answer, &c, 1) == 1 ? 0 : 1);
        }
        _exit(write(answer, &stranger, sizeof stranger) == sizeof stranger ? 0 : 1);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

// The id of a stub whose end was reported may be given to any process before the machine ends it.
static void id_of_another_process_is_let_alone(void **state)
{
    (void)state;
    int ask[2], answer[2];
    pid_t stranger = 0;
    char c = 0;
    assert_int_equal(pipe(ask), 0);
    assert_int_equal(pipe(answer), 0);
    start_stranger(ask[0], answer[1]);
    assert_int_equal(read(answer[0], &stranger, sizeof stranger), sizeof stranger);
    assert_true(stranger > 0);
    stub_kill(stranger);
    (void)close(answer[1]);
    assert_int_equal(write(ask[1], "x", 1), 1);
    assert_int_equal(read(answer[0], &c, 1), 1);
    assert_int_equal(c, 'x');
    (void)close(answer[0]);
    (void)close(ask[0]);
    (void)close(ask[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timer_leaves_output_whole),
        cmocka_unit_test(id_of_another_process_is_let_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
