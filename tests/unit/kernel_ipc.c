// SPDX-License-Identifier: BSD-2-Clause
// Messages, capability transfer, call and reply, notifications, and what a system call does to the
// registers (fact sheet, sections 1 to 3 and 8).

#include "kernel_world.h"

enum { EP = WORLD_FREE, NTFN, REPLY, REPLY2, NODE, BADGED, A, B, C, T = 1100, U = 1110 };

static int start(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 2), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, NODE, 1), 0);
    assert_int_equal(world_mint(w, BADGED, EP, 15, 42), 0);
    world_thread(w, T, 150, false);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    return 0;
}

static uint64_t info(uint64_t label, unsigned caps, unsigned length)
{
    return sel4_message_info(label, 0, caps, length);
}

static void receive(struct world *w)
{
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
}

static void a_system_call_costs_three_registers(void **state)
{
    struct world *w = *state;
    uint64_t *r = w->registers.word;
    for (unsigned i = 0; i < REG_COUNT; i++) {
        r[i] = i == REG_RIP || i == REG_RFLAGS ? r[i] : 0x100 + i;
    }
    uint64_t ip = r[REG_RIP];
    r[REG_RDX] = (uint64_t)(int64_t)SEL4_SYSCALL_YIELD;
    world_trap(w, (struct machine_event){.kind = MACHINE_SYSCALL});
    assert_true(world_runs(w, T));
    for (unsigned i = 0; i < REG_COUNT; i++) {
        uint64_t expected = i == REG_RIP || i == REG_RCX      ? ip + 2
                            : i == REG_RSP                    ? 0
                            : i == REG_R11 || i == REG_RFLAGS ? 0x202
                            : i == REG_RDX ? (uint64_t)(int64_t)SEL4_SYSCALL_YIELD
                                           : 0x100 + i;
        assert_int_equal(r[i], expected);
    }
}

static void call_and_reply(void **state)
{
    struct world *w = *state;
    receive(w);
    assert_true(world_runs_root(w));
    world_buffer(w)->message[4] = 55;
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = BADGED, .rsi = info(7, 0, 5), .mr = {1, 2, 3, 4}});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 42);
    assert_int_equal(w->registers.word[REG_RSI], info(7, 0, 5));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(world_word(w, i), i + 1);
    }
    assert_int_equal(world_buffer(w)->message[4], 55);
    assert_int_equal(world_buffer(w)->message[0], 0);
    world_syscall(
        w, SEL4_SYSCALL_REPLY_RECV,
        (struct world_call){.rdi = EP, .rsi = info(9, 0, 2), .r12 = REPLY, .mr = {10, 20, 30, 40}});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RDI], 0);
    assert_int_equal(w->registers.word[REG_RSI], info(9, 0, 2));
    assert_int_equal(world_word(w, 0), 10);
    assert_int_equal(world_word(w, 1), 20);
    assert_int_equal(world_word(w, 2), 3);
}

static void send_changes_no_register(void **state)
{
    struct world *w = *state;
    receive(w);
    world_syscall(w, SEL4_SYSCALL_SEND,
                  (struct world_call){.rdi = EP, .rsi = info(1, 0, 1), .mr = {5}});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 0);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = EP});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RDI], EP);
    assert_int_equal(w->registers.word[REG_RSI], info(1, 0, 1));
    assert_int_equal(world_word(w, 0), 5);
}

static void nothing_there_leaves_the_info(void **state)
{
    struct world *w = *state;
    static const int64_t calls[] = {SEL4_SYSCALL_NB_RECV, SEL4_SYSCALL_NB_WAIT};
    static const uint64_t caps[] = {EP, NTFN};
    for (unsigned i = 0; i < 4; i++) {
        world_syscall(
            w, calls[i % 2],
            (struct world_call){.rdi = caps[i / 2], .rsi = 0x1234, .r12 = REPLY, .mr = {9}});
        assert_int_equal(w->registers.word[REG_RDI], 0);
        assert_int_equal(w->registers.word[REG_RSI], 0x1234);
        assert_int_equal(world_word(w, 0), 9);
    }
}

static void without_a_buffer_a_message_has_four_words(void **state)
{
    struct world *w = *state;
    assert_int_equal(WORLD_PLAIN(w, T, TCB_SUSPEND), SEL4_ERROR_NONE);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_IPC_BUFFER, WORLD_WORDS(0), WORLD_CAPS(0)), 0);
    world_resume(w, T);
    receive(w);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP, .rsi = info(0, 0, 120)});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RSI], info(0, 0, 4));
    uint64_t label = w->kernel.abi.label[SEL4_INVOCATION_UNTYPED_RETYPE];
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = w->untyped, .rsi = info(label, 1, 6)});
    assert_int_equal(w->registers.word[REG_RSI] >> 12, SEL4_ERROR_TRUNCATED_MESSAGE);
}

static int start_suspended(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 2), 0);
    world_thread(w, T, 150, false);
    return 0;
}

static void name_receive_slot(struct world *w, uint64_t slot)
{
    world_buffer(w)->receive_cnode = SEL4_SLOT_CNODE;
    world_buffer(w)->receive_index = slot;
    world_buffer(w)->receive_depth = 64;
}

static void one_cap_lands_and_own_endpoints_unwrap(void **state)
{
    struct world *w = *state;
    name_receive_slot(w, A);
    receive(w);
    world_buffer(w)->caps_or_badges[0] = BADGED;
    world_buffer(w)->caps_or_badges[1] = NTFN;
    world_buffer(w)->caps_or_badges[2] = NODE;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP, .rsi = info(1, 3, 0)});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RSI], sel4_message_info(1, 1, 2, 0));
    assert_int_equal(world_buffer(w)->caps_or_badges[0], 42);
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = A});
    assert_int_equal(w->trace.kind, SEL4_CAP_TAG_NOTIFICATION);
    // A reply with the grant right carries caps too; the caller's slot is free.
    world_buffer(w)->caps_or_badges[0] = NODE;
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = REPLY, .rsi = info(0, 1, 0)});
    receive(w);
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RSI], info(0, 0, 0));
}

static void caps_need_grant_and_a_null_ends_the_list(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_mint(w, C, EP, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY, 1), 0);
    name_receive_slot(w, A);
    receive(w);
    world_buffer(w)->caps_or_badges[0] = NTFN;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = C, .rsi = info(1, 1, 1)});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RSI], info(1, 0, 1));
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs_root(w));
    world_buffer(w)->caps_or_badges[0] = B;
    world_buffer(w)->caps_or_badges[1] = NTFN;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP, .rsi = info(1, 2, 0)});
    assert_int_equal(w->registers.word[REG_RSI], info(1, 0, 0));
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    world_buffer(w)->caps_or_badges[0] = w->untyped;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP, .rsi = info(1, 1, 0)});
    assert_int_equal(w->registers.word[REG_RSI], info(1, 0, 0));
}

static void senders_queue_by_priority(void **state)
{
    struct world *w = *state;
    world_thread(w, U, 160, false);
    world_resume(w, U);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = EP, .rsi = info(1, 0, 0)});
    assert_true(world_runs_root(w));
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = EP, .rsi = info(2, 0, 0)});
    assert_true(world_runs_root(w));
    assert_int_equal(
        WORLD_INVOKE(w, T, TCB_SET_PRIORITY, WORLD_WORDS(170), WORLD_CAPS(SEL4_SLOT_TCB)), 0);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs(w, T));
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY2});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RSI], info(1, 0, 0));
}

static void signals_join_until_taken(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_mint(w, A, NTFN, 15, 5), 0);
    assert_int_equal(world_mint(w, B, NTFN, 15, 8), 0);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = A});
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = B});
    assert_int_equal(w->registers.word[REG_RSI], 0);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN, .rsi = 77, .mr = {6}});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 13);
    assert_int_equal(w->registers.word[REG_RSI], 77);
    assert_int_equal(world_word(w, 0), 6);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN, .rsi = 78});
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = A});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 5);
    assert_int_equal(w->registers.word[REG_RSI], 78);
}

static void a_bound_notification_reaches_a_receiver(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_mint(w, A, NTFN, 15, 5), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_BIND_NOTIFICATION, WORLD_CAPS(NTFN)), 0);
    receive(w);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = A});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 5);
    // Not while the thread waits for a reply: the signal stays pending.
    world_thread(w, U, 140, false);
    world_resume(w, U);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    assert_true(world_runs(w, U));
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = A});
    assert_true(world_runs(w, U));
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = REPLY});
    assert_true(world_runs(w, T));
    receive(w);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 5);
}

static void a_reply_object_serves_one_caller(void **state)
{
    struct world *w = *state;
    receive(w);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    assert_true(world_runs(w, T));
    // Receiving with it again drops the caller, even when nothing is there.
    world_syscall(w, SEL4_SYSCALL_NB_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_int_equal(w->kernel.root_thread->state, THREAD_INACTIVE);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = REPLY, .rsi = 99});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RSI], 0);
}

static void calls_that_cannot_be_answered_stop_the_caller(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_mint(w, A, EP, SEL4_RIGHT_WRITE, 1), 0);
    receive(w);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = A});
    assert_true(world_runs(w, T));
    assert_int_equal(w->kernel.root_thread->state, THREAD_INACTIVE);
    world_resume(w, SEL4_SLOT_TCB);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = EP});
    // Resumed, root repeats its Call; a Wait has no reply object either.
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RDI], A);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RDI], 0);
    assert_int_equal(w->kernel.root_thread->state, THREAD_INACTIVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_system_call_costs_three_registers),
        TEST(call_and_reply),
        TEST(send_changes_no_register),
        TEST(nothing_there_leaves_the_info),
        cmocka_unit_test_setup_teardown(without_a_buffer_a_message_has_four_words, start_suspended,
                                        world_end),
        TEST(one_cap_lands_and_own_endpoints_unwrap),
        TEST(caps_need_grant_and_a_null_ends_the_list),
        cmocka_unit_test_setup_teardown(senders_queue_by_priority, start_suspended, world_end),
        TEST(signals_join_until_taken),
        TEST(a_bound_notification_reaches_a_receiver),
        TEST(a_reply_object_serves_one_caller),
        TEST(calls_that_cannot_be_answered_stop_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
