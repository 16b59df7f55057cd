// SPDX-License-Identifier: BSD-2-Clause
// Address spaces: misses, rights, sharing, flushing.
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

// mov rax, [rdi]; syscall          at 0
// mov [rdi], rsi; syscall          at 16
// jmp rdi                          at 32
static const char access_code[] = "\x48\x8b\x07\x0f\x05\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"
                                  "\x48\x89\x37\x0f\x05\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"
                                  "\xff\xe7";
enum { READ = 0, WRITE = 16, JUMP = 32 };

static struct machine_event do_access(uint64_t root, int what, uint64_t vaddr, uint64_t value)
{
    f.regs = (struct registers){{[REG_RIP] = FIXTURE_TEXT + (uint64_t)what,
                                 [REG_RFLAGS] = 0x202,
                                 [REG_RDI] = vaddr,
                                 [REG_RSI] = value}};
    return fixture_run_in(&f, root, &f.regs, &f.fpu, UINT64_C(1) << 32);
}

static void expect_fault(int what, uint64_t vaddr, uint64_t code)
{
    struct machine_event event = do_access(FIXTURE_ROOT, what, vaddr, 0);
    assert_int_equal(event.kind, MACHINE_PAGE_FAULT);
    assert_int_equal(event.address, vaddr);
    assert_int_equal(event.code, code);
    assert_int_equal(f.regs.word[REG_RIP], what == JUMP ? vaddr : FIXTURE_TEXT + (uint64_t)what);
}

static uint64_t read_word(uint64_t root, uint64_t vaddr)
{
    assert_int_equal(do_access(root, READ, vaddr, 0).kind, MACHINE_SYSCALL);
    return f.regs.word[REG_RAX];
}

static void write_word(uint64_t root, uint64_t vaddr, uint64_t value)
{
    assert_int_equal(do_access(root, WRITE, vaddr, value).kind, MACHINE_SYSCALL);
}

#define ACCESS_CODE() fixture_code(&f, access_code, sizeof access_code - 1)

static void absent_page_faults(void **state)
{
    (void)state;
    ACCESS_CODE();
    expect_fault(READ, FIXTURE_DATA, 4);
    expect_fault(WRITE, FIXTURE_DATA, 6);
    expect_fault(JUMP, FIXTURE_DATA, 4);
    expect_fault(READ, 0, 4);
    expect_fault(READ, UINT64_C(0xffff800000000000), 4);
    expect_fault(WRITE, UINT64_C(0xffff800000000000), 6);
    expect_fault(READ, UINT64_C(0x7ffffffff000), 4);
}

static void rights_are_enforced(void **state)
{
    (void)state;
    ACCESS_CODE();
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, false);
    expect_fault(WRITE, FIXTURE_DATA + 8, 7); // before any translation is loaded
    assert_int_equal(read_word(FIXTURE_ROOT, FIXTURE_DATA), 0);
    expect_fault(WRITE, FIXTURE_DATA, 7); // and after
    f.page[f.page_count - 1].page.readable = false;
    f.machine->operations->flush(f.machine, FIXTURE_ROOT, FIXTURE_DATA, 4096);
    expect_fault(READ, FIXTURE_DATA, 5);
    expect_fault(WRITE, FIXTURE_DATA, 7);
}

static void memory_is_physical(void **state)
{
    (void)state;
    ACCESS_CODE();
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, true);
    write_word(FIXTURE_ROOT, FIXTURE_DATA + 24, 0x1122334455667788);
    uint64_t value;
    memcpy(&value, f.machine->memory + 0x200018, sizeof value);
    assert_int_equal(value, 0x1122334455667788);
    value = 77;
    memcpy(f.machine->memory + 0x200018, &value, sizeof value);
    assert_int_equal(read_word(FIXTURE_ROOT, FIXTURE_DATA + 24), 77);
}

static void spaces_share_what_is_mapped_in_both(void **state)
{
    (void)state;
    ACCESS_CODE();
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, true);
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096, 0x201000, true);
    fixture_map(&f, FIXTURE_ROOT_2, FIXTURE_TEXT, FIXTURE_CODE, false);
    fixture_map(&f, FIXTURE_ROOT_2, 0x10000000, 0x200000, false);
    write_word(FIXTURE_ROOT, FIXTURE_DATA, 4711);
    assert_int_equal(read_word(FIXTURE_ROOT_2, 0x10000000), 4711);
    struct machine_event event = do_access(FIXTURE_ROOT_2, READ, FIXTURE_DATA, 0);
    assert_int_equal(event.kind, MACHINE_PAGE_FAULT);
    assert_int_equal(do_access(FIXTURE_ROOT_2, READ, 0x10001000, 0).kind, MACHINE_PAGE_FAULT);
}

static void flush_takes_effect(void **state)
{
    (void)state;
    ACCESS_CODE();
    for (uint64_t i = 0; i < 24; i++) {
        fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096 * 2 * i, 0x200000 + 4096 * i, true);
        write_word(FIXTURE_ROOT, FIXTURE_DATA + 4096 * 2 * i, i);
    }
    for (uint64_t i = 0; i < 24; i += 2) { // more than are kept apart
        fixture_unmap(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096 * 2 * i);
    }
    for (uint64_t i = 0; i < 24; i++) {
        uint64_t vaddr = FIXTURE_DATA + 4096 * 2 * i;
        if (i % 2 == 0) {
            expect_fault(READ, vaddr, 4);
        } else {
            assert_int_equal(read_word(FIXTURE_ROOT, vaddr), i);
        }
    }
    // Another frame in an old place.
    fixture_unmap(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096 * 2);
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096 * 2, 0x200000 + 4096 * 3, true);
    assert_int_equal(read_word(FIXTURE_ROOT, FIXTURE_DATA + 4096 * 2), 3);
}

static void neighbours_are_loaded_with_their_own_rights(void **state)
{
    (void)state;
    ACCESS_CODE();
    for (uint64_t i = 0; i < 8; i++) {
        fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA + 4096 * i, 0x200000 + 4096 * i, i != 4);
    }
    write_word(FIXTURE_ROOT, FIXTURE_DATA, 1);
    write_word(FIXTURE_ROOT, FIXTURE_DATA + 4096 * 3, 1);
    expect_fault(WRITE, FIXTURE_DATA + 4096 * 4, 7);
    write_word(FIXTURE_ROOT, FIXTURE_DATA + 4096 * 5, 1);
    expect_fault(READ, FIXTURE_DATA + 4096 * 8, 4);
    expect_fault(READ, FIXTURE_DATA - 8, 4);
}

static void large_pages(void **state)
{
    (void)state;
    ACCESS_CODE();
    fixture_map(&f, FIXTURE_ROOT, 0x40000000, 0x200000, true);
    f.page[f.page_count - 1].page.size_bits = 21;
    write_word(FIXTURE_ROOT, 0x40000000 + 0x1ffff8, 5);
    assert_int_equal(f.machine->memory[0x3ffff8], 5);
    // One that reaches beyond the board's memory: the rest of it is not there.
    fixture_map(&f, FIXTURE_ROOT, 0x80000000, 0, true);
    f.page[f.page_count - 1].page.size_bits = 30;
    assert_int_equal(read_word(FIXTURE_ROOT, 0x80000000 + 0x3ffff8), 5);
    expect_fault(READ, 0x80000000 + 0x10000000, 4);
    // One that ends in the hidden area, which does not show memory.
    fixture_map(&f, FIXTURE_ROOT, UINT64_C(0x6fffffe00000), 0x200000, true);
    f.page[f.page_count - 1].page.size_bits = 21;
    write_word(FIXTURE_ROOT, UINT64_C(0x6ffffffdfff8), 6);
    assert_int_equal(f.machine->memory[0x3dfff8], 6);
    assert_int_equal(read_word(FIXTURE_ROOT, UINT64_C(0x6fffffffffff) - 7), 0);
}

static void misaligned_access_faults_on_the_second_page(void **state)
{
    (void)state;
    ACCESS_CODE();
    fixture_map(&f, FIXTURE_ROOT, FIXTURE_DATA, 0x200000, true);
    struct machine_event event = do_access(FIXTURE_ROOT, WRITE, FIXTURE_DATA + 4092, 0);
    assert_int_equal(event.kind, MACHINE_PAGE_FAULT);
    assert_int_equal(event.code, 6);
    assert_int_equal(event.address, FIXTURE_DATA + 4096);
}

static void forgotten_spaces_can_come_back(void **state)
{
    (void)state;
    ACCESS_CODE();
    fixture_map(&f, FIXTURE_ROOT_2, FIXTURE_TEXT, FIXTURE_CODE, false);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(do_access(FIXTURE_ROOT, READ, FIXTURE_TEXT, 0).kind, MACHINE_SYSCALL);
        assert_int_equal(do_access(FIXTURE_ROOT_2, READ, FIXTURE_TEXT, 0).kind, MACHINE_SYSCALL);
        f.machine->operations->forget(f.machine, i % 2 == 0 ? FIXTURE_ROOT : FIXTURE_ROOT_2);
    }
    fixture_unmap(&f, FIXTURE_ROOT_2, FIXTURE_TEXT);
    assert_int_equal(do_access(FIXTURE_ROOT_2, READ, FIXTURE_TEXT, 0).kind, MACHINE_PAGE_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(absent_page_faults),
        TEST(rights_are_enforced),
        TEST(memory_is_physical),
        TEST(spaces_share_what_is_mapped_in_both),
        TEST(flush_takes_effect),
        TEST(neighbours_are_loaded_with_their_own_rights),
        TEST(large_pages),
        TEST(misaligned_access_faults_on_the_second_page),
        TEST(forgotten_spaces_can_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
