// SPDX-License-Identifier: BSD-2-Clause
// What user code can do to trap, and what the machine says about it.
#include "machine_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

static struct fixture f;

static int setup(void **state)
{
    (void)state;
    fixture_start(&f, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

#define CODE(bytes) fixture_code(&f, bytes, sizeof(bytes) - 1)

static void syscall_transports_registers(void **state)
{
    (void)state;
    CODE("\x0f\x05");
    for (size_t i = REG_RAX; i < REG_FS_BASE; i++) {
        f.regs.word[i] = UINT64_C(0x8877665544332200) + i;
    }
    f.regs.word[REG_RSP] = 0x1234;
    f.regs.word[REG_FS_BASE] = 0x7000;
    f.regs.word[REG_GS_BASE] = 0x8000;
    struct registers before = f.regs;
    before.word[REG_RCX] = FIXTURE_TEXT + 2;
    before.word[REG_R11] = 0x202;

    struct machine_event event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_SYSCALL);
    assert_memory_equal(&f.regs, &before, sizeof before);
    // Again, from where it stopped: nothing is left over from the trap.
    event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_SYSCALL);
    assert_memory_equal(&f.regs, &before, sizeof before);
}

static void expect_exception(uint64_t vector, uint64_t code, uint64_t offset)
{
    struct machine_event event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_EXCEPTION);
    assert_int_equal(event.vector, vector);
    assert_int_equal(event.code, code);
    assert_int_equal(f.regs.word[REG_RIP], FIXTURE_TEXT + offset);
}

static void exceptions_have_their_vectors(void **state)
{
    (void)state;
    CODE("\x31\xd2\x31\xc9\xf7\xf1"); // div ecx
    expect_exception(0, 0, 4);
    CODE("\x0f\x0b"); // ud2
    expect_exception(6, 0, 0);
    CODE("\xf4"); // hlt
    expect_exception(13, 0, 0);
    CODE("\xe4\x80"); // in al, 0x80
    expect_exception(13, 0, 0);
    CODE("\xfa"); // cli
    expect_exception(13, 0, 0);
    CODE("\x48\xb8\x00\x00\x00\x00\x00\x00\x00\x80\x48\x8b\x00"); // non-canonical read
    expect_exception(13, 0, 10);
    CODE("\xcc"); // int3: the next instruction
    expect_exception(3, 0, 1);
    CODE("\xcd\x03"); // int 3
    expect_exception(3, 0, 2);
}

static void floating_point_exceptions(void **state)
{
    (void)state;
    // fninit; control word with division by zero unmasked, in memory below; fld1; fldz; fdivp;
    // fwait
    CODE("\xdb\xe3\xd9\x2c\x25\x20\x00\x40\x00\xd9\xe8\xd9\xee\xde\xf9\x9b\x90\x90\x90\x90"
         "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x7b\x03");
    expect_exception(16, 0, 15);
    // ldmxcsr with everything unmasked; divide 1 by 0
    CODE("\x0f\xae\x14\x25\x20\x00\x40\x00\xb8\x01\x00\x00\x00\xf3\x0f\x2a\xc0\x0f\x57\xc9"
         "\xf3\x0f\x5e\xc1\x90\x90\x90\x90\x90\x90\x90\x90\x00\x00\x00\x00");
    fixture_fpu(&f.fpu);
    expect_exception(19, 0, 20);
}

static void trap_flag_steps(void **state)
{
    (void)state;
    CODE("\x90\x90\x90");
    f.regs.word[REG_RFLAGS] = 0x302;
    expect_exception(1, 0, 1);
}

static void software_interrupts(void **state)
{
    (void)state;
    CODE("\xcd\x9e"); // int 158: the first that reaches the kernel
    struct machine_event event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_SOFTINT);
    assert_int_equal(event.vector, 158);
    assert_int_equal(f.regs.word[REG_RIP], FIXTURE_TEXT);
    CODE("\xcd\xff");
    event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_SOFTINT);
    assert_int_equal(event.vector, 255);
    CODE("\xcd\x9d");
    expect_exception(13, 157 * 8 + 2, 0);
    CODE("\xcd\x04"); // Linux lets user code through this gate, seL4 does not
    expect_exception(13, 4 * 8 + 2, 0);
}

static void linux_gate_is_closed(void **state)
{
    (void)state;
    CODE("\xcd\x80");
    f.regs.word[REG_RAX] = 20; // getpid of 32-bit Linux
    expect_exception(13, 0x80 * 8 + 2, 0);
    assert_int_equal(f.regs.word[REG_RAX], 20);
    // The same with the registers of a `syscall`.
    f.regs.word[REG_RCX] = FIXTURE_TEXT + 2;
    f.regs.word[REG_R11] = 0x202;
    expect_exception(13, 0x80 * 8 + 2, 0);
}

static void vsyscall_page_is_absent(void **state)
{
    (void)state;
    // call through the stack: mov rax, time(); call rax
    CODE("\x31\xff\x48\xc7\xc0\x00\x04\x60\xff\xff\xd0\x90");
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, true);
    f.regs.word[REG_RSP] = FIXTURE_DATA + 0x100;
    struct machine_event event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_PAGE_FAULT);
    assert_int_equal(event.address, UINT64_C(0xffffffffff600400));
    assert_int_equal(event.code, 4);
    assert_int_equal(f.regs.word[REG_RIP], UINT64_C(0xffffffffff600400));
    assert_int_equal(f.regs.word[REG_RSP], FIXTURE_DATA + 0xf8);
}

static void hidden_area_runs_nothing(void **state)
{
    (void)state;
    CODE("\x48\xb8\x00\x00\xfe\xff\xff\x6f\x00\x00\xff\xe0"); // jump to its system call
    f.regs.word[REG_RDX] = 39;
    struct machine_event event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_PAGE_FAULT);
    assert_int_equal(event.address, UINT64_C(0x6ffffffe0000));
    assert_int_equal(event.code, 4);
}

static void other_modes_are_refused(void **state)
{
    (void)state;
    // push 0x23; push text + 16; lretq into 32-bit code: int 0x80
    CODE("\x6a\x23\x68\x10\x00\x40\x00\x48\xcb\x90\x90\x90\x90\x90\x90\x90\xcd\x80\xeb\xfc");
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, true);
    f.regs.word[REG_RSP] = FIXTURE_DATA + 0x100;
    f.regs.word[REG_RAX] = 20;
    struct machine_event event = fixture_run(&f);
    assert_int_equal(event.kind, MACHINE_EXCEPTION);
    assert_int_equal(event.vector, 13);
}

static void fault_leaves_the_fpu_alone(void **state)
{
    (void)state;
    // movq xmm0, rax; ud2; movq rbx, xmm0; syscall
    CODE("\x66\x48\x0f\x6e\xc0\x0f\x0b\x66\x48\x0f\x7e\xc3\x0f\x05");
    f.regs.word[REG_RAX] = UINT64_C(0x1122334455667788);
    expect_exception(6, 0, 5);
    f.regs.word[REG_RIP] += 2;
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    assert_int_equal(f.regs.word[REG_RBX], UINT64_C(0x1122334455667788));
}

static void threads_have_their_own_fpu(void **state)
{
    (void)state;
    // movq xmm0, rax; syscall; movq rbx, xmm0; syscall
    CODE("\x66\x48\x0f\x6e\xc0\x0f\x05\x66\x48\x0f\x7e\xc3\x0f\x05");
    struct registers other = f.regs;
    struct machine_fpu other_fpu;
    fixture_fpu(&other_fpu);
    f.regs.word[REG_RAX] = 111;
    other.word[REG_RAX] = 222;
    (void)fixture_run(&f);
    (void)fixture_run_in(&f, FIXTURE_ROOT, &other, &other_fpu, UINT64_C(1) << 32);
    f.regs.word[REG_RIP] += 2;
    other.word[REG_RIP] += 2;
    (void)fixture_run(&f);
    (void)fixture_run_in(&f, FIXTURE_ROOT, &other, &other_fpu, UINT64_C(1) << 32);
    assert_int_equal(f.regs.word[REG_RBX], 111);
    assert_int_equal(other.word[REG_RBX], 222);
    // A new thread in the memory of an old one starts with what the kernel gave it.
    f.machine->operations->fpu_forget(f.machine, &other_fpu);
    fixture_fpu(&other_fpu);
    other.word[REG_RIP] = FIXTURE_TEXT + 7;
    (void)fixture_run_in(&f, FIXTURE_ROOT, &other, &other_fpu, UINT64_C(1) << 32);
    assert_int_equal(other.word[REG_RBX], 0);
}

// The state of a thread follows it into another address space, also when its own is gone.
static void fpu_follows_its_thread(void **state)
{
    (void)state;
    // movq xmm0, rax; syscall; movq rbx, xmm0; syscall
    CODE("\x66\x48\x0f\x6e\xc0\x0f\x05\x66\x48\x0f\x7e\xc3\x0f\x05");
    fixture_map(&f, FIXTURE_ROOT_2, FIXTURE_TEXT, FIXTURE_CODE, false);
    for (unsigned round = 0; round < 2; round++) {
        f.regs.word[REG_RIP] = FIXTURE_TEXT;
        f.regs.word[REG_RAX] = 111 + round;
        assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
        if (round == 1) {
            f.machine->operations->forget(f.machine, FIXTURE_ROOT);
        }
        f.regs.word[REG_RIP] += 2;
        (void)fixture_run_in(&f, FIXTURE_ROOT_2, &f.regs, &f.fpu, UINT64_C(1) << 32);
        assert_int_equal(f.regs.word[REG_RBX], 111 + round);
    }
}

// Nothing is written late into the memory of a thread that is gone.
static void forgotten_fpu_is_not_written(void **state)
{
    (void)state;
    CODE("\x66\x48\x0f\x6e\xc0\x0f\x05"); // movq xmm0, rax; syscall
    struct registers other = f.regs;
    struct machine_fpu gone, next;
    fixture_fpu(&gone);
    fixture_fpu(&next);
    f.regs.word[REG_RAX] = UINT64_MAX;
    (void)fixture_run_in(&f, FIXTURE_ROOT, &f.regs, &gone, UINT64_C(1) << 32);
    f.machine->operations->fpu_forget(f.machine, &gone);
    memset(&gone, 0x5a, sizeof gone);
    (void)fixture_run_in(&f, FIXTURE_ROOT, &other, &next, UINT64_C(1) << 32);
    for (size_t i = 0; i < sizeof gone.fxsave; i++) {
        assert_int_equal(gone.fxsave[i], 0x5a);
    }
}

// A thread without FPU: integer code runs, and whatever needs the FPU is exception 7 at its place.
static void thread_without_fpu(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        size_t len;
    } uses[] = {
        {"\xd9\xe8", 2},                         // fld1
        {"\x9b", 1},                             // fwait
        {"\x66\x48\x0f\x6e\xc0", 5},             // movq xmm0, rax
        {"\xf3\x0f\x2a\xc0", 4},                 // cvtsi2ss xmm0, eax
        {"\x66\x0f\x38\x00\xc1", 5},             // pshufb
        {"\x0f\xae\x14\x25\x00\x00\x40\x00", 8}, // ldmxcsr
        {"\x0f\xc7\x24\x25\x00\x00\x40\x00", 8}, // xsavec
        {"\xc5\xf8\x77", 3},                     // vzeroupper
    };
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        fixture_code(&f, uses[i].code, uses[i].len);
        struct machine_event event =
            fixture_run_in(&f, FIXTURE_ROOT, &f.regs, NULL, UINT64_C(1) << 32);
        assert_int_equal(event.kind, MACHINE_EXCEPTION);
        assert_int_equal(event.vector, 7);
        assert_int_equal(f.regs.word[REG_RIP], FIXTURE_TEXT);
    }
    // mov ecx, 9; again: dec ecx; jnz again; lfence; rdfsbase rax; popcnt eax, ecx; crc32; syscall
    CODE("\xb9\x09\x00\x00\x00\xff\xc9\x75\xfc\x0f\xae\xe8\xf3\x48\x0f\xae\xc0\xf3\x0f\xb8\xc1"
         "\xf2\x0f\x38\xf0\xc1\x0f\x05");
    struct machine_event event = fixture_run_in(&f, FIXTURE_ROOT, &f.regs, NULL, UINT64_C(1) << 32);
    assert_int_equal(event.kind, MACHINE_SYSCALL);
    assert_int_equal(f.regs.word[REG_RFLAGS] & 0x100, 0);
    CODE("\xeb\xfe");
    event = fixture_run_in(&f, FIXTURE_ROOT, &f.regs, NULL, 1000000);
    assert_int_equal(event.kind, MACHINE_DEADLINE);
    CODE("\x90\x90");
    f.regs.word[REG_RFLAGS] = 0x302; // the user's own steps are told
    event = fixture_run_in(&f, FIXTURE_ROOT, &f.regs, NULL, UINT64_C(1) << 32);
    assert_int_equal(event.kind, MACHINE_EXCEPTION);
    assert_int_equal(event.vector, 1);
}

static void thread_pointer_beyond_user_addresses(void **state)
{
    (void)state;
    // mov rax, kernel address; wrfsbase rax; syscall; rdfsbase rbx; syscall
    CODE("\x48\xb8\x00\x00\x00\x00\x00\x80\xff\xff\xf3\x48\x0f\xae\xd0\x0f\x05"
         "\xf3\x48\x0f\xae\xc3\x0f\x05");
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    f.regs.word[REG_RIP] += 2;
    assert_int_equal(fixture_run(&f).kind, MACHINE_SYSCALL);
    assert_int_equal(f.regs.word[REG_RBX], UINT64_C(0xffff800000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(syscall_transports_registers),
        TEST(exceptions_have_their_vectors),
        TEST(floating_point_exceptions),
        TEST(trap_flag_steps),
        TEST(software_interrupts),
        TEST(linux_gate_is_closed),
        TEST(vsyscall_page_is_absent),
        TEST(hidden_area_runs_nothing),
        TEST(other_modes_are_refused),
        TEST(fault_leaves_the_fpu_alone),
        TEST(thread_without_fpu),
        TEST(threads_have_their_own_fpu),
        TEST(fpu_follows_its_thread),
        TEST(forgotten_fpu_is_not_written),
        TEST(thread_pointer_beyond_user_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
