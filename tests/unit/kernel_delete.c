// SPDX-License-Identifier: BSD-2-Clause
// What goes when the last capability goes (fact sheet, section 11).

#include "kernel_world.h"

enum { EP = WORLD_FREE, NTFN, REPLY, NODE, NODE2, A, B, T = 1100, U = 1110 };

static int start(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, NODE, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, NODE2, 1), 0);
    world_thread(w, T, 150, false);
    return 0;
}

static bool full(struct world *w, uint64_t slot)
{
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = slot});
    return w->trace.kind != SEL4_CAP_TAG_NULL;
}

static enum sel4_error into_node(struct world *w, enum sel4_invocation operation, uint64_t node,
                                 uint64_t index, uint64_t from)
{
    struct world_message message = {WORLD_WORDS(index, 4, from, 64, 15),
                                    WORLD_CAPS(SEL4_SLOT_CNODE)};
    return world_invoke(w, node, operation, message);
}

static void waiting_threads_repeat_their_calls(void **state)
{
    struct world *w = *state;
    static const struct {
        int64_t number;
        uint64_t cptr;
    } rows[] = {{SEL4_SYSCALL_RECV, EP}, {SEL4_SYSCALL_WAIT, NTFN}, {SEL4_SYSCALL_CALL, EP}};
    for (unsigned i = 0; i < 3; i++) {
        if (i == 2) {
            assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
        }
        world_resume(w, T);
        uint64_t ip = w->registers.word[REG_RIP];
        world_syscall(w, rows[i].number, (struct world_call){.rdi = rows[i].cptr, .r12 = REPLY});
        assert_true(world_runs_root(w));
        world_syscall(
            w, SEL4_SYSCALL_CALL,
            (struct world_call){.rdi = SEL4_SLOT_CNODE,
                                .rsi = sel4_message_info(
                                    w->kernel.abi.label[SEL4_INVOCATION_CNODE_DELETE], 0, 0, 2),
                                .mr = {rows[i].cptr, 64}});
        assert_true(world_runs(w, T));
        assert_int_equal(w->registers.word[REG_RIP], ip);
        world_trap(w, (struct machine_event){.kind = MACHINE_SYSCALL});
        bool told = rows[i].number == SEL4_SYSCALL_CALL;
        assert_int_equal(world_runs(w, T), told);
        if (told) {
            assert_int_equal(w->registers.word[REG_RSI] >> 12, SEL4_ERROR_INVALID_CAPABILITY);
        }
    }
}

static void the_last_tcb_cap_stops_the_thread(void **state)
{
    struct world *w = *state;
    assert_int_equal(WORLD_INVOKE(w, T, TCB_BIND_NOTIFICATION, WORLD_CAPS(NTFN)), 0);
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_int_equal(world_copy(w, A, T, 15), 0);
    const struct machine_fpu *fpu = &world_tcb(w, T)->fpu;
    assert_int_equal(world_delete(w, T), 0);
    assert_null(w->forgotten_fpu);
    assert_non_null(((struct endpoint *)(world_tcb(w, A)->endpoint))->queue.head);
    assert_int_equal(world_delete(w, A), 0);
    assert_ptr_equal(w->forgotten_fpu, fpu);
    // Nobody receives any more; the notification and the context are free again.
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = EP});
    assert_true(world_runs_root(w));
    world_thread(w, U, 150, true);
    assert_int_equal(WORLD_INVOKE(w, U, TCB_BIND_NOTIFICATION, WORLD_CAPS(NTFN)), 0);
    assert_int_equal(WORLD_INVOKE(w, T + 1, SCHED_CONTEXT_BIND, WORLD_CAPS(U)), 0);
    // The buffer frame has no derived copy left.
    assert_int_equal(world_delete(w, T + 2), 0);
}

static void a_cnode_takes_its_caps_along(void **state)
{
    struct world *w = *state;
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_MOVE, NODE, 3, EP), 0);
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_COPY, NODE, 4, NTFN), 0);
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_MOVE, NODE2, 5, T), 0);
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_MOVE, NODE, 0, NODE2), 0);
    struct kernel_slot slots[16];
    assert_int_equal(kernel_inspect_cnode(&w->kernel, NULL, NODE, slots, 16), 3);
    struct tcb *tcb = w->kernel.threads;
    assert_ptr_not_equal(tcb, w->kernel.root_thread);
    assert_int_equal(world_delete(w, NODE), 0);
    assert_false(full(w, NODE));
    assert_true(full(w, NTFN));
    // What was in the CNode inside it is out of reach, and goes with its untyped.
    assert_ptr_equal(w->kernel.threads, tcb);
    assert_int_equal(world_revoke(w, w->untyped), 0);
    assert_ptr_equal(w->kernel.threads, w->kernel.root_thread);
    assert_false(full(w, NTFN));
}

static void a_cnode_that_holds_itself_goes_with_its_untyped(void **state)
{
    struct world *w = *state;
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_COPY, NODE, 2, NODE), 0);
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_COPY, NODE, 1, NODE2), 0);
    assert_int_equal(into_node(w, SEL4_INVOCATION_CNODE_COPY, NODE2, 1, NODE), 0);
    assert_int_equal(world_delete(w, NODE), 0);
    assert_int_equal(world_delete(w, NODE2), 0);
    assert_int_equal(world_revoke(w, w->untyped), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, NODE, 1), 0);
    struct kernel_slot slots[16];
    assert_int_equal(kernel_inspect_cnode(&w->kernel, NULL, NODE, slots, 16), 0);
}

static void deep_nesting_needs_no_stack(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 1, 2000, 256), 0);
    for (uint64_t i = 2255; i > 2000; i--) {
        struct world_message message = {WORLD_WORDS(1, 1, i, 64, 15), WORLD_CAPS(SEL4_SLOT_CNODE)};
        assert_int_equal(world_invoke(w, i - 1, SEL4_INVOCATION_CNODE_MOVE, message), 0);
    }
    assert_true(full(w, 2000));
    assert_false(full(w, 2001));
    assert_int_equal(world_delete(w, 2000), 0);
    assert_false(full(w, 2000));
    assert_int_equal(world_delete(w, EP), 0);
    assert_int_equal(world_revoke(w, w->untyped), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 1, 2000, 256), 0);
}

static void an_answer_survives_the_endpoint(void **state)
{
    struct world *w = *state;
    world_thread(w, U, 140, false);
    world_resume(w, U);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    assert_true(world_runs(w, U));
    assert_int_equal(world_delete(w, EP), 0);
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = REPLY});
    assert_true(world_runs(w, T));
}

static void the_last_reply_cap_drops_the_caller(void **state)
{
    struct world *w = *state;
    world_thread(w, U, 140, false);
    world_resume(w, U);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    world_resume(w, T);
    uint64_t ip = w->registers.word[REG_RIP];
    world_syscall(w, SEL4_SYSCALL_CALL, (struct world_call){.rdi = EP});
    assert_true(world_runs(w, U));
    assert_int_equal(world_delete(w, REPLY), 0);
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], ip);
    // The receiver that waits with a reply object loses its wait with the object.
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 1), 0);
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs(w, U));
    assert_int_equal(world_delete(w, REPLY), 0);
    assert_int_equal(world_tcb(w, T)->state, THREAD_INACTIVE);
}

static void a_thread_may_destroy_itself(void **state)
{
    struct world *w = *state;
    world_resume(w, T);
    uint64_t label = w->kernel.abi.label[SEL4_INVOCATION_CNODE_REVOKE];
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = SEL4_SLOT_CNODE,
                                      .rsi = sel4_message_info(label, 0, 0, 2),
                                      .mr = {w->untyped, 64}});
    assert_true(world_runs_root(w));
    assert_int_equal(world_retype(w, SEL4_OBJECT_TCB, 0, T, 1), 0);
    assert_ptr_equal(w->kernel.threads, world_tcb(w, T));
}

// T waits for an interrupt, and one is pending.
static void wait_for_interrupt(struct world *w)
{
    enum { PIN = 5, VECTOR = 33, IRQ = 1120 };
    struct world_message issue = {WORLD_WORDS(IRQ, 64, 0, PIN, 0, 0, VECTOR),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)};
    assert_int_equal(
        world_invoke(w, SEL4_SLOT_IRQ_CONTROL, SEL4_INVOCATION_IRQ_ISSUE_IOAPIC, issue), 0);
    assert_int_equal(WORLD_INVOKE(w, IRQ, IRQ_SET_HANDLER, WORLD_CAPS(NTFN)), 0);
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
    w->interrupt = PIN;
}

static unsigned live(struct world *w, uint64_t first, unsigned count)
{
    struct kernel_slot slots[512];
    struct kernel_range range = {first, first + count};
    return (unsigned)kernel_inspect_range(&w->kernel, SEL4_SLOT_CNODE, range, slots, 512);
}

// The interrupted call of the root task counts as none; it is repeated where it began.
static void interrupt_and_repeat(struct world *w, uint64_t cptr, enum sel4_invocation operation,
                                 struct world_message message)
{
    uint64_t invocations = w->kernel.invocations;
    unsigned traces = w->traces;
    uint64_t ip = w->registers.word[REG_RIP];
    (void)world_invoke(w, cptr, operation, message);
    assert_true(world_runs(w, T));
    assert_int_equal(w->kernel.invocations, invocations);
    assert_int_equal(w->traces, traces);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RIP], ip);
}

static void finish_repeated(struct world *w)
{
    uint64_t invocations = w->kernel.invocations;
    world_trap(w, (struct machine_event){.kind = MACHINE_SYSCALL});
    assert_int_equal(w->registers.word[REG_RSI] >> 12, SEL4_ERROR_NONE);
    assert_int_equal(w->kernel.invocations, invocations + 1);
}

static void an_interrupt_gets_into_a_revocation(void **state)
{
    struct world *w = *state;
    enum { UNTYPED = 1130, FIRST = 2000, COUNT = 250 };
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, 12, UNTYPED, 1), 0);
    struct world_message fill = {
        WORLD_WORDS(w->kernel.abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, FIRST, COUNT),
        WORLD_CAPS(SEL4_SLOT_CNODE)};
    assert_int_equal(world_invoke(w, UNTYPED, SEL4_INVOCATION_UNTYPED_RETYPE, fill), 0);
    wait_for_interrupt(w);
    interrupt_and_repeat(w, SEL4_SLOT_CNODE, SEL4_INVOCATION_CNODE_REVOKE,
                         (struct world_message){WORLD_WORDS(UNTYPED, 64)});
    unsigned left = live(w, FIRST, COUNT);
    assert_in_range(left, 1, COUNT - 1);
    finish_repeated(w);
    assert_int_equal(live(w, FIRST, COUNT), 0);
}

static void an_interrupt_gets_into_a_deletion(void **state)
{
    struct world *w = *state;
    enum { BIG = 1130, RADIX = 8 };
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, RADIX, BIG, 1), 0);
    wait_for_interrupt(w);
    interrupt_and_repeat(w, SEL4_SLOT_CNODE, SEL4_INVOCATION_CNODE_DELETE,
                         (struct world_message){WORLD_WORDS(BIG, 64)});
    // What is half deleted is no use but can be moved; the repeated call then has nothing to do.
    assert_true(full(w, BIG));
    assert_int_equal(w->trace.kind, SEL4_CAP_TAG_ZOMBIE);
    assert_int_equal(w->trace.error, SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_copy(w, A, BIG, 15), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(world_copy(w, BIG, EP, 15), SEL4_ERROR_DELETE_FIRST);
    struct world_message move = {WORLD_WORDS(A, 64, BIG, 64), WORLD_CAPS(SEL4_SLOT_CNODE)};
    assert_int_equal(world_invoke(w, SEL4_SLOT_CNODE, SEL4_INVOCATION_CNODE_MOVE, move), 0);
    assert_int_equal(world_delete(w, BIG), 0);
    assert_int_equal(world_copy(w, A, EP, 15), SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(world_delete(w, A), 0);
    assert_int_equal(world_copy(w, A, EP, 15), 0);
}

static void an_interrupt_gets_into_the_zeroing_of_an_untyped(void **state)
{
    struct world *w = *state;
    enum { UNTYPED = 1130, PAGE = 1131, BITS = 16 };
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, BITS, UNTYPED, 1), 0);
    struct world_message all = {
        WORLD_WORDS(w->kernel.abi.type[SEL4_OBJECT_UNTYPED], BITS, 0, 0, PAGE, 1),
        WORLD_CAPS(SEL4_SLOT_CNODE)};
    assert_int_equal(world_invoke(w, UNTYPED, SEL4_INVOCATION_UNTYPED_RETYPE, all), 0);
    struct kernel_slot slot;
    struct kernel_range range = {PAGE, PAGE + 1};
    assert_int_equal(kernel_inspect_range(&w->kernel, SEL4_SLOT_CNODE, range, &slot, 1), 1);
    uint8_t *memory = w->machine.memory + slot.object;
    memset(memory, 0xa5, 1 << BITS);
    assert_int_equal(world_delete(w, PAGE), 0);
    wait_for_interrupt(w);
    interrupt_and_repeat(w, UNTYPED, SEL4_INVOCATION_UNTYPED_RETYPE, all);
    assert_int_equal(memory[0], 0xa5);
    assert_int_equal(memory[(1 << BITS) - 1], 0);
    assert_int_equal(live(w, PAGE, 1), 0);
    finish_repeated(w);
    assert_int_equal(memory[0], 0);
    assert_int_equal(live(w, PAGE, 1), 1);
}

// The budget runs out in the middle: the thread goes on when it has some again.
static void a_budget_ends_in_a_deletion(void **state)
{
    struct world *w = *state;
    enum { BIG = 1130, RADIX = 8, UNIT_US = 3000 };
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, RADIX, BIG, 1), 0);
    world_thread(w, U, WORLD_ROOT_PRIORITY, false);
    world_resume(w, U);
    w->work = UNIT_US * WORLD_TICKS;
    struct world_message big = {WORLD_WORDS(BIG, 64)};
    (void)world_invoke(w, SEL4_SLOT_CNODE, SEL4_INVOCATION_CNODE_DELETE, big);
    while (world_runs_root(w)) {
        world_trap(w, (struct machine_event){.kind = MACHINE_SYSCALL});
        assert_true(w->now < UINT64_C(1000000) * WORLD_TICKS);
    }
    assert_true(world_runs(w, U));
    w->work = 0;
    world_wait_us(w, 5000);
    assert_true(world_runs_root(w));
    finish_repeated(w);
    assert_int_equal(world_copy(w, BIG, EP, 15), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(waiting_threads_repeat_their_calls),
        TEST(the_last_tcb_cap_stops_the_thread),
        TEST(a_cnode_takes_its_caps_along),
        TEST(a_cnode_that_holds_itself_goes_with_its_untyped),
        TEST(deep_nesting_needs_no_stack),
        TEST(an_answer_survives_the_endpoint),
        TEST(the_last_reply_cap_drops_the_caller),
        TEST(a_thread_may_destroy_itself),
        TEST(an_interrupt_gets_into_a_revocation),
        TEST(an_interrupt_gets_into_a_deletion),
        TEST(an_interrupt_gets_into_the_zeroing_of_an_untyped),
        TEST(a_budget_ends_in_a_deletion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
