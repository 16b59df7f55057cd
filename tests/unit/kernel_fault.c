// SPDX-License-Identifier: BSD-2-Clause
// Fault messages and what their answers do (fact sheet, section 7).

#include "kernel_world.h"

enum { HANDLER = WORLD_FREE, REPLY, EP, T = 1100 };

static const uint64_t start_rip = WORLD_ENTRY + 0x40;

// T starts with each register set to 0x100 + its index.
static void write_registers(struct world *w)
{
    struct world_message message = {.words = {1, REG_COUNT}, .count = 2 + REG_COUNT};
    for (unsigned i = 0; i < REG_COUNT; i++) {
        message.words[2 + i] = i == REG_RIP ? start_rip : 0x100 + i;
    }
    message.words[2 + REG_RFLAGS] = 0x202;
    for (unsigned i = 4; i < message.count; i++) {
        world_buffer(w)->message[i] = message.words[i];
    }
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = T,
                                      .rsi = sel4_message_info(
                                          w->kernel.abi.label[SEL4_INVOCATION_TCB_WRITE_REGISTERS],
                                          0, 0, message.count),
                                      .mr = {1, REG_COUNT, message.words[2], message.words[3]}});
    assert_true(world_runs(w, T));
}

static void set_handler(struct world *w, uint64_t handler)
{
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_SCHED_PARAMS, WORLD_WORDS(255, 150),
                                  WORLD_CAPS(SEL4_SLOT_TCB, T + 1, handler)),
                     0);
}

static int begin(void **state, const char *config)
{
    struct world *w = world_new(config);
    *state = w;
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_SET_PRIORITY,
                                  WORLD_WORDS(WORLD_ROOT_PRIORITY), WORLD_CAPS(SEL4_SLOT_TCB)),
                     0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_mint(w, HANDLER, EP, 15, 42), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 1), 0);
    world_thread(w, T, 150, false);
    set_handler(w, HANDLER);
    write_registers(w);
    return 0;
}

static int start(void **state)
{
    return begin(state, "2.3.0");
}

static int start_debug(void **state)
{
    return begin(state, "2.3.0-debug");
}

static void take(struct world *w, enum sel4_fault fault, unsigned length)
{
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RDI], 42);
    assert_int_equal(w->registers.word[REG_RSI], sel4_message_info(fault, 0, 0, length));
}

static void answer(struct world *w, uint64_t label, unsigned length, uint64_t mr0)
{
    world_syscall(w, SEL4_SYSCALL_SEND,
                  (struct world_call){.rdi = REPLY,
                                      .rsi = sel4_message_info(label, 0, 0, length),
                                      .mr = {mr0, 0x7777, 0xffffffff, 0}});
}

static void page_faults_restart_whatever_the_label(void **state)
{
    struct world *w = *state;
    for (uint64_t label = 0; label < 2; label++) {
        w->registers.word[REG_RSP] = 0xabc;
        world_trap(w, (struct machine_event){
                          .kind = MACHINE_PAGE_FAULT, .address = 0x123456, .code = 0x17});
        take(w, SEL4_FAULT_VM, SEL4_VM_FAULT_LENGTH);
        assert_int_equal(world_word(w, SEL4_VM_FAULT_IP), start_rip);
        assert_int_equal(world_word(w, SEL4_VM_FAULT_ADDRESS), 0x123456);
        assert_int_equal(world_word(w, SEL4_VM_FAULT_PREFETCH), 1);
        assert_int_equal(world_word(w, SEL4_VM_FAULT_FSR), 0x17);
        answer(w, label, 3, 0x999);
        assert_true(world_runs(w, T));
        assert_int_equal(w->registers.word[REG_RIP], start_rip);
        assert_int_equal(w->registers.word[REG_RSP], 0xabc);
    }
}

static void unknown_system_calls_show_stale_registers(void **state)
{
    struct world *w = *state;
    uint64_t *r = w->registers.word;
    for (unsigned i = 0; i < REG_FS_BASE; i++) {
        r[i] = i == REG_RIP || i == REG_RFLAGS ? r[i] : 0x500 + i;
    }
    r[REG_RDX] = (uint64_t)-99;
    world_trap(w, (struct machine_event){.kind = MACHINE_SYSCALL});
    take(w, SEL4_FAULT_UNKNOWN_SYSCALL, SEL4_UNKNOWN_SYSCALL_LENGTH);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_RAX), 0x500 + REG_RAX);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_R15), 0x500 + REG_R15);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_RCX), 0x100 + REG_RCX);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_R11), 0x100 + REG_R11);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_RSP), 0x100 + REG_RSP);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_IP), start_rip);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_RFLAGS), 0x202);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_NUMBER), (uint64_t)-99);
    world_buffer(w)->message[SEL4_UNKNOWN_SYSCALL_IP] = start_rip + 2;
    world_buffer(w)->message[SEL4_UNKNOWN_SYSCALL_RSP] = 0x4444;
    world_buffer(w)->message[SEL4_UNKNOWN_SYSCALL_RFLAGS] = ~UINT64_C(0);
    answer(w, 0, SEL4_UNKNOWN_SYSCALL_NUMBER, 0x1111);
    assert_true(world_runs(w, T));
    assert_int_equal(r[REG_RIP], start_rip + 2);
    assert_int_equal(r[REG_RAX], 0x1111);
    assert_int_equal(r[REG_RBX], 0x7777);
    assert_int_equal(r[REG_RSP], 0x4444);
    assert_int_equal(r[REG_RFLAGS], 0xed7 | 0x202);
}

static void an_empty_answer_repeats_the_call(void **state)
{
    struct world *w = *state;
    world_syscall(w, -12, (struct world_call){.rdi = 'x'});
    take(w, SEL4_FAULT_UNKNOWN_SYSCALL, SEL4_UNKNOWN_SYSCALL_LENGTH);
    answer(w, 0, 0, 0);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], start_rip);
    assert_int_equal(w->registers.word[REG_RDI], 'x');
    world_syscall(w, UINT32_MAX, (struct world_call){.rdi = EP});
    take(w, SEL4_FAULT_UNKNOWN_SYSCALL, SEL4_UNKNOWN_SYSCALL_LENGTH);
    answer(w, 1, 0, 0);
    assert_true(world_runs_root(w));
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], start_rip);
}

static void exceptions_take_three_registers(void **state)
{
    struct world *w = *state;
    world_trap(w, (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = 13, .code = 0x42});
    take(w, SEL4_FAULT_USER_EXCEPTION, SEL4_USER_EXCEPTION_LENGTH);
    assert_int_equal(world_word(w, SEL4_USER_EXCEPTION_IP), start_rip);
    assert_int_equal(world_word(w, SEL4_USER_EXCEPTION_RSP), 0x100 + REG_RSP);
    assert_int_equal(world_word(w, SEL4_USER_EXCEPTION_VECTOR), 13);
    assert_int_equal(world_word(w, SEL4_USER_EXCEPTION_CODE), 0x42);
    answer(w, 0, 3, 0x900000000000);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], 0);
    assert_int_equal(w->registers.word[REG_RSP], 0x7777);
    assert_int_equal(w->registers.word[REG_RFLAGS], 0xed7 | 0x202);
    world_trap(w, (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = 3});
    take(w, SEL4_FAULT_USER_EXCEPTION, SEL4_USER_EXCEPTION_LENGTH);
    answer(w, 1, 0, 0);
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
}

static void breakpoints_are_debug_exceptions_with_the_option(void **state)
{
    struct world *w = *state;
    world_trap(w, (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = 3});
    take(w, SEL4_FAULT_DEBUG_EXCEPTION, 2);
    assert_int_equal(world_word(w, SEL4_DEBUG_EXCEPTION_REASON), 3);
    answer(w, 0, 0, 0);
    assert_true(world_runs(w, T));
    world_trap(w, (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = 1});
    take(w, SEL4_FAULT_DEBUG_EXCEPTION, 2);
    assert_int_equal(world_word(w, SEL4_DEBUG_EXCEPTION_REASON), 2);
}

static void software_interrupts_have_numbers(void **state)
{
    struct world *w = *state;
    w->registers.word[REG_RAX] = 0x12345678;
    w->registers.word[REG_RSP] = 0xabc;
    world_trap(w, (struct machine_event){.kind = MACHINE_SOFTINT, .vector = 254});
    take(w, SEL4_FAULT_UNKNOWN_SYSCALL, SEL4_UNKNOWN_SYSCALL_LENGTH);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_NUMBER), 0xfffffffffe345678);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_IP), start_rip);
    assert_int_equal(world_word(w, SEL4_UNKNOWN_SYSCALL_RSP), 0xabc);
    answer(w, 0, 0, 0);
    assert_true(world_runs(w, T));
    world_trap(w, (struct machine_event){.kind = MACHINE_SOFTINT, .vector = 255});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], start_rip + 2);
    world_trap(w, (struct machine_event){.kind = MACHINE_SOFTINT, .vector = 157});
    take(w, SEL4_FAULT_USER_EXCEPTION, SEL4_USER_EXCEPTION_LENGTH);
    assert_int_equal(world_word(w, SEL4_USER_EXCEPTION_VECTOR), 13);
    assert_int_equal(world_word(w, SEL4_USER_EXCEPTION_CODE), 157 * 8 + 2);
}

static void without_a_handler_the_thread_stops(void **state)
{
    struct world *w = *state;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = UINT64_MAX});
    take(w, SEL4_FAULT_CAP, 7);
    answer(w, 1, 0, 0);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], start_rip);
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    assert_true(world_runs_root(w));
    // The endpoint goes while the fault waits there.
    assert_int_equal(world_delete(w, HANDLER), 0);
    assert_int_equal(world_revoke(w, EP), 0);
    assert_int_equal(world_delete(w, EP), 0);
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    assert_true(world_runs_root(w));
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
    // A new handler hears of it when the thread is resumed and faults again.
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_mint(w, HANDLER, EP, 15, 42), 0);
    set_handler(w, HANDLER);
    world_resume(w, T);
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    take(w, SEL4_FAULT_VM, 4);
    // A handler that waits without reply object can never answer.
    answer(w, 0, 0, 0);
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = EP});
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
}

static void lost_spaces_are_faults(void **state)
{
    struct world *w = *state;
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    take(w, SEL4_FAULT_VM, 4);
    // T gets a CSpace and a VSpace of its own, whose originals are revoked.
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, 1200, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PML4, 0, 1201, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, WORLD_CAPS(1201)), 0);
    assert_int_equal(
        WORLD_INVOKE(w, T, TCB_SET_SPACE, WORLD_WORDS(0, 0), WORLD_CAPS(HANDLER, 1200, 1201)), 0);
    assert_int_equal(world_delete(w, 1201), 0);
    assert_int_equal(w->forgets, 0);
    assert_int_equal(world_revoke(w, 1200), 0);
    answer(w, 0, 0, 0);
    assert_true(world_runs(w, T));
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = 5});
    take(w, SEL4_FAULT_CAP, 4);
    assert_int_equal(world_word(w, SEL4_CAP_FAULT_LOOKUP_TYPE), SEL4_LOOKUP_INVALID_ROOT);
    assert_int_equal(world_revoke(w, w->untyped), 0);
}

static void a_revoked_address_space_faults_at_the_next_instruction(void **state)
{
    struct world *w = *state;
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    take(w, SEL4_FAULT_VM, 4);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PML4, 0, 1201, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, WORLD_CAPS(1201)), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_SPACE, WORLD_WORDS(0, 0),
                                  WORLD_CAPS(HANDLER, SEL4_SLOT_CNODE, 1201)),
                     0);
    assert_int_equal(world_revoke(w, 1201), 0);
    answer(w, 0, 0, 0);
    take(w, SEL4_FAULT_VM, 4);
    assert_int_equal(world_word(w, SEL4_VM_FAULT_IP), start_rip);
    assert_int_equal(world_word(w, SEL4_VM_FAULT_ADDRESS), start_rip);
    assert_int_equal(world_word(w, SEL4_VM_FAULT_FSR), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_faults_restart_whatever_the_label),
        TEST(unknown_system_calls_show_stale_registers),
        TEST(an_empty_answer_repeats_the_call),
        TEST(exceptions_take_three_registers),
        cmocka_unit_test_setup_teardown(breakpoints_are_debug_exceptions_with_the_option,
                                        start_debug, world_end),
        TEST(software_interrupts_have_numbers),
        TEST(without_a_handler_the_thread_stops),
        TEST(lost_spaces_are_faults),
        TEST(a_revoked_address_space_faults_at_the_next_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
