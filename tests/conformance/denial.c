// SPDX-License-Identifier: BSD-2-Clause
// What a program sees when it uses what it may not: an error, a cap fault or silence (fact sheet
// section 10). Each attempt runs in a thread of its own whose faults the main thread receives.
#include "harness.h"

static uint64_t reply_slot;
static struct thread thread;

struct attempt {
    struct trap trap;
    volatile bool done;
};

static struct attempt attempt;

static void attempt_run(void *argument)
{
    struct attempt *a = argument;
    trap_enter(&a->trap);
    a->done = true;
    thread_park();
}

static void observe_answer(const char *name, int64_t number)
{
    bool answered = number == SEL4_SYSCALL_CALL;
    if (!answered) {
        line(name);
        print(" no fault\n");
        return;
    }
    struct answer answer = {.label = sel4_message_label(attempt.trap.rsi),
                            .length = sel4_message_length(attempt.trap.rsi)};
    answer.mr[0] = attempt.trap.r10;
    answer.mr[1] = attempt.trap.r8;
    answer.mr[2] = attempt.trap.r9;
    answer.mr[3] = attempt.trap.r15;
    observe(name, answer);
}

extern const char trap_instruction[];

// The fault's words without those that hold addresses of this program.
static void observe_fault(const char *name, struct answer *fault)
{
    line(name);
    if (fault->label == SEL4_FAULT_UNKNOWN_SYSCALL) {
        print(" unknown system call");
        uint64_t at = fault->mr[SEL4_UNKNOWN_SYSCALL_IP] - (uint64_t)trap_instruction;
        words_end((uint64_t[]){fault->mr[SEL4_UNKNOWN_SYSCALL_NUMBER],
                               fault->mr[SEL4_UNKNOWN_SYSCALL_RDX], at},
                  3);
        return;
    }
    fault->mr[0] -= (uint64_t)trap_instruction;
    print(" fault ");
    print_word(fault->label);
    words_end(fault->mr, fault->length);
}

// Runs one system call in the thread and says how it ended.
static void try(const char *name, int64_t number, uint64_t rdi, uint64_t info, uint64_t r12)
{
    attempt = (struct attempt){
        .trap = {
            .rdx = (uint64_t)number, .rdi = rdi, .rsi = info, .r12 = r12, .r13 = reply_slot + 1}};
    thread_start(&thread, attempt_run, &attempt);
    if (attempt.done) {
        struct answer parked;
        thread_fault(&thread, reply_slot, &parked); // the parking fault, not ours
        observe_answer(name, number);
    } else {
        struct answer fault = do_nb_recv(thread.fault_endpoint, reply_slot);
        if (fault.badge == 0) {
            line(name);
            print(" blocked\n");
        } else {
            observe_fault(name, &fault);
        }
    }
    thread_stop(&thread);
}

static uint64_t endpoint, notification, send_only, receive_only, signal_only, wait_only, empty;

static void send_side(const char *title, int64_t number)
{
    heading(title);
    uint64_t one = sel4_message_info(1, 0, 0, 0);
    try("outside the guard", number, 1ULL << 40, one, 0);
    try("slot 0", number, 0, one, 0);
    try("an empty slot", number, empty, one, 0);
    try("a TCB with a wrong label", number, thread.tcb, sel4_message_info(0x3ff, 0, 0, 0), 0);
    try("an untyped with label 0", number, boot->untyped.end - 1, sel4_message_info(0, 0, 0, 0), 0);
    try("an endpoint without write", number, receive_only, one, 0);
    try("a notification without write", number, wait_only, one, 0);
    try("a notification", number, signal_only, one, 0);
    try("a frame with a wrong label", number, SEL4_SLOT_BOOT_INFO_FRAME, one, 0);
    try("SchedControl with a wrong label", number, boot->sched_control.start, one, 0);
    try("the domain cap with a wrong label", number, SEL4_SLOT_DOMAIN, one, 0);
    try("IRQ control with a wrong label", number, SEL4_SLOT_IRQ_CONTROL, one, 0);
    try("I/O port control with a wrong label", number, SEL4_SLOT_IO_PORT_CONTROL, one, 0);
    try("an unbound reply cap", number, reply_slot + 1, one, 0);
}

static void extra_caps(const char *title, int64_t number)
{
    heading(title);
    thread.buffer->caps_or_badges[0] = 1ULL << 40;
    thread.buffer->caps_or_badges[1] = empty;
    uint64_t one_cap = sel4_message_info(1, 0, 1, 0);
    uint64_t two_caps = sel4_message_info(1, 0, 2, 0);
    try("bad extra cap, good endpoint", number, endpoint, one_cap, 0);
    try("bad extra cap, null main", number, empty, one_cap, 0);
    try("bad extra cap, CNode", number, SEL4_SLOT_CNODE, one_cap, 0);
    thread.buffer->caps_or_badges[0] = empty;
    thread.buffer->caps_or_badges[1] = 1ULL << 40;
    try("null extra cap, then a bad one", number, SEL4_SLOT_CNODE, two_caps, 0);
    try("null extra cap to a CNode", number, SEL4_SLOT_CNODE, one_cap, 0);
}

static void receive_side(const char *title, int64_t number, bool uses_reply)
{
    heading(title);
    uint64_t good = reply_slot + 1;
    try("outside the guard", number, 1ULL << 40, 0, good);
    try("slot 0", number, 0, 0, good);
    try("an empty slot", number, empty, 0, good);
    try("a TCB", number, thread.tcb, 0, good);
    try("the CNode", number, SEL4_SLOT_CNODE, 0, good);
    try("a frame", number, SEL4_SLOT_BOOT_INFO_FRAME, 0, good);
    try("an endpoint without read", number, send_only, 0, good);
    try("a notification without read", number, signal_only, 0, good);
    if (!uses_reply) {
        return;
    }
    try("reply outside the guard", number, endpoint, 0, 1ULL << 40);
    try("reply null", number, endpoint, 0, empty);
    try("reply is an endpoint", number, endpoint, 0, endpoint);
    try("both bad", number, empty, 0, empty);
    try("reply bad, receive on a notification", number, notification, 0, 1ULL << 40);
}

static void unknown_syscalls(void)
{
    heading("system-call numbers");
    try("0", 0, endpoint, 0, 0);
    try("1", 1, endpoint, 0, 0);
    try("-12 after 32-bit truncation", 0xffffffff, endpoint, 0, 0);
    try("-100", -100, endpoint, 0, 0);
    try("Linux write", 1, 1, (uint64_t) "breach\n", 0);
    try("Linux exit_group", 231, 0, 0, 0);
    try("Yield", SEL4_SYSCALL_YIELD, 0, 0, 0);
}

void conformance_main(void)
{
    reply_slot = make(SEL4_OBJECT_REPLY, 0);
    make(SEL4_OBJECT_REPLY, 0); // reply_slot + 1: never bound
    thread = thread_make();
    endpoint = make(SEL4_OBJECT_ENDPOINT, 0);
    notification = make(SEL4_OBJECT_NOTIFICATION, 0);
    send_only = copy_of(endpoint, SEL4_RIGHT_WRITE);
    receive_only = copy_of(endpoint, SEL4_RIGHT_READ);
    signal_only = copy_of(notification, SEL4_RIGHT_WRITE);
    wait_only = copy_of(notification, SEL4_RIGHT_READ);
    empty = slot_new();
    send_side("Call", SEL4_SYSCALL_CALL);
    send_side("Send", SEL4_SYSCALL_SEND);
    send_side("NBSend", SEL4_SYSCALL_NB_SEND);
    extra_caps("Call with extra caps", SEL4_SYSCALL_CALL);
    extra_caps("Send with extra caps", SEL4_SYSCALL_SEND);
    extra_caps("NBSend with extra caps", SEL4_SYSCALL_NB_SEND);
    receive_side("Recv", SEL4_SYSCALL_RECV, true);
    receive_side("NBRecv", SEL4_SYSCALL_NB_RECV, true);
    receive_side("Wait", SEL4_SYSCALL_WAIT, false);
    receive_side("NBWait", SEL4_SYSCALL_NB_WAIT, false);
    receive_side("ReplyRecv", SEL4_SYSCALL_REPLY_RECV, true);
    receive_side("NBSendRecv", SEL4_SYSCALL_NB_SEND_RECV, true);
    receive_side("NBSendWait", SEL4_SYSCALL_NB_SEND_WAIT, false);
    unknown_syscalls();
}
