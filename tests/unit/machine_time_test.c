// SPDX-License-Identifier: BSD-2-Clause
// Time, preemption, devices, and what a machine leaves behind.
#include "board.h"
#include "machine_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct fixture f;
static char output[512];
static size_t output_len;
static volatile int stop;

static void on_output(void *context, const uint8_t *at, size_t len)
{
    (void)context;
    assert_true(len <= sizeof output - output_len);
    memcpy(output + output_len, at, len);
    output_len += len;
}

static void on_inspect(void *context, uint64_t cptr, uint64_t first, struct board_inspect *answer)
{
    (void)context;
    if (cptr == 2) {
        answer->cap[0] = (struct board_cap){.slot = (uint32_t)first, .kind = 10, .badge = 99};
        answer->count = 1;
        answer->next = first + 1;
    }
}

static struct machine_options options_for(bool deterministic)
{
    return (struct machine_options){.memory_size = FIXTURE_MEMORY,
                                    .deterministic = deterministic,
                                    .stop = &stop,
                                    .output = on_output,
                                    .inspect = on_inspect};
}

static int setup_real(void **state)
{
    (void)state;
    struct machine_options options = options_for(false);
    stop = 0;
    output_len = 0;
    fixture_start(&f, &options);
    return 0;
}

static int setup_virtual(void **state)
{
    (void)state;
    struct machine_options options = options_for(true);
    stop = 0;
    fixture_start(&f, &options);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

#define CODE(bytes) fixture_code(&f, bytes, sizeof(bytes) - 1)
#define LOOP()      CODE("\x48\xff\xc3\xeb\xfb") // inc rbx; jmp

static uint64_t now(void)
{
    return f.machine->operations->now(f.machine);
}

static uint64_t wall_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static struct machine_event run_for_us(uint64_t us)
{
    return fixture_run_in(&f, FIXTURE_ROOT, &f.regs, &f.fpu, us * f.machine->ticks_per_us);
}

static void endless_loop_is_preempted(void **state)
{
    (void)state;
    LOOP();
    for (int i = 0; i < 20; i++) {
        uint64_t start = now();
        assert_int_equal(run_for_us(1000).kind, MACHINE_DEADLINE);
        assert_true(now() - start >= UINT64_C(1000) * f.machine->ticks_per_us);
    }
    // A busy host may let a deadline pass before any instruction, but not all of them.
    assert_true(f.regs.word[REG_RBX] > 0);
    // A deadline in the past does not run at all.
    uint64_t before = f.regs.word[REG_RBX];
    assert_int_equal(run_for_us(0).kind, MACHINE_DEADLINE);
    assert_int_equal(f.regs.word[REG_RBX], before);
}

static void short_deadline_after_a_long_one(void **state)
{
    (void)state;
    CODE("\x0f\x05\xeb\xfe"); // syscall; endless loop
    assert_int_equal(run_for_us(10000000).kind, MACHINE_SYSCALL);
    f.regs.word[REG_RIP] += 2;
    uint64_t start = wall_us();
    assert_int_equal(run_for_us(500).kind, MACHINE_DEADLINE);
    assert_true(wall_us() - start < 90000);
}

// The timer fires while the machine makes calls of its own in the stub.
static void deadline_among_misses(void **state)
{
    (void)state;
    // mov rdi, data; mov ecx, 32; again: mov al, [rdi]; add rdi, 4096; dec ecx; jnz again; jmp .
    CODE("\x48\xc7\xc7\x00\x00\x50\x00\xb9\x20\x00\x00\x00\x8a\x07\x48\x81\xc7\x00\x10\x00\x00"
         "\xff\xc9\x75\xf3\xeb\xfe");
    for (uint64_t i = 0; i < 32; i++) { // no two pages are neighbours in memory
        fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096 * i, 0x200000 + 8192 * i, true);
    }
    for (uint64_t i = 0; i < 100; i++) {
        f.machine->operations->flush(f.machine, FIXTURE_ROOT, FIXTURE_DATA, UINT64_C(32) * 4096);
        f.regs.word[REG_RIP] = FIXTURE_TEXT;
        uint64_t start = wall_us();
        assert_int_equal(run_for_us(20 + 7 * i).kind, MACHINE_DEADLINE);
        assert_true(wall_us() - start < 5000000);
    }
}

// The timer fires while the machine reads an exception from the stub: either the exception or the
// deadline is told, never that the stub is gone.
static void deadline_among_exceptions(void **state)
{
    (void)state;
    CODE("\x0f\x0b"); // ud2
    for (uint64_t i = 0; i < 3000; i++) {
        f.regs.word[REG_RIP] = FIXTURE_TEXT;
        struct machine_event event = run_for_us(1 + i % 60);
        assert_true(event.kind == MACHINE_EXCEPTION || event.kind == MACHINE_DEADLINE);
    }
}

static void ticks_are_what_the_program_reads(void **state)
{
    (void)state;
    CODE("\x0f\x31\x0f\x05"); // rdtsc; syscall
    uint64_t before = now();
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    uint64_t read = f.regs.word[REG_RAX] | f.regs.word[REG_RDX] << 32;
    assert_true(before <= read && read <= now());
}

static void idle_waits_without_work(void **state)
{
    (void)state;
    clock_t cpu = clock();
    uint64_t deadline = now() + UINT64_C(50000) * f.machine->ticks_per_us;
    struct machine_event event = f.machine->operations->idle(f.machine, deadline);
    assert_int_equal(event.kind, MACHINE_DEADLINE);
    assert_true(now() >= deadline);
    assert_true(clock() - cpu < CLOCKS_PER_SEC / 50);
    // With nothing to wait for the run is over.
    event = f.machine->operations->idle(f.machine, UINT64_MAX);
    assert_int_equal(event.kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_IDLE);
}

static void user_can_stop_a_loop(void **state)
{
    (void)state;
    LOOP();
    stop = 1;
    assert_int_equal(run_for_us(10000000).kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_STOPPED);
}

static void time_limit_ends_a_loop(void **state)
{
    (void)state;
    fixture_stop(&f);
    struct machine_options options = options_for(false);
    options.time_limit_us = 20000;
    fixture_start(&f, &options);
    LOOP();
    struct machine_event event;
    do {
        event = run_for_us(10000000);
    } while (event.kind == MACHINE_DEADLINE);
    assert_int_equal(event.kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_TIME);
}

static void virtual_time_depends_on_traps_only(void **state)
{
    (void)state;
    CODE("\x0f\x31\x0f\x05\xeb\xfe"); // rdtsc; syscall; endless loop
    assert_int_equal(now(), 0);
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    assert_int_equal(f.regs.word[REG_RAX], 0);
    assert_int_equal(now(), 2000); // the read and the call: a microsecond each
    f.regs.word[REG_RIP] += 2;
    assert_int_equal(run_for_us(1000).kind, MACHINE_DEADLINE);
    assert_int_equal(now(), 2000 + 1000 * 1000 + 1000);
    uint64_t start = wall_us();
    assert_int_equal(f.machine->operations->idle(f.machine, 1000000000000).kind, MACHINE_DEADLINE);
    assert_int_equal(now(), 1000000000000);
    assert_true(wall_us() - start < 1000000);
}

static void waiting_for_the_counter_ends(void **state)
{
    (void)state;
    // mov ebx, 50000; again: rdtscp; cmp eax, ebx; jb again; syscall
    CODE("\xbb\x50\xc3\x00\x00\x0f\x01\xf9\x39\xd8\x72\xf9\x0f\x05");
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    assert_int_equal(f.regs.word[REG_RAX], 50000);
}

static void out8(uint16_t port, uint8_t value)
{
    f.machine->operations->port_out(f.machine, port, 1, value);
}

static void serial_line(void **state)
{
    (void)state;
    assert_int_equal(f.machine->operations->port_in(f.machine, 0x3fd, 1) & 0x20, 0x20);
    out8(0x3fb, 0x80); // divisor latch: not output
    out8(0x3f8, 'X');
    assert_int_equal(f.machine->operations->port_in(f.machine, 0x3f8, 1), 'X');
    out8(0x3fb, 0x03);
    out8(0x3f8, 'o');
    out8(0x3f8, 'k');
    assert_int_equal(output_len, 2);
    assert_memory_equal(output, "ok", 2);
    assert_int_equal(f.machine->operations->port_in(f.machine, 0x60, 1), 0xff);
    assert_int_equal(f.machine->operations->port_in(f.machine, 0x60, 4), 0xffffffff);
}

static void console_ring(void **state)
{
    (void)state;
    struct board_ring *ring = (struct board_ring *)(f.machine->memory + f.machine->device_base);
    assert_int_equal(ring->magic, BOARD_MAGIC);
    ring->head = ring->tail = BOARD_RING_DATA - 3; // around the end
    memcpy(ring->data + BOARD_RING_DATA - 3, "hel", 3);
    memcpy(ring->data, "lo", 2);
    ring->head += 5;
    f.machine->operations->port_out(f.machine, BOARD_RING_BELL, 4, 0);
    assert_int_equal(output_len, 5);
    assert_memory_equal(output, "hello", 5);
    assert_int_equal(ring->tail, ring->head);
    // Nonsense costs its own bytes only.
    ring->head = UINT64_MAX;
    f.machine->operations->port_out(f.machine, BOARD_RING_BELL, 4, 0);
    ring->head = 0; // one byte, over the end of the counter
    f.machine->operations->port_out(f.machine, BOARD_RING_BELL, 4, 0);
    ring->tail = 5;
    ring->head = 4;
    f.machine->operations->port_out(f.machine, BOARD_RING_BELL, 4, 0);
    assert_int_equal(output_len, 6);
    assert_int_equal(ring->tail, 4);
}

static void inspection(void **state)
{
    (void)state;
    struct board_inspect *request =
        (struct board_inspect *)(f.machine->memory + f.machine->device_base + BOARD_INSPECT_OFFSET);
    request->cptr = 2;
    request->first = 7;
    f.machine->operations->port_out(f.machine, BOARD_INSPECT_BELL, 4, 1);
    assert_int_equal(request->count, 1);
    assert_int_equal(request->next, 8);
    assert_int_equal(request->cap[0].slot, 7);
    assert_int_equal(request->cap[0].badge, 99);
    request->cptr = 3;
    f.machine->operations->port_out(f.machine, BOARD_INSPECT_BELL, 4, 1);
    assert_true(request->count == UINT64_MAX);
}

static void exit_port_ends_the_run(void **state)
{
    (void)state;
    LOOP();
    out8(0xf4, 42);
    assert_int_equal(run_for_us(1000).kind, MACHINE_STOP);
    assert_int_equal(f.machine->operations->idle(f.machine, UINT64_MAX).kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_EXIT);
    assert_int_equal(machine_summary(f.machine).exit_value, 42);
}

static size_t count_entries(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t count = 0;
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    size_t files = count_entries("/proc/self/fd");
    for (int i = 0; i < 3; i++) {
        fixture_start(&f, NULL);
        CODE("\x0f\x05");
        assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
        fixture_stop(&f);
    }
    assert_int_equal(count_entries("/proc/self/fd"), files);
    char children[64];
    (void)snprintf(children, sizeof children, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(children, "r");
    if (file != NULL) { // not in every kernel
        assert_int_equal(fgetc(file), EOF);
        (void)fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define REAL(name)    cmocka_unit_test_setup_teardown(name, setup_real, teardown)
#define VIRTUAL(name) cmocka_unit_test_setup_teardown(name, setup_virtual, teardown)
        REAL(endless_loop_is_preempted),
        REAL(short_deadline_after_a_long_one),
        REAL(deadline_among_misses),
        REAL(deadline_among_exceptions),
        REAL(ticks_are_what_the_program_reads),
        REAL(idle_waits_without_work),
        REAL(user_can_stop_a_loop),
        REAL(time_limit_ends_a_loop),
        VIRTUAL(virtual_time_depends_on_traps_only),
        VIRTUAL(waiting_for_the_counter_ends),
        REAL(serial_line),
        REAL(console_ring),
        REAL(inspection),
        REAL(exit_port_ends_the_run),
        cmocka_unit_test(nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
