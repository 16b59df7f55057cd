// SPDX-License-Identifier: BSD-2-Clause
// User code tries to reach Linux, by every way in that the processor has. Whatever it does, the
// machine sees it, nothing is executed, and what a stub is made of does not change. Then the first
// wall is taken away, and the second has to hold.
#include "machine_fixture.h"
#include "stubs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SIGNAL_SYSTEM_CALL = 31, // SIGSYS
    SIGNAL_KILL = 9,
    SIGNAL_CHILD = 17,
    LEGACY_VECTORS = 3, // x87 and SSE, which every thread has its own of
    LAST_SIGNAL = 64,
    LAST_NUMBER = 520, // of Linux's system calls, with some room
    NOTE_NO_NAMESPACES = 1,
};
#define SCRATCH    UINT64_C(0x600000) // writable and executable, below 4 GiB
#define HIDDEN     UINT64_C(0x6ffffffe0000)
#define HIDDEN_END UINT64_C(0x700000000000)
#define KERNEL     UINT64_C(0xffffffff81000000) // Linux's own code

static struct fixture f;
static pid_t seed;
static pid_t stub;
static int witness[2]; // a pipe whose end a hostile write would find

static int setup(void **state)
{
    (void)state;
    if (pipe(witness) != 0) {
        return -1;
    }
    fixture_start(&f, NULL);
    fixture_map(&f, FIXTURE_ROOT, SCRATCH, 0x200000, true);
    fixture_code(&f, "\x0f\x05", 2);
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    seed = stubs_child(getpid());
    stub = stubs_child(seed);
    assert_true(seed > 0 && stub > 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&f);
    (void)close(witness[0]);
    (void)close(witness[1]);
    return 0;
}

static void is_stripped(pid_t pid)
{
    char value[64];
    stubs_status(pid, "NoNewPrivs", value, sizeof value);
    assert_string_equal(value, "1");
    stubs_status(pid, "Seccomp", value, sizeof value);
    assert_string_equal(value, "2");
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapAmb"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        stubs_status(pid, sets[i], value, sizeof value);
        assert_string_equal(value, "0000000000000000");
    }
    stubs_status(pid, "Threads", value, sizeof value);
    assert_string_equal(value, "1");
    assert_true(stubs_one_file(pid));
    if ((machine_summary(f.machine).notes & NOTE_NO_NAMESPACES) == 0) {
        static const char *const spaces[] = {"user", "pid", "net", "mnt", "ipc", "uts"};
        for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
            assert_true(stubs_other_namespace(pid, spaces[i]));
        }
    }
    if (geteuid() == 0) {
        stubs_status(pid, "Uid", value, sizeof value);
        assert_string_equal(value, "65534\t65534\t65534\t65534");
    }
}

static void stubs_hold_nothing(void **state)
{
    (void)state;
    is_stripped(seed);
    is_stripped(stub);
    // The seed maps the hidden area only, a stub what seL4 mapped besides.
    assert_int_equal(stubs_mapped(seed, HIDDEN, HIDDEN_END), 0);
    assert_int_equal(stubs_mapped(stub, HIDDEN, HIDDEN_END), 4096);
}

struct attempt {
    const char *name;
    const uint8_t *code;
    const uint8_t *end;
    enum machine_event_kind kind; // of the first event
    uint64_t detail;              // its vector, or the address of a page fault
};

#define DECLARE(name) extern const uint8_t attempt_##name[], attempt_##name##_end[]
DECLARE(syscall);
DECLARE(gate);
DECLARE(sysenter);
DECLARE(vsyscall);
DECLARE(vsyscall_getcpu);
DECLARE(x32);
DECLARE(self_modifying);
DECLARE(self_modifying_twice);
DECLARE(hidden_call);
DECLARE(hidden_trap);
DECLARE(sigreturn);
DECLARE(stepped);
DECLARE(compat_gate);
DECLARE(compat_sysenter);
DECLARE(compat_syscall);
DECLARE(segments);
DECLARE(local_segment);
DECLARE(privileged_flags);
DECLARE(hidden_stack);
DECLARE(hidden_write);
DECLARE(kernel_read);
DECLARE(kernel_jump);
DECLARE(kernel_stack);
DECLARE(no_address);
DECLARE(no_stack);
DECLARE(kernel_thread_pointer);
DECLARE(debug_register);
DECLARE(debug_register_read);
DECLARE(control_register);
DECLARE(model_register);
DECLARE(extended_register);
DECLARE(descriptor_table);
DECLARE(interrupt_table);
DECLARE(local_table);
DECLARE(task_register);
DECLARE(halt);
DECLARE(no_interrupts);
DECLARE(swap_gs);
DECLARE(kernel_return);
DECLARE(kernel_exit);
DECLARE(port);
DECLARE(kernel_segment);
DECLARE(kernel_segment_call);
DECLARE(kernel_segment_interrupt_return);
DECLARE(no_stack_segment);
DECLARE(nested_task);
DECLARE(alignment);
DECLARE(all_flags);
DECLARE(stepped_gate);

enum { ANY = 0xffff };

#define ATTEMPT(name, kind, detail)                                                                \
    {                                                                                              \
#name, attempt_##name, attempt_##name##_end, kind, detail                                  \
    }
static const struct attempt attempts[] = {
    ATTEMPT(syscall, MACHINE_SYSCALL, 0),
    ATTEMPT(gate, MACHINE_EXCEPTION, 13),
    ATTEMPT(sysenter, MACHINE_EXCEPTION, ANY), // 6 on AMD, 13 where Linux serves it
    ATTEMPT(vsyscall, MACHINE_PAGE_FAULT, UINT64_C(0xffffffffff600000)),
    ATTEMPT(vsyscall_getcpu, MACHINE_PAGE_FAULT, UINT64_C(0xffffffffff600800)),
    ATTEMPT(x32, MACHINE_SYSCALL, 0),
    ATTEMPT(self_modifying, MACHINE_SYSCALL, 0),
    ATTEMPT(self_modifying_twice, MACHINE_EXCEPTION, 13),
    ATTEMPT(hidden_call, MACHINE_PAGE_FAULT, HIDDEN),
    ATTEMPT(hidden_trap, MACHINE_PAGE_FAULT, HIDDEN + 3),
    ATTEMPT(sigreturn, MACHINE_SYSCALL, 0),
    ATTEMPT(stepped, MACHINE_SYSCALL, 0),
    ATTEMPT(compat_gate, MACHINE_EXCEPTION, 13),
    ATTEMPT(compat_sysenter, MACHINE_EXCEPTION, 13),
    ATTEMPT(compat_syscall, MACHINE_EXCEPTION, 13),
    ATTEMPT(segments, MACHINE_SYSCALL, 0),
    ATTEMPT(local_segment, MACHINE_EXCEPTION, 13),
    ATTEMPT(privileged_flags, MACHINE_EXCEPTION, 13),
    ATTEMPT(hidden_stack, MACHINE_EXCEPTION, 6),
    ATTEMPT(hidden_write, MACHINE_PAGE_FAULT, HIDDEN),
    ATTEMPT(kernel_read, MACHINE_PAGE_FAULT, KERNEL),
    ATTEMPT(kernel_jump, MACHINE_PAGE_FAULT, KERNEL),
    ATTEMPT(kernel_stack, MACHINE_PAGE_FAULT, KERNEL - 8),
    ATTEMPT(no_address, MACHINE_EXCEPTION, 13),
    ATTEMPT(no_stack, MACHINE_EXCEPTION, 12),
    ATTEMPT(kernel_thread_pointer, MACHINE_PAGE_FAULT, KERNEL),
    ATTEMPT(debug_register, MACHINE_EXCEPTION, 13),
    ATTEMPT(debug_register_read, MACHINE_EXCEPTION, 13),
    ATTEMPT(control_register, MACHINE_EXCEPTION, 13),
    ATTEMPT(model_register, MACHINE_EXCEPTION, 13),
    ATTEMPT(extended_register, MACHINE_EXCEPTION, 13),
    ATTEMPT(descriptor_table, MACHINE_EXCEPTION, 13),
    ATTEMPT(interrupt_table, MACHINE_EXCEPTION, 13),
    ATTEMPT(local_table, MACHINE_EXCEPTION, 13),
    ATTEMPT(task_register, MACHINE_EXCEPTION, 13),
    ATTEMPT(halt, MACHINE_EXCEPTION, 13),
    ATTEMPT(no_interrupts, MACHINE_EXCEPTION, 13),
    ATTEMPT(swap_gs, MACHINE_EXCEPTION, 13),
    ATTEMPT(kernel_return, MACHINE_EXCEPTION, 13),
    ATTEMPT(kernel_exit, MACHINE_EXCEPTION, 13),
    ATTEMPT(port, MACHINE_EXCEPTION, 13),
    ATTEMPT(kernel_segment, MACHINE_EXCEPTION, 13),
    ATTEMPT(kernel_segment_call, MACHINE_EXCEPTION, 13),
    ATTEMPT(kernel_segment_interrupt_return, MACHINE_EXCEPTION, 13),
    ATTEMPT(no_stack_segment, MACHINE_EXCEPTION, 13),
    ATTEMPT(nested_task, MACHINE_EXCEPTION, 13),
    ATTEMPT(alignment, MACHINE_EXCEPTION, 17),
    ATTEMPT(all_flags, MACHINE_SYSCALL, 0),
    ATTEMPT(stepped_gate, MACHINE_EXCEPTION, 13),
};

static void load(const struct attempt *a)
{
    memcpy(f.machine->memory + FIXTURE_CODE, a->code, (size_t)(a->end - a->code));
}

// Registers that would make Linux's call `number` do something: write to the pipe, signal the
// monitor, map all of physical memory, ...
static void arm(uint64_t number)
{
    static const char text[] = "hostile";
    memcpy(f.machine->memory + 0x200800, text, sizeof text);
    f.regs = (struct registers){{
        [REG_RIP] = FIXTURE_TEXT,
        [REG_RFLAGS] = 0x202,
        [REG_RAX] = number,
        [REG_RDI] = number == SYS_write ? (uint64_t)witness[1] : (uint64_t)getpid(),
        [REG_RSI] = SCRATCH + 0x800,
        [REG_RDX] = 7,
        [REG_R10] = MAP_SHARED,
        [REG_RBX] = (uint64_t)witness[1], // the 32-bit convention
        [REG_RCX] = SCRATCH + 0x800,
        [REG_RSP] = SCRATCH + 0x800,
        [REG_R14] = SCRATCH,
    }};
}

// Whether the machine saw what it has to see; says so where it did not.
static bool is_seen(const struct attempt *a, struct machine_event event)
{
    uint64_t detail = event.kind == MACHINE_PAGE_FAULT ? event.address : event.vector;
    bool seen = event.kind == a->kind && (a->detail == ANY || detail == a->detail);
    if (!seen) {
        print_error("%s: event %d, detail %#lx\n", a->name, (int)event.kind, (unsigned long)detail);
    }
    return seen;
}

static void each_way_in_is_seen(void **state)
{
    (void)state;
    uint64_t mapped = stubs_mapped(stub, HIDDEN, HIDDEN_END) + 4096; // and the scratch page
    size_t unseen = 0;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        load(&attempts[i]);
        arm(SYS_write);
        unseen += !is_seen(&attempts[i], fixture_run(&f));
    }
    assert_int_equal(unseen, 0);
    assert_int_equal(stubs_mapped(stub, HIDDEN, HIDDEN_END), mapped);
    is_stripped(stub);
}

static void no_number_reaches_linux(void **state)
{
    (void)state;
    static const struct attempt ways[] = {
        ATTEMPT(syscall, MACHINE_SYSCALL, 0),
        ATTEMPT(gate, MACHINE_EXCEPTION, 13),
        ATTEMPT(x32, MACHINE_SYSCALL, 0),
        ATTEMPT(compat_gate, MACHINE_EXCEPTION, 13),
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        load(&ways[i]);
        for (uint64_t number = 0; number <= LAST_NUMBER; number++) {
            arm(number);
            assert_true(is_seen(&ways[i], fixture_run(&f)));
        }
    }
    assert_int_equal(stubs_mapped(stub, HIDDEN, HIDDEN_END), 8192);
    assert_int_equal(stubs_child(stub), 0);
    is_stripped(stub);
    // Nothing came through the pipe.
    (void)close(witness[1]);
    char byte;
    assert_int_equal(read(witness[0], &byte, 1), 0);
    witness[1] = -1;
}

// uretprobe and uprobe: Linux answers them before its filters, with a signal where no probe is.
static bool is_probe(uint64_t number)
{
    return number == 335 || number == 336;
}

// What the filter lets the machine's own instruction do, whatever the arguments.
static bool is_allowed(uint64_t number)
{
    return number == SYS_munmap || is_probe(number);
}

// Without the interception: Linux gets the call, and the filter refuses it.
static void filter_refuses_every_number(void **state)
{
    (void)state;
    for (uint64_t number = 0; number <= LAST_NUMBER; number++) {
        uint64_t argument[6] = {(uint64_t)witness[1], FIXTURE_TEXT, 2, MAP_SHARED | MAP_FIXED, 0};
        if (!is_probe(number)) {
            assert_int_equal(stubs_execute(stub, FIXTURE_TEXT, number, argument),
                             SIGNAL_SYSTEM_CALL);
        }
    }
    // Not from the machine's own instruction either, but for what it needs.
    for (uint64_t number = 0; number <= LAST_NUMBER; number++) {
        uint64_t argument[6] = {(uint64_t)witness[1], FIXTURE_TEXT, 2, 0, 0};
        if (!is_allowed(number)) {
            assert_int_equal(stubs_execute(stub, HIDDEN, number, argument), SIGNAL_SYSTEM_CALL);
        }
    }
    is_stripped(stub);
}

static void filter_allows_physical_memory_only(void **state)
{
    (void)state;
    const uint64_t fixed = MAP_SHARED | MAP_FIXED;
    const uint64_t bad[][6] = {
        {SCRATCH, 4096, 7, MAP_PRIVATE | MAP_FIXED, 0, 0},
        {SCRATCH, 4096, 7, fixed | MAP_ANONYMOUS, 0, 0},
        {SCRATCH, 4096, 7, fixed | MAP_GROWSDOWN, 0, 0},
        {SCRATCH, 4096, 7, fixed, 1, 0},
        {SCRATCH, 4096, 7, fixed, (uint64_t)witness[1], 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(stubs_execute(stub, HIDDEN, SYS_mmap, bad[i]), SIGNAL_SYSTEM_CALL);
    }
}

// What the seed is asked to do is refused to a stub, which has the same filter but not the secret.
static void filter_makes_no_process_without_the_secret(void **state)
{
    (void)state;
    static const uint64_t guess[] = {0, 1, UINT64_MAX, SIGNAL_CHILD};
    for (size_t i = 0; i < sizeof guess / sizeof guess[0]; i++) {
        const uint64_t argument[6] = {SIGNAL_CHILD, 0, 0, 0, 0, guess[i]};
        assert_int_equal(stubs_execute(stub, HIDDEN, SYS_clone, argument), SIGNAL_SYSTEM_CALL);
        assert_int_equal(stubs_execute(stub, HIDDEN, SYS_rseq, argument), SIGNAL_SYSTEM_CALL);
    }
    assert_int_equal(stubs_children(stub), 0);
    assert_int_equal(stubs_children(seed), 1);
}

// The machine's own last computations are not left in them.
static void registers_begin_as_after_reset(void **state)
{
    (void)state;
    assert_int_equal(stubs_vectors(stub) | LEGACY_VECTORS, LEGACY_VECTORS);
}

static void filter_kills_the_32_bit_gate(void **state)
{
    (void)state;
    static const uint64_t none[6];
    load(&(const struct attempt)ATTEMPT(gate, MACHINE_EXCEPTION, 13));
    assert_int_equal(stubs_execute(stub, FIXTURE_TEXT, 1, none), SIGNAL_SYSTEM_CALL);
    assert_true(stubs_gone(stub));
    // The machine notices, and ends the run instead of going on without the address space.
    f.regs.word[REG_RIP] = FIXTURE_TEXT;
    assert_int_equal(fixture_run(&f).kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_HOST);
}

// Signals from other programs of the host are no events of the program's, whichever they are.
static void signals_of_others_are_nothing(void **state)
{
    (void)state;
    const uint64_t marked = UINT64_C(0x1122334455667788);
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        if (signal == SIGNAL_KILL) {
            continue;
        }
        memcpy(f.machine->memory + FIXTURE_CODE, "\x90\x0f\x05", 3); // nop; syscall
        arm(SYS_write);
        f.regs.word[REG_R12] = marked;
        stubs_signal(stub, signal);
        assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
        assert_int_equal(f.regs.word[REG_RIP], FIXTURE_TEXT + 1);
        assert_int_equal(f.regs.word[REG_R12], marked);
    }
    is_stripped(stub);
}

static void killed_stub_ends_the_run(void **state)
{
    (void)state;
    fixture_code(&f, "\xeb\xfe", 2);
    assert_int_equal(fixture_run_in(&f, FIXTURE_ROOT, &f.regs, &f.fpu, 1000000).kind,
                     MACHINE_DEADLINE);
    stubs_kill(stub);
    assert_int_equal(fixture_run(&f).kind, MACHINE_STOP);
    assert_int_equal(machine_summary(f.machine).end, MACHINE_END_HOST);
}

// Runs in a process of its own, to be killed.
static void monitor(int report)
{
    fixture_start(&f, NULL);
    fixture_code(&f, "\x0f\x05\xeb\xfe", 4);
    (void)fixture_run(&f);
    pid_t pids[2] = {stubs_child(getpid()), 0};
    pids[1] = stubs_child(pids[0]);
    f.regs.word[REG_RIP] += 2;
    if (write(report, pids, sizeof pids) == sizeof pids) {
        (void)fixture_run_in(&f, FIXTURE_ROOT, &f.regs, &f.fpu, UINT64_C(1) << 40);
    }
    _exit(1);
}

static void no_stub_survives_its_monitor(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        monitor(ends[1]);
    }
    pid_t pids[2];
    assert_int_equal(read(ends[0], pids, sizeof pids), sizeof pids);
    assert_true(pids[0] > 0 && pids[1] > 0);
    stubs_kill(pid);
    assert_true(stubs_gone(pid));
    assert_true(stubs_gone(pids[0]));
    assert_true(stubs_gone(pids[1]));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(stubs_hold_nothing),
        TEST(each_way_in_is_seen),
        TEST(no_number_reaches_linux),
        TEST(filter_refuses_every_number),
        TEST(filter_allows_physical_memory_only),
        TEST(filter_makes_no_process_without_the_secret),
        TEST(registers_begin_as_after_reset),
        TEST(filter_kills_the_32_bit_gate),
        TEST(signals_of_others_are_nothing),
        TEST(killed_stub_ends_the_run),
        cmocka_unit_test(no_stub_survives_its_monitor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
