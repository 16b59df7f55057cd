// SPDX-License-Identifier: BSD-2-Clause
// Thread control (fact sheet, section 5.2).

#include "kernel_world.h"

enum { EP = WORLD_FREE, NTFN, REPLY, A, B, C, NODE, T = 1100, U = 1110 };

static int start(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, NODE, 1), 0);
    world_thread(w, T, 150, false);
    return 0;
}

static void a_new_tcb_has_nothing(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_TCB, 0, A, 1), 0);
    const struct tcb *tcb = world_tcb(w, A);
    assert_int_equal(tcb->priority, 0);
    assert_int_equal(tcb->mcp, 0);
    assert_int_equal(tcb->state, THREAD_INACTIVE);
    assert_null(tcb->sc);
    assert_int_equal(tcb->fpu.fxsave[0] | tcb->fpu.fxsave[1] << 8, 0x37f);
    assert_int_equal(tcb->fpu.fxsave[24] | tcb->fpu.fxsave[25] << 8, 0x1f80);
    world_resume(w, A);
    assert_true(world_runs_root(w));
}

static void registers_are_read_and_made_safe(void **state)
{
    struct world *w = *state;
    struct world_message message = {.words = {0, 30}, .count = 23};
    assert_int_equal(world_invoke(w, T, SEL4_INVOCATION_TCB_WRITE_REGISTERS, message),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
    message.words[1] = REG_COUNT;
    for (unsigned i = 0; i < REG_COUNT; i++) {
        message.words[2 + i] = UINT64_MAX - i;
    }
    message.words[2 + REG_FS_BASE] = 0x900000000000;
    assert_int_equal(world_invoke(w, T, SEL4_INVOCATION_TCB_WRITE_REGISTERS, message), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_READ_REGISTERS, WORLD_WORDS(0, 20)), 0);
    assert_int_equal(world_length(w), 20);
    assert_int_equal(world_word(w, REG_RIP), UINT64_MAX);
    assert_int_equal(world_word(w, REG_RSP), UINT64_MAX - REG_RSP);
    assert_int_equal(world_word(w, REG_RFLAGS), ((UINT64_MAX - 2) & 0xed7) | 0x202);
    assert_int_equal(world_word(w, REG_FS_BASE), 0);
    assert_int_equal(world_word(w, REG_GS_BASE), UINT64_MAX - REG_GS_BASE);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_TLS_BASE, WORLD_WORDS(0x900000000000)), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_READ_REGISTERS, WORLD_WORDS(0, 20)), 0);
    assert_int_equal(world_word(w, REG_FS_BASE), 0x900000000000);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_READ_REGISTERS, WORLD_WORDS(0, 21)),
                     SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_READ_REGISTERS, WORLD_WORDS(0, 0)),
                     SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_READ_REGISTERS, WORLD_WORDS(0, 1)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_WRITE_REGISTERS, WORLD_WORDS(0, 1, 0)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
}

static void registers_are_copied_in_parts(void **state)
{
    struct world *w = *state;
    world_thread(w, U, 140, false);
    struct world_message message = {.words = {0, REG_COUNT}, .count = 22};
    for (unsigned i = 0; i < REG_COUNT; i++) {
        message.words[2 + i] = 0x202 + i;
    }
    assert_int_equal(world_invoke(w, T, SEL4_INVOCATION_TCB_WRITE_REGISTERS, message), 0);
    assert_int_equal(WORLD_INVOKE(w, U, TCB_COPY_REGISTERS, WORLD_WORDS(4), WORLD_CAPS(EP)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(WORLD_INVOKE(w, U, TCB_COPY_REGISTERS, WORLD_WORDS(4), WORLD_CAPS(T)), 0);
    assert_int_equal(WORLD_INVOKE(w, U, TCB_READ_REGISTERS, WORLD_WORDS(0, 20)), 0);
    assert_int_equal(world_word(w, REG_RIP), 0x202);
    assert_int_equal(world_word(w, REG_R15), 0x202 + REG_R15);
    assert_int_equal(world_word(w, REG_FS_BASE), 0);
    assert_int_equal(WORLD_INVOKE(w, U, TCB_COPY_REGISTERS, WORLD_WORDS(8), WORLD_CAPS(T)), 0);
    assert_int_equal(world_tcb(w, U)->registers.word[REG_GS_BASE], 0x202 + REG_GS_BASE);
    // Suspend the source, resume the target.
    world_syscall(
        w, SEL4_SYSCALL_CALL,
        (struct world_call){.rdi = U,
                            .rsi = sel4_message_info(
                                w->kernel.abi.label[SEL4_INVOCATION_TCB_COPY_REGISTERS], 0, 1, 1),
                            .mr = {3}});
    assert_true(world_runs(w, U));
}

static void priorities_stay_below_the_authority(void **state)
{
    struct world *w = *state;
    assert_int_equal(
        WORLD_INVOKE(w, T, TCB_SET_MC_PRIORITY, WORLD_WORDS(120), WORLD_CAPS(SEL4_SLOT_TCB)), 0);
    assert_int_equal(world_tcb(w, T)->priority, 150);
    static const enum sel4_invocation both[] = {SEL4_INVOCATION_TCB_SET_PRIORITY,
                                                SEL4_INVOCATION_TCB_SET_MC_PRIORITY};
    for (unsigned i = 0; i < 2; i++) {
        struct world_message message = {WORLD_WORDS(121), WORLD_CAPS(T)};
        assert_int_equal(world_invoke(w, T, both[i], message), SEL4_ERROR_RANGE_ERROR);
        assert_int_equal(world_word(w, 0), 0);
        assert_int_equal(world_word(w, 1), 120);
        message.caps[0] = EP;
        assert_int_equal(world_invoke(w, T, both[i], message), SEL4_ERROR_INVALID_CAPABILITY);
        assert_int_equal(world_word(w, 0), 1);
        message.cap_count = 0;
        assert_int_equal(world_invoke(w, T, both[i], message), SEL4_ERROR_TRUNCATED_MESSAGE);
    }
    assert_int_equal(
        WORLD_INVOKE(w, T, TCB_SET_MC_PRIORITY, WORLD_WORDS(255), WORLD_CAPS(SEL4_SLOT_TCB)), 0);
}

static enum sel4_error sched_params(struct world *w, uint64_t sc, uint64_t handler)
{
    return WORLD_INVOKE(w, T, TCB_SET_SCHED_PARAMS, WORLD_WORDS(255, 150),
                        WORLD_CAPS(SEL4_SLOT_TCB, sc, handler));
}

static void sched_params_check_the_context(void **state)
{
    struct world *w = *state;
    world_thread(w, U, 140, false);
    assert_int_equal(sched_params(w, EP, 0), SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 2);
    assert_int_equal(sched_params(w, U + 1, 0), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(sched_params(w, T + 1, NTFN), SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 3);
    assert_int_equal(world_copy(w, A, EP, SEL4_RIGHT_WRITE), 0);
    assert_int_equal(sched_params(w, T + 1, A), SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_copy(w, B, EP, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY), 0);
    assert_int_equal(sched_params(w, T + 1, B), 0);
    assert_int_equal(sched_params(w, 0, 0), 0);
    assert_null(world_tcb(w, T)->sc);
    assert_int_equal(world_tcb(w, T)->slot[TCB_FAULT_HANDLER].cap.kind, SEL4_CAP_TAG_NULL);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_SET_SCHED_PARAMS, WORLD_WORDS(255, 100),
                                  WORLD_CAPS(SEL4_SLOT_TCB, 0, 0)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_TIMEOUT_ENDPOINT, WORLD_CAPS(A)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 1);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_TIMEOUT_ENDPOINT, WORLD_CAPS(EP)), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_TIMEOUT_ENDPOINT, WORLD_CAPS(0)), 0);
}

static void spaces_are_checked(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_PML4, 0, A, 1), 0);
    static const struct {
        uint64_t caps[3];
        uint64_t data;
        enum sel4_error error;
    } rows[] = {
        {{EP, NODE, SEL4_SLOT_VSPACE}, 0, SEL4_ERROR_NONE},
        {{0, NODE, SEL4_SLOT_VSPACE}, (1 << 6) | 4, SEL4_ERROR_NONE},
        {{NTFN, NODE, SEL4_SLOT_VSPACE}, 0, SEL4_ERROR_INVALID_CAPABILITY},
        {{EP, EP, SEL4_SLOT_VSPACE}, 0, SEL4_ERROR_ILLEGAL_OPERATION},
        {{EP, NODE, SEL4_SLOT_VSPACE}, 61, SEL4_ERROR_ILLEGAL_OPERATION},
        {{EP, NODE, A}, 0, SEL4_ERROR_ILLEGAL_OPERATION},
        {{EP, NODE, NODE}, 0, SEL4_ERROR_ILLEGAL_OPERATION},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(
            WORLD_INVOKE(w, T, TCB_SET_SPACE, WORLD_WORDS(rows[i].data, 0),
                         WORLD_CAPS(rows[i].caps[0], rows[i].caps[1], rows[i].caps[2])),
            rows[i].error);
        assert_int_equal(world_tcb(w, T)->slot[TCB_CSPACE].cap.data, i == 0 ? 0 : 0x44);
    }
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_SPACE, WORLD_WORDS(0, 0), WORLD_CAPS(EP, NODE)),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_CONFIGURE, WORLD_WORDS(0, 0, 0x10010),
                                  WORLD_CAPS(NODE, SEL4_SLOT_VSPACE, T + 2)),
                     SEL4_ERROR_ALIGNMENT_ERROR);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_CONFIGURE, WORLD_WORDS(0, 0, 0x10000),
                                  WORLD_CAPS(NODE, SEL4_SLOT_VSPACE, EP)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_CONFIGURE, WORLD_WORDS(0, 0, 0),
                                  WORLD_CAPS(NODE, SEL4_SLOT_VSPACE, 0)),
                     0);
    assert_int_equal(world_tcb(w, T)->slot[TCB_BUFFER].cap.kind, SEL4_CAP_TAG_NULL);
}

static void a_revoked_buffer_is_no_buffer(void **state)
{
    struct world *w = *state;
    assert_non_null(world_tcb(w, T));
    assert_int_equal(world_revoke(w, T + 2), 0);
    world_resume(w, T);
    world_syscall(
        w, SEL4_SYSCALL_CALL,
        (struct world_call){.rdi = w->untyped,
                            .rsi = sel4_message_info(
                                w->kernel.abi.label[SEL4_INVOCATION_UNTYPED_RETYPE], 0, 1, 6)});
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RSI] >> 12, SEL4_ERROR_TRUNCATED_MESSAGE);
}

static void notifications_bind_once(void **state)
{
    struct world *w = *state;
    assert_int_equal(WORLD_PLAIN(w, T, TCB_UNBIND_NOTIFICATION), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_BIND_NOTIFICATION, WORLD_CAPS(EP)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(world_copy(w, A, NTFN, SEL4_RIGHT_WRITE), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_BIND_NOTIFICATION, WORLD_CAPS(A)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_BIND_NOTIFICATION, WORLD_CAPS(NTFN)), 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, WORLD_CAPS(NTFN)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, B, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_BIND_NOTIFICATION, WORLD_CAPS(B)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(WORLD_PLAIN(w, T, TCB_UNBIND_NOTIFICATION), 0);
    world_resume(w, T);
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = B});
    assert_true(world_runs_root(w));
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, WORLD_CAPS(B)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
}

static void resume_repeats_what_was_interrupted(void **state)
{
    struct world *w = *state;
    world_resume(w, T);
    w->registers.word[REG_RIP] = WORLD_ENTRY;
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = EP, .r12 = REPLY});
    assert_true(world_runs_root(w));
    assert_int_equal(WORLD_PLAIN(w, T, TCB_SUSPEND), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_READ_REGISTERS, WORLD_WORDS(0, 20)), 0);
    assert_int_equal(world_word(w, REG_RIP), WORLD_ENTRY);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], WORLD_ENTRY);
    assert_int_equal(w->registers.word[REG_RDI], EP);
    // A thread that suspends itself repeats the call too.
    uint64_t label = w->kernel.abi.label[SEL4_INVOCATION_TCB_SUSPEND];
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){.rdi = T, .rsi = sel4_message_info(label, 0, 0, 0)});
    assert_true(world_runs_root(w));
    world_resume(w, T);
    assert_true(world_runs(w, T));
    assert_int_equal(w->registers.word[REG_RIP], WORLD_ENTRY);
}

static void flags_are_masked(void **state)
{
    struct world *w = *state;
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_FLAGS, WORLD_WORDS(0, 0xff)), 0);
    assert_int_equal(world_word(w, 0), 1);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_FLAGS, WORLD_WORDS(1, 0)), 0);
    assert_int_equal(world_word(w, 0), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_FLAGS, WORLD_WORDS(1)),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
}

static void breakpoints_are_kept(void **state)
{
    struct world *w = world_new("2.3.0-debug");
    (void)state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_TCB, 0, T, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_BREAKPOINT, WORLD_WORDS(4, 0, 0, 1, 0)),
                     SEL4_ERROR_RANGE_ERROR);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_BREAKPOINT, WORLD_WORDS(1, 0, 0, 8, 0)),
                     SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(world_word(w, 0), 3);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_BREAKPOINT, WORLD_WORDS(1, 0x1000, 0, 4, 1)), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_GET_BREAKPOINT, WORLD_WORDS(1)), 0);
    static const uint64_t set[] = {0x1000, 0, 4, 1, 1};
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(world_word(w, i), set[i]);
    }
    assert_int_equal(WORLD_INVOKE(w, T, TCB_UNSET_BREAKPOINT, WORLD_WORDS(1)), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_GET_BREAKPOINT, WORLD_WORDS(1)), 0);
    assert_int_equal(world_word(w, 4), 0);
    world_free(w);
}

static void steps_are_counted(void **state)
{
    struct world *w = world_new("2.3.0-debug");
    enum { FLAG_TRAP = 0x100, STEPS = 3 };
    const struct machine_event step = {.kind = MACHINE_EXCEPTION, .vector = 1};
    (void)state;
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_CONFIGURE_SINGLE_STEPPING, WORLD_WORDS(0, STEPS)), 0);
    for (unsigned i = 0; i < STEPS; i++) {
        assert_true(world_runs_root(w));
        assert_int_equal(w->registers.word[REG_RFLAGS] & FLAG_TRAP, FLAG_TRAP);
        world_trap(w, step);
    }
    const struct tcb *root = w->kernel.root_thread;
    assert_int_equal(root->state, THREAD_INACTIVE); // nobody handles the fault
    assert_int_equal(root->fault.kind, SEL4_FAULT_DEBUG_EXCEPTION);
    assert_int_equal(root->registers.word[REG_RFLAGS] & FLAG_TRAP, 0);
    world_free(w);
}

static void an_instruction_breakpoint_stops_before_it(void **state)
{
    struct world *w = world_new("2.3.0-debug");
    enum { ADDRESS = 0x400200, INSTRUCTION = 1 };
    const struct machine_event step = {.kind = MACHINE_EXCEPTION, .vector = 1};
    (void)state;
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_SET_BREAKPOINT,
                                  WORLD_WORDS(2, ADDRESS, INSTRUCTION, 0, 0)),
                     0);
    world_trap(w, step);
    assert_true(world_runs_root(w));
    w->registers.word[REG_RIP] = ADDRESS;
    world_trap(w, step);
    const struct tcb *root = w->kernel.root_thread;
    assert_int_equal(root->state, THREAD_INACTIVE);
    assert_int_equal(root->fault.word, SEL4_DEBUG_REASON_INSTRUCTION);
    assert_int_equal(root->fault.code, 2);
    world_free(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_tcb_has_nothing),
        TEST(registers_are_read_and_made_safe),
        TEST(registers_are_copied_in_parts),
        TEST(priorities_stay_below_the_authority),
        TEST(sched_params_check_the_context),
        TEST(spaces_are_checked),
        TEST(a_revoked_buffer_is_no_buffer),
        TEST(notifications_bind_once),
        TEST(resume_repeats_what_was_interrupted),
        TEST(flags_are_masked),
        cmocka_unit_test(breakpoints_are_kept),
        cmocka_unit_test(steps_are_counted),
        cmocka_unit_test(an_instruction_breakpoint_stops_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
