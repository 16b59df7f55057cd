// SPDX-License-Identifier: BSD-2-Clause
// Budgets, donation, timeouts and who runs (fact sheet, section 8).

#include "kernel_world.h"

enum {
    EP = WORLD_FREE,
    NTFN,
    REPLY,
    REPLY2,
    TIMEOUTS,
    A,
    CONTROL = SEL4_SLOT_FIRST_FREE,
    T = 1100,
    U = 1110,
    V = 1120
};

static int start(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 2), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, TIMEOUTS, 1), 0);
    return 0;
}

static enum sel4_error configure(struct world *w, uint64_t sc, uint64_t budget, uint64_t period,
                                 uint64_t extra)
{
    return WORLD_INVOKE(w, CONTROL, SCHED_CONTROL_CONFIGURE_FLAGS,
                        WORLD_WORDS(budget, period, extra, 0xbad, 0), WORLD_CAPS(sc));
}

static void parameters_have_limits(void **state)
{
    struct world *w = *state;
    const uint64_t max = UINT64_MAX / WORLD_TICKS / 8;
    assert_int_equal(world_retype(w, SEL4_OBJECT_SCHED_CONTEXT, 8, A, 1), 0);
    static const uint64_t bad[][2] = {{19, 100}, {UINT64_MAX / WORLD_TICKS / 8 + 1, 100}};
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(configure(w, A, bad[i][0], bad[i][1], 0), SEL4_ERROR_RANGE_ERROR);
        assert_int_equal(world_word(w, 0), 20);
        assert_int_equal(world_word(w, 1), max);
        assert_int_equal(configure(w, A, 20, bad[i][0], 0), SEL4_ERROR_RANGE_ERROR);
        assert_int_equal(world_word(w, 1), max);
    }
    assert_int_equal(configure(w, A, 101, 100, 0), SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(world_word(w, 0), 20);
    assert_int_equal(world_word(w, 1), 100);
    assert_int_equal(configure(w, A, 20, 100, 9), SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(world_word(w, 1), 8);
    assert_int_equal(configure(w, A, max, max, 8), 0);
    assert_int_equal(configure(w, EP, 20, 100, 0), SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 1);
}

static void priority_then_arrival(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    world_thread(w, U, 150, false);
    world_thread(w, V, 160, false);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    world_resume(w, U);
    assert_true(world_runs(w, T));
    world_resume(w, V);
    assert_true(world_runs(w, V));
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(world_runs(w, T));
    world_syscall(w, SEL4_SYSCALL_YIELD, (struct world_call){0});
    assert_true(world_runs(w, U));
    world_syscall(w, SEL4_SYSCALL_YIELD, (struct world_call){0});
    assert_true(world_runs(w, T));
    // A full time slice ends the turn as well.
    world_pass(w);
    assert_true(world_runs(w, U));
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = NTFN});
    assert_true(world_runs(w, V));
}

static void an_empty_budget_waits_for_its_refill(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    assert_int_equal(configure(w, T + 1, 100, 1000, 0), 0);
    uint64_t begin = w->now;
    world_resume(w, T);
    assert_true(world_runs(w, T));
    world_wait_us(w, 50);
    assert_true(world_runs(w, T));
    world_pass(w);
    assert_true(world_runs_root(w));
    assert_int_equal(w->now, begin + 100 * WORLD_TICKS);
    assert_int_equal(w->deadline, begin + 1000 * WORLD_TICKS);
    world_pass(w);
    assert_true(world_runs(w, T));
    // A trap without budget is repeated when the budget is back.
    uint64_t ip = w->registers.word[REG_RIP];
    w->now += 95 * WORLD_TICKS;
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_NB_WAIT, (struct world_call){.rdi = NTFN, .rsi = 5});
    assert_int_equal(world_tcb(w, T)->state, THREAD_RESTART);
    world_pass(w);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], ip);
}

static void yield_gives_the_rest_away(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    assert_int_equal(configure(w, T + 1, 100, 1000, 0), 0);
    world_resume(w, T);
    world_wait_us(w, 10);
    world_syscall(w, SEL4_SYSCALL_YIELD, (struct world_call){0});
    assert_true(world_runs_root(w));
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_CONSUMED), 0);
    assert_int_equal(world_length(w), 1);
    assert_int_equal(world_word(w, 0), 10);
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_CONSUMED), 0);
    assert_int_equal(world_word(w, 0), 0);
}

static void a_timeout_fault_goes_to_its_handler(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    assert_int_equal(configure(w, T + 1, 100, 1000, 0), 0);
    assert_int_equal(world_mint(w, A, TIMEOUTS, 15, 7), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_TIMEOUT_ENDPOINT, WORLD_CAPS(A)), 0);
    world_resume(w, T);
    world_pass(w);
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = TIMEOUTS, .r12 = REPLY});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RDI], 7);
    assert_int_equal(w->registers.word[REG_RSI], sel4_message_info(SEL4_FAULT_TIMEOUT, 0, 0, 2));
    assert_int_equal(world_word(w, SEL4_TIMEOUT_BADGE), 0xbad);
    assert_int_equal(world_word(w, SEL4_TIMEOUT_CONSUMED), 100);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = REPLY});
    assert_true(world_runs_root(w));
    world_pass(w);
    assert_true(world_runs(w, T));
    world_pass(w);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = TIMEOUTS, .r12 = REPLY});
    world_syscall(w, SEL4_SYSCALL_SEND,
                  (struct world_call){.rdi = REPLY, .rsi = sel4_message_info(1, 0, 0, 0)});
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
}

static void round_robin_never_times_out(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_TIMEOUT_ENDPOINT, WORLD_CAPS(TIMEOUTS)), 0);
    world_resume(w, T);
    for (unsigned i = 0; i < 3; i++) {
        world_pass(w);
        assert_true(world_runs(w, T));
    }
}

static void a_passive_server_runs_on_its_callers_time(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_NB_SEND_RECV,
                  (struct world_call){.rdi = EP, .r12 = REPLY, .r13 = A});
    assert_true(world_runs_root(w));
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_UNBIND), 0);
    // A plain Send delivers, but gives no time.
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = EP});
    assert_true(world_runs_root(w));
    assert_int_equal(world_tcb(w, T)->state, THREAD_RUNNING);
    assert_int_equal(WORLD_INVOKE(w, T + 1, SCHED_CONTEXT_BIND, WORLD_CAPS(EP)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    uint64_t label = w->kernel.abi.label[SEL4_INVOCATION_SCHED_CONTEXT_BIND];
    world_buffer(w)->caps_or_badges[0] = T;
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = T + 1, .rsi = sel4_message_info(label, 0, 1, 0)});
    assert_true(world_runs(w, T));
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs_root(w));
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_UNBIND), 0);
    struct sched_context *sc = w->kernel.root_thread->sc;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    assert_true(world_runs(w, T));
    assert_ptr_equal(world_tcb(w, T)->sc, sc);
    assert_null(w->kernel.root_thread->sc);
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs_root(w));
    assert_ptr_equal(w->kernel.root_thread->sc, sc);
}

static void call_chains_give_time_back_in_order(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, A, 1), 0);
    world_thread(w, T, 150, false);
    world_thread(w, U, 140, false);
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    world_resume(w, U);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = A, .r12 = REPLY2});
    assert_true(world_runs_root(w));
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_UNBIND), 0);
    assert_int_equal(WORLD_PLAIN(w, U + 1, SCHED_CONTEXT_UNBIND), 0);
    struct sched_context *sc = w->kernel.root_thread->sc;
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = A});
    assert_true(world_runs(w, U));
    assert_ptr_equal(world_tcb(w, U)->sc, sc);
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = A, .r12 = REPLY2});
    assert_true(world_runs(w, T));
    assert_ptr_equal(world_tcb(w, T)->sc, sc);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = A});
    // The lower link goes: the caller below stops and the chain is cut there.
    assert_int_equal(world_delete(w, REPLY), 0);
    assert_int_equal(w->kernel.root_thread->state, THREAD_INACTIVE);
    assert_null(w->kernel.root_thread->sc);
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = A, .r12 = REPLY2});
    assert_true(world_runs(w, T));
    assert_ptr_equal(world_tcb(w, T)->sc, sc);
    assert_null(sc->reply);
}

static void fault_handlers_borrow_the_faulters_time(void **state)
{
    struct world *w = *state;
    world_thread(w, U, 140, false);
    world_resume(w, U);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_int_equal(WORLD_PLAIN(w, U + 1, SCHED_CONTEXT_UNBIND), 0);
    world_thread(w, T, 150, false);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_SCHED_PARAMS, WORLD_WORDS(255, 150),
                                  WORLD_CAPS(SEL4_SLOT_TCB, T + 1, EP)),
                     0);
    struct sched_context *sc = world_tcb(w, T)->sc;
    world_resume(w, T);
    world_trap(w, (struct machine_event){.kind = MACHINE_PAGE_FAULT, .code = 4});
    assert_true(world_runs(w, U));
    assert_ptr_equal(world_tcb(w, U)->sc, sc);
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs(w, T));
    assert_ptr_equal(world_tcb(w, T)->sc, sc);
}

static void notifications_lend_their_context(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_UNBIND), 0);
    assert_int_equal(WORLD_INVOKE(w, T + 1, SCHED_CONTEXT_BIND, WORLD_CAPS(NTFN)), 0);
    assert_int_equal(WORLD_INVOKE(w, T + 1, SCHED_CONTEXT_BIND, WORLD_CAPS(NTFN)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = NTFN});
    assert_true(world_runs(w, T));
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
    assert_null(world_tcb(w, T)->sc);
    assert_int_equal(WORLD_INVOKE(w, T + 1, SCHED_CONTEXT_UNBIND_OBJECT, WORLD_CAPS(T)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_INVOKE(w, T + 1, SCHED_CONTEXT_UNBIND_OBJECT, WORLD_CAPS(NTFN)), 0);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
}

static void yield_to_reports_what_the_other_used(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 100, false);
    assert_int_equal(WORLD_PLAIN(w, SEL4_SLOT_SCHED_CONTEXT, SCHED_CONTEXT_YIELD_TO),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_PLAIN(w, SEL4_SLOT_SCHED_CONTEXT, SCHED_CONTEXT_UNBIND),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_YIELD_TO), 0);
    assert_int_equal(world_length(w), 1);
    world_resume(w, T);
    assert_true(world_runs_root(w));
    uint64_t label = w->kernel.abi.label[SEL4_INVOCATION_SCHED_CONTEXT_YIELD_TO];
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = T + 1, .rsi = sel4_message_info(label, 0, 0, 0)});
    assert_true(world_runs(w, T));
    world_wait_us(w, 30);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RSI], sel4_message_info(0, 0, 0, 1));
    assert_int_equal(world_word(w, 0), 30);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_SET_MC_PRIORITY, WORLD_WORDS(99),
                                  WORLD_CAPS(SEL4_SLOT_TCB)),
                     0);
    assert_int_equal(WORLD_PLAIN(w, T + 1, SCHED_CONTEXT_YIELD_TO), SEL4_ERROR_ILLEGAL_OPERATION);
}

static void the_last_context_cap_takes_the_time_away(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 90, false);
    world_resume(w, T);
    assert_true(world_runs_root(w));
    assert_int_equal(world_delete(w, T + 1), 0);
    assert_null(world_tcb(w, T)->sc);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(w->idle || w->end == KERNEL_IDLE_FOREVER);
    assert_int_equal(w->end, KERNEL_IDLE_FOREVER);
}

static void used_budget_comes_back_piece_by_piece(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    assert_int_equal(configure(w, T + 1, 100, 1000, 4), 0);
    uint64_t begin = w->now;
    world_resume(w, T);
    world_wait_us(w, 40);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
    world_wait_us(w, 160);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = NTFN});
    assert_true(world_runs(w, T));
    // 60 us are left now; the first 40 us return one period after their use.
    assert_int_equal(w->deadline, w->now + 60 * WORLD_TICKS);
    world_pass(w);
    assert_true(world_runs_root(w));
    assert_int_equal(w->deadline, begin + 1000 * WORLD_TICKS);
    world_pass(w);
    assert_true(world_runs(w, T));
    assert_int_equal(w->deadline, w->now + 40 * WORLD_TICKS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parameters_have_limits),
        TEST(priority_then_arrival),
        TEST(an_empty_budget_waits_for_its_refill),
        TEST(yield_gives_the_rest_away),
        TEST(a_timeout_fault_goes_to_its_handler),
        TEST(round_robin_never_times_out),
        TEST(a_passive_server_runs_on_its_callers_time),
        TEST(call_chains_give_time_back_in_order),
        TEST(fault_handlers_borrow_the_faulters_time),
        TEST(notifications_lend_their_context),
        TEST(yield_to_reports_what_the_other_used),
        TEST(the_last_context_cap_takes_the_time_away),
        TEST(used_budget_comes_back_piece_by_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
