// SPDX-License-Identifier: BSD-2-Clause
// Who hears of a refused system call: the caller, the fault handler or nobody (fact sheet,
// section 10). Thread T, whose faults go to root, makes the calls.

#include "kernel_world.h"

enum {
    EP = WORLD_FREE,
    NTFN,
    REPLY,
    HANDLER,
    HANDLER_REPLY,
    READ_ONLY,
    WRITE_ONLY,
    NTFN_WRITE,
    OTHERS_NTFN,
    PORT,
    EMPTY,
    T = 1100,
    U = 1110
};

#define UNREACHABLE UINT64_C(0xff00000000000000)

static int start(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, REPLY, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, HANDLER, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_REPLY, 0, HANDLER_REPLY, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, OTHERS_NTFN, 1), 0);
    assert_int_equal(world_copy(w, READ_ONLY, EP, SEL4_RIGHT_READ), 0);
    assert_int_equal(world_copy(w, WRITE_ONLY, EP, SEL4_RIGHT_WRITE), 0);
    assert_int_equal(world_copy(w, NTFN_WRITE, NTFN, SEL4_RIGHT_WRITE), 0);
    world_thread(w, T, 150, false);
    world_thread(w, U, 140, true);
    assert_int_equal(WORLD_INVOKE(w, U, TCB_BIND_NOTIFICATION, WORLD_CAPS(OTHERS_NTFN)), 0);
    assert_int_equal(WORLD_INVOKE(w, T, TCB_SET_SCHED_PARAMS, WORLD_WORDS(255, 150),
                                  WORLD_CAPS(SEL4_SLOT_TCB, T + 1, HANDLER)),
                     0);
    world_resume(w, T);
    assert_true(world_runs(w, T));
    return 0;
}

// Root takes the fault that T has made by now.
static void take_fault(struct world *w)
{
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_RECV, (struct world_call){.rdi = HANDLER, .r12 = HANDLER_REPLY});
    assert_true(world_runs_root(w));
    assert_int_equal(sel4_message_label(w->registers.word[REG_RSI]), SEL4_FAULT_CAP);
}

static void expect_fault(struct world *w, uint64_t cptr, bool in_receive,
                         enum sel4_lookup_failure type)
{
    take_fault(w);
    assert_int_equal(world_word(w, SEL4_CAP_FAULT_IP), world_tcb(w, T)->restart_ip);
    assert_int_equal(world_word(w, SEL4_CAP_FAULT_CPTR), cptr);
    assert_int_equal(world_word(w, SEL4_CAP_FAULT_IN_RECEIVE), in_receive);
    assert_int_equal(world_word(w, SEL4_CAP_FAULT_LOOKUP_TYPE), type);
    assert_int_equal(world_length(w), type == SEL4_LOOKUP_GUARD_MISMATCH       ? 7
                                      : type == SEL4_LOOKUP_MISSING_CAPABILITY ? 5
                                                                               : 4);
    // Stop T for good, so that its call is not made again, then start it behind the call.
    assert_int_equal(WORLD_PLAIN(w, T, TCB_SUSPEND), 0);
    world_syscall(
        w, SEL4_SYSCALL_CALL,
        (struct world_call){.rdi = T,
                            .rsi = sel4_message_info(
                                w->kernel.abi.label[SEL4_INVOCATION_TCB_WRITE_REGISTERS], 0, 0, 3),
                            .mr = {1, 1, WORLD_ENTRY}});
    assert_true(world_runs(w, T));
}

struct row {
    uint64_t cptr;
    uint64_t label;
    unsigned caps; // EMPTY or UNREACHABLE as extra cap, see `extra`
    uint64_t extra;
    bool fault; // of the waiting forms; the non-waiting one is silent then
    uint64_t fault_cptr;
    enum sel4_error error; // of Call; silent otherwise
};

static const struct row sends[] = {
    {UNREACHABLE, 0, 0, 0, true, UNREACHABLE, 0},
    {EMPTY, 0, 0, 0, false, 0, SEL4_ERROR_INVALID_CAPABILITY},
    {0, 0, 0, 0, false, 0, SEL4_ERROR_INVALID_CAPABILITY},
    {SEL4_SLOT_CNODE, 0, 0, 0, false, 0, SEL4_ERROR_ILLEGAL_OPERATION},
    {SEL4_SLOT_DOMAIN, 1, 0, 0, false, 0, SEL4_ERROR_ILLEGAL_OPERATION},
    {SEL4_SLOT_VSPACE, 12, 0, 0, false, 0, SEL4_ERROR_ILLEGAL_OPERATION},
    {READ_ONLY, 0, 0, 0, false, 0, SEL4_ERROR_INVALID_CAPABILITY},
    {EMPTY, 0, 1, UNREACHABLE, true, UNREACHABLE, 0},
    {NTFN, 0, 1, UNREACHABLE, true, UNREACHABLE, 0},
    {REPLY, 0, 0, 0, false, 0, SEL4_ERROR_NONE},
};

static void the_send_side(void **state)
{
    struct world *w = *state;
    static const int64_t calls[] = {SEL4_SYSCALL_CALL, SEL4_SYSCALL_SEND, SEL4_SYSCALL_NB_SEND};
    for (unsigned i = 0; i < 3 * sizeof(sends) / sizeof(sends[0]); i++) {
        const struct row *row = &sends[i / 3];
        int64_t call = calls[i % 3];
        uint64_t info = sel4_message_info(row->label, 0, row->caps, 0);
        world_buffer(w)->caps_or_badges[0] = row->extra;
        world_syscall(w, call, (struct world_call){.rdi = row->cptr, .rsi = info});
        if (row->fault && call != SEL4_SYSCALL_NB_SEND) {
            assert_true(w->trace.fault);
            expect_fault(w, row->fault_cptr, false, SEL4_LOOKUP_GUARD_MISMATCH);
            continue;
        }
        assert_true(world_runs(w, T));
        assert_int_equal(w->trace.error, row->error);
        bool told = call == SEL4_SYSCALL_CALL;
        assert_int_equal(w->registers.word[REG_RDI], told ? 0 : row->cptr);
        assert_int_equal(w->registers.word[REG_RSI] >> 12, told ? row->error : row->label);
    }
    // The signal that had an unreachable extra cap was not sent.
    world_syscall(w, SEL4_SYSCALL_NB_WAIT, (struct world_call){.rdi = NTFN});
    assert_int_equal(w->registers.word[REG_RDI], 0);
}

static void the_receive_side(void **state)
{
    struct world *w = *state;
    static const struct {
        uint64_t cptr, reply;
        bool wait_too; // also a fault of the forms without reply object
        uint64_t named;
        enum sel4_lookup_failure type;
    } rows[] = {
        {UNREACHABLE, REPLY, true, UNREACHABLE, SEL4_LOOKUP_GUARD_MISMATCH},
        {EMPTY, REPLY, true, EMPTY, SEL4_LOOKUP_MISSING_CAPABILITY},
        {SEL4_SLOT_TCB, REPLY, true, SEL4_SLOT_TCB, SEL4_LOOKUP_MISSING_CAPABILITY},
        {WRITE_ONLY, REPLY, true, WRITE_ONLY, SEL4_LOOKUP_MISSING_CAPABILITY},
        {NTFN_WRITE, REPLY, true, NTFN_WRITE, SEL4_LOOKUP_MISSING_CAPABILITY},
        {OTHERS_NTFN, REPLY, true, OTHERS_NTFN, SEL4_LOOKUP_MISSING_CAPABILITY},
        {EP, UNREACHABLE, false, UNREACHABLE, SEL4_LOOKUP_GUARD_MISMATCH},
        {EP, EMPTY, false, EMPTY, SEL4_LOOKUP_MISSING_CAPABILITY},
        {EP, NTFN, false, NTFN, SEL4_LOOKUP_MISSING_CAPABILITY},
        {WRITE_ONLY, EMPTY, true, WRITE_ONLY, SEL4_LOOKUP_MISSING_CAPABILITY},
    };
    static const struct {
        int64_t number;
        bool reply;
        bool blocks;
    } calls[] = {{SEL4_SYSCALL_RECV, true, true},         {SEL4_SYSCALL_NB_RECV, true, false},
                 {SEL4_SYSCALL_REPLY_RECV, true, true},   {SEL4_SYSCALL_NB_SEND_RECV, true, true},
                 {SEL4_SYSCALL_NB_WAIT, false, false},    {SEL4_SYSCALL_WAIT, false, true},
                 {SEL4_SYSCALL_NB_SEND_WAIT, false, true}};
    for (unsigned i = 0; i < 7 * sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned r = i / 7;
        unsigned c = i % 7;
        bool faults = calls[c].reply || rows[r].wait_too;
        if (!faults && calls[c].blocks) {
            continue;
        }
        world_syscall(w, calls[c].number,
                      (struct world_call){.rdi = rows[r].cptr, .r12 = rows[r].reply, .r13 = EMPTY});
        if (faults) {
            expect_fault(w, rows[r].named, true, rows[r].type);
        } else {
            assert_true(world_runs(w, T));
            assert_int_equal(w->registers.word[REG_RDI], 0);
        }
    }
}

static void a_notification_ignores_the_reply_register(void **state)
{
    struct world *w = *state;
    world_syscall(w, SEL4_SYSCALL_NB_RECV, (struct world_call){.rdi = NTFN, .r12 = UNREACHABLE});
    assert_true(world_runs(w, T));
}

static void the_first_half_is_silent(void **state)
{
    struct world *w = *state;
    static const uint64_t silent[] = {SEL4_SLOT_TCB, SEL4_SLOT_CNODE,      SEL4_SLOT_DOMAIN,
                                      T + 1,         SEL4_SLOT_FIRST_FREE, EMPTY,
                                      UNREACHABLE};
    for (unsigned i = 0; i < 7; i++) {
        world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = NTFN});
        uint64_t label = w->kernel.abi.label[SEL4_INVOCATION_TCB_SUSPEND];
        world_syscall(w, SEL4_SYSCALL_NB_SEND_RECV,
                      (struct world_call){
                          .rdi = NTFN, .rsi = sel4_message_info(label, 0, 0, 0), .r13 = silent[i]});
        assert_true(world_runs(w, T));
    }
    // ReplyRecv on something that is no reply cap uses it, then faults on it.
    world_syscall(w, SEL4_SYSCALL_REPLY_RECV, (struct world_call){.rdi = EP, .r12 = NTFN});
    expect_fault(w, NTFN, true, SEL4_LOOKUP_MISSING_CAPABILITY);
    world_syscall(w, SEL4_SYSCALL_NB_WAIT, (struct world_call){.rdi = NTFN, .rsi = 1});
    assert_int_equal(w->registers.word[REG_RSI], 1);
}

static void old_kernels_hide_the_lookup(void **state)
{
    struct world *w = *state;
    w->kernel.config.version = 15;
    world_syscall(w, SEL4_SYSCALL_WAIT, (struct world_call){.rdi = EMPTY});
    expect_fault(w, EMPTY, true, SEL4_LOOKUP_INVALID_ROOT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_send_side),
        TEST(the_receive_side),
        TEST(a_notification_ignores_the_reply_register),
        TEST(the_first_half_is_silent),
        TEST(old_kernels_hide_the_lookup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
