// SPDX-License-Identifier: BSD-2-Clause
// A program wants all of the host: more address spaces than there may be processes, pages that come
// and go while it runs. The monitor takes no more than it needs, and nothing is left of it.
#include "machine_fixture.h"
#include "stubs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SPACES = 300, FEW = 12, ROUNDS = 3, CHANGES = 500, TICKS_MAX = 2000000 };

static struct fixture f;

static size_t open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    size_t count = 0;
    while (readdir(folder) != NULL) {
        count++;
    }
    (void)closedir(folder);
    return count;
}

static uint64_t root_of(size_t number)
{
    return FIXTURE_ROOT_2 + number * 4096;
}

// Writes the number of the space into memory that all of them share, by code that all of them
// share.
static void run_in(size_t number)
{
    f.regs = (struct registers){{[REG_RIP] = FIXTURE_TEXT,
                                 [REG_RFLAGS] = 0x202,
                                 [REG_RBX] = FIXTURE_DATA,
                                 [REG_RAX] = number}};
    assert_int_equal(fixture_run_in(&f, root_of(number), &f.regs, &f.fpu, UINT64_C(1) << 40).kind,
                     MACHINE_SYSCALL);
    uint64_t seen;
    memcpy(&seen, f.machine->memory + 0x200000, sizeof seen);
    assert_int_equal(seen, number);
}

// The pages of one space at a time: the fixture's list is short.
static void enter(size_t number)
{
    f.page_count = 0;
    fixture_map(&f, root_of(number), FIXTURE_TEXT, FIXTURE_CODE, false);
    fixture_map(&f, root_of(number), FIXTURE_DATA, 0x200000, true);
    run_in(number);
}

static void start(void)
{
    fixture_start(&f, NULL);
    fixture_code(&f, "\x48\x89\x03\x0f\x05", 5); // mov %rax, (%rbx); syscall
}

static void many_spaces_are_many_processes_and_no_files(void **state)
{
    (void)state;
    start();
    enter(0);
    size_t files = open_files();
    pid_t seed = stubs_child(getpid());
    for (size_t i = 1; i < SPACES; i++) {
        enter(i);
    }
    assert_int_equal(stubs_children(seed), SPACES);
    assert_int_equal(open_files(), files);
    fixture_stop(&f);
    assert_int_equal(stubs_children(getpid()), 0);
    assert_int_equal(stubs_children(seed), 0);
}

// Linux counts the processes of a user; to root it says no only for the user that stubs are.
static void a_host_that_gives_few_processes(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NPROC, &before), 0);
    struct rlimit few = {FEW, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NPROC, &few), 0);
    start();
    enter(0);
    pid_t seed = stubs_child(getpid());
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < 4 * (size_t)FEW; i++) {
            enter(i);
        }
    }
    assert_true(stubs_children(seed) < FEW);
    fixture_stop(&f);
    assert_int_equal(setrlimit(RLIMIT_NPROC, &before), 0);
}

// A page is taken away while the program that writes to it is somewhere in its loop: what it wrote
// before stays, and it writes nothing after.
static void pages_that_go_while_it_runs(void **state)
{
    (void)state;
    fixture_start(&f, NULL);
    fixture_code(&f, "\x48\xff\x03\xeb\xfb", 5); // 1: incq (%rbx); jmp 1b
    uint64_t *counter = (uint64_t *)(void *)(f.machine->memory + 0x200000);
    size_t writes = 0;
    srand(1);
    f.regs.word[REG_RBX] = FIXTURE_DATA;
    for (size_t i = 0; i < CHANGES; i++) {
        uint64_t before = *counter;
        uint64_t ticks = 1 + (uint64_t)rand() % TICKS_MAX;
        fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, true);
        assert_int_equal(fixture_run_in(&f, FIXTURE_ROOT, &f.regs, &f.fpu, ticks).kind,
                         MACHINE_DEADLINE);
        writes += *counter != before;
        fixture_unmap(&f, FIXTURE_ROOT, FIXTURE_DATA);
        before = *counter;
        struct machine_event event = fixture_run(&f);
        assert_int_equal(event.kind, MACHINE_PAGE_FAULT);
        assert_int_equal(event.address, FIXTURE_DATA);
        assert_int_equal(f.regs.word[REG_RIP], FIXTURE_TEXT);
        assert_int_equal(*counter, before);
    }
    assert_true(writes > 0);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_spaces_are_many_processes_and_no_files),
        cmocka_unit_test(a_host_that_gives_few_processes),
        cmocka_unit_test(pages_that_go_while_it_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
