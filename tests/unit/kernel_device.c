// SPDX-License-Identifier: BSD-2-Clause
// Ports, interrupts, domains, debug calls and fault injection (fact sheet, sections 1, 5.2, 12).

#include "kernel_world.h"

enum { PORT = WORLD_FREE, PORT2, IRQ, IRQ2, NTFN, A, T = 1100 };

static enum sel4_error issue_port(struct world *w, uint64_t first, uint64_t last, uint64_t slot)
{
    return WORLD_INVOKE(w, SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE,
                        WORLD_WORDS(first, last, slot, 64), WORLD_CAPS(SEL4_SLOT_CNODE));
}

static void ports_are_issued_once(void **state)
{
    struct world *w = *state;
    assert_int_equal(issue_port(w, 0x3f9, 0x3f8, PORT), SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(world_word(w, 0), 1);
    assert_int_equal(issue_port(w, 0x3f8, 0x3ff, SEL4_SLOT_TCB), SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(issue_port(w, 0x3f8, 0x3ff, PORT), 0);
    assert_int_equal(issue_port(w, 0x3ff, 0x400, PORT2), SEL4_ERROR_REVOKE_FIRST);
    assert_int_equal(issue_port(w, 0x400, 0xffff, PORT2), 0);
    assert_int_equal(world_copy(w, A, PORT, 15), 0);
    assert_int_equal(world_delete(w, PORT), 0);
    assert_int_equal(issue_port(w, 0x3f8, 0x3f8, PORT), SEL4_ERROR_REVOKE_FIRST);
    assert_int_equal(world_revoke(w, SEL4_SLOT_IO_PORT_CONTROL), 0);
    assert_int_equal(issue_port(w, 0, 0xffff, PORT), 0);
}

static void ports_move_their_width(void **state)
{
    struct world *w = *state;
    static const struct {
        enum sel4_invocation in, out;
        unsigned width;
        uint64_t mask;
    } rows[] = {
        {SEL4_INVOCATION_IO_PORT_IN8, SEL4_INVOCATION_IO_PORT_OUT8, 1, 0xff},
        {SEL4_INVOCATION_IO_PORT_IN16, SEL4_INVOCATION_IO_PORT_OUT16, 2, 0xffff},
        {SEL4_INVOCATION_IO_PORT_IN32, SEL4_INVOCATION_IO_PORT_OUT32, 4, 0xffffffff},
    };
    assert_int_equal(issue_port(w, 0x3f8, 0x3ff, PORT), 0);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t last = 0x400 - rows[i].width;
        struct world_message out = {WORLD_WORDS(last, 0x1122334455667788)};
        assert_int_equal(world_invoke(w, PORT, rows[i].out, out), 0);
        assert_int_equal(w->port, last);
        assert_int_equal(w->port_width, rows[i].width);
        assert_int_equal(w->port_value, 0x1122334455667788 & rows[i].mask);
        w->port_value = 0xfedcba98;
        assert_int_equal(
            world_invoke(w, PORT, rows[i].in, (struct world_message){WORLD_WORDS(0x10000 | last)}),
            0);
        assert_int_equal(world_word(w, 0), 0xfedcba98 & rows[i].mask);
        assert_int_equal(
            world_invoke(w, PORT, rows[i].in, (struct world_message){WORLD_WORDS(last + 1)}),
            SEL4_ERROR_ILLEGAL_OPERATION);
        assert_int_equal(
            world_invoke(w, PORT, rows[i].in, (struct world_message){WORLD_WORDS(0x3f7)}),
            SEL4_ERROR_ILLEGAL_OPERATION);
        assert_int_equal(world_invoke(w, PORT, rows[i].out, (struct world_message){WORLD_WORDS(1)}),
                         SEL4_ERROR_TRUNCATED_MESSAGE);
    }
}

static enum sel4_error issue_pin(struct world *w, uint64_t slot, uint64_t pin, uint64_t level,
                                 uint64_t vector)
{
    return WORLD_INVOKE(w, SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_IOAPIC,
                        WORLD_WORDS(slot, 64, 0, pin, level, 0, vector),
                        WORLD_CAPS(SEL4_SLOT_CNODE));
}

static void interrupts_are_issued_by_vector(void **state)
{
    struct world *w = *state;
    assert_int_equal(issue_pin(w, IRQ, 4, 0, 108), SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(world_word(w, 1), 107);
    assert_int_equal(issue_pin(w, IRQ, 24, 0, 1), SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(world_word(w, 1), 23);
    assert_int_equal(issue_pin(w, IRQ, 4, 2, 1), SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(issue_pin(w, IRQ, 4, 0, 1), 0);
    assert_int_equal(issue_pin(w, IRQ2, 5, 0, 1), SEL4_ERROR_REVOKE_FIRST);
    assert_int_equal(issue_pin(w, IRQ2, 4, 0, 2), 0);
    assert_int_equal(world_delete(w, IRQ), 0);
    assert_int_equal(w->by_level | w->active_low, 0);
    assert_int_equal(issue_pin(w, IRQ, 6, 1, 1), 0);
    assert_int_equal(w->by_level, 1 << 6);
    assert_int_equal(w->active_low, 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                                  WORLD_WORDS(A, 64, 256, 0, 0, 0, 3), WORLD_CAPS(SEL4_SLOT_CNODE)),
                     SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                                  WORLD_WORDS(A, 64, 255, 31, 7, 0, 3),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)),
                     0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_HANDLER,
                                  WORLD_WORDS(1, A, 64), WORLD_CAPS(SEL4_SLOT_CNODE)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
}

static void an_interrupt_signals_until_acknowledged(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_mint(w, A, NTFN, SEL4_RIGHT_WRITE, 6), 0);
    assert_int_equal(issue_pin(w, IRQ, 4, 0, 1), 0);
    assert_int_equal(w->masked, 0); // open from its issue on
    assert_int_equal(WORLD_INVOKE(w, IRQ, IRQ_SET_HANDLER, WORLD_CAPS(IRQ)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 0);
    assert_int_equal(WORLD_INVOKE(w, IRQ, IRQ_SET_HANDLER, WORLD_CAPS(A)), 0);
    assert_int_equal(WORLD_PLAIN(w, IRQ, IRQ_ACK), 0);
    assert_int_equal(w->masked, 0);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_true(w->idle);
    w->interrupt = 4;
    world_trap(w, (struct machine_event){.kind = MACHINE_INTERRUPT});
    assert_true(world_runs_root(w));
    assert_int_equal(w->registers.word[REG_RDI], 6);
    assert_int_equal(w->masked, 1 << 4);
    assert_int_equal(WORLD_PLAIN(w, IRQ, IRQ_ACK), 0);
    assert_int_equal(w->masked, 0);
    assert_int_equal(WORLD_PLAIN(w, IRQ, IRQ_CLEAR_HANDLER), 0);
    w->interrupt = 4;
    world_trap(w, (struct machine_event){.kind = MACHINE_INTERRUPT});
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = NTFN});
    assert_int_equal(w->end, KERNEL_IDLE_FOREVER);
}

static void a_handler_keeps_its_notification_alive(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(issue_pin(w, IRQ, 4, 0, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, IRQ, IRQ_SET_HANDLER, WORLD_CAPS(NTFN)), 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, WORLD_CAPS(NTFN)), 0);
    assert_int_equal(world_delete(w, NTFN), 0);
    assert_non_null(w->kernel.root_thread->bound);
    assert_int_equal(world_delete(w, IRQ), 0);
    assert_null(w->kernel.root_thread->bound);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
}

static void domains_run_by_their_schedule(void **state)
{
    struct world *w = *state;
    world_thread(w, T, 150, false);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_DOMAIN, DOMAIN_SET, WORLD_WORDS(16), WORLD_CAPS(T)),
                     SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(world_word(w, 0), 0);
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_DOMAIN, DOMAIN_SET, WORLD_WORDS(1), WORLD_CAPS(NTFN)),
        SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(world_word(w, 0), 1);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_DOMAIN, DOMAIN_SET, WORLD_WORDS(1), WORLD_CAPS(T)),
                     0);
    world_resume(w, T);
    assert_true(world_runs_root(w));
    static const struct {
        uint64_t words[3];
        enum sel4_error error;
        uint64_t detail;
    } rows[] = {
        {{KERNEL_MAX_SCHEDULES - 1, 0, 5}, SEL4_ERROR_RANGE_ERROR, 0},
        {{0, 16, 5}, SEL4_ERROR_RANGE_ERROR, 0},
        {{1, 1, UINT64_C(1) << 56}, SEL4_ERROR_INVALID_ARGUMENT, 2},
        {{1, 1, 0}, SEL4_ERROR_INVALID_ARGUMENT, 1},
        {{0, 0, 0}, SEL4_ERROR_INVALID_ARGUMENT, 2},
        {{1, 1, 1000}, SEL4_ERROR_NONE, 0},
        {{0, 0, 2000}, SEL4_ERROR_NONE, 0},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(
            WORLD_INVOKE(w, SEL4_SLOT_DOMAIN, DOMAIN_SCHEDULE_CONFIGURE,
                         WORLD_WORDS(rows[i].words[0], rows[i].words[1], rows[i].words[2])),
            rows[i].error);
        assert_true(world_length(w) == 0 || world_word(w, 0) == rows[i].detail);
    }
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_DOMAIN, DOMAIN_SCHEDULE_SET_START, WORLD_WORDS(2)),
                     SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_DOMAIN, DOMAIN_SCHEDULE_SET_START, WORLD_WORDS(0)),
                     0);
    uint64_t begin = w->now;
    assert_int_equal(w->deadline, begin + 2000);
    world_pass(w);
    assert_true(world_runs(w, T));
    assert_int_equal(w->deadline, begin + 3000);
    world_pass(w);
    assert_true(world_runs_root(w));
}

static void debug_calls_need_a_debug_kernel(void **state)
{
    (void)state;
    struct world *w = world_new("2.2.0-debug");
    world_syscall(w, SEL4_SYSCALL_DEBUG_PUT_CHAR, (struct world_call){.rdi = 'a'});
    world_syscall(w, SEL4_SYSCALL_DEBUG_PUT_CHAR, (struct world_call){.rdi = '\n'});
    assert_int_equal(w->console_len, 3);
    assert_memory_equal(w->console, "a\r\n", 3);
    world_syscall(w, SEL4_SYSCALL_DEBUG_CAP_IDENTIFY, (struct world_call){.rdi = SEL4_SLOT_CNODE});
    assert_int_equal(w->registers.word[REG_RDI], SEL4_CAP_TAG_CNODE);
    world_buffer(w)->message[0] = 0x656d616e;
    world_syscall(w, SEL4_SYSCALL_DEBUG_NAME_THREAD, (struct world_call){.rdi = SEL4_SLOT_TCB});
    assert_string_equal(w->kernel.root_thread->name, "name");
    world_syscall(w, SEL4_SYSCALL_DEBUG_SNAPSHOT, (struct world_call){0});
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_DEBUG_HALT, (struct world_call){0});
    assert_int_equal(w->end, KERNEL_HALTED);
    world_free(w);
    w = world_new("2.2.0");
    world_syscall(w, SEL4_SYSCALL_DEBUG_PUT_CHAR, (struct world_call){.rdi = 'a'});
    assert_int_equal(w->end, KERNEL_IDLE_FOREVER);
    assert_int_equal(w->console_len, 0);
    world_free(w);
}

static void the_nth_invocation_can_fail(void **state)
{
    struct world *w = *state;
    uint64_t before = w->kernel.invocations;
    w->kernel.fail_invocation = before + 2;
    w->kernel.fail_with = SEL4_ERROR_NOT_ENOUGH_MEMORY;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, A, 1), 0);
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = A});
    assert_int_equal(w->kernel.invocations, before + 1);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, NTFN, 1),
                     SEL4_ERROR_NOT_ENOUGH_MEMORY);
    assert_string_equal(w->trace.operation, "UntypedRetype");
    assert_int_equal(w->trace.error, SEL4_ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(world_length(w), 1);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, NTFN, 1), 0);
    assert_int_equal(w->kernel.invocations, before + 3);
}

static void probes_of_every_configuration(void **state)
{
    (void)state;
    static const char *const names[] = {"2.1.0", "2.2.0", "2.3.0", "2.3.0-debug", "2.3.0-nohuge"};
    for (unsigned i = 0; i < 5; i++) {
        struct world *w = world_new(names[i]);
        uint64_t first = 0;
        for (uint64_t label = 1; label < 70; label++) {
            world_syscall(w, SEL4_SYSCALL_CALL,
                          (struct world_call){.rdi = SEL4_SLOT_CNODE,
                                              .rsi = sel4_message_info(label, 0, 0, 0)});
            uint64_t error = w->registers.word[REG_RSI] >> 12;
            bool hit = error == SEL4_ERROR_TRUNCATED_MESSAGE;
            assert_true(hit || error == SEL4_ERROR_ILLEGAL_OPERATION);
            first = hit && first == 0 ? label : first;
            assert_int_equal(hit, first != 0 && label < first + 8);
        }
        assert_int_equal(first, w->kernel.abi.label[SEL4_INVOCATION_CNODE_REVOKE]);
        world_free(w);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ports_are_issued_once),
        TEST(ports_move_their_width),
        TEST(interrupts_are_issued_by_vector),
        TEST(an_interrupt_signals_until_acknowledged),
        TEST(a_handler_keeps_its_notification_alive),
        TEST(domains_run_by_their_schedule),
        cmocka_unit_test(debug_calls_need_a_debug_kernel),
        TEST(the_nth_invocation_can_fail),
        cmocka_unit_test(probes_of_every_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
