// SPDX-License-Identifier: BSD-2-Clause
// Faults: what each kind tells its handler, what a reply does to the faulter, and handlers that are
// not there.
#include "harness.h"

enum { DEPTH = 64, UNMAPPED = 0x10000000 };

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t reply;
static struct thread thread;

// Small programs that fault at a known instruction (x86_64/faults.S).
extern const char fault_read[], fault_write[], fault_jump[], fault_divide[], fault_undefined[],
    fault_privileged[], fault_port[], fault_noncanonical[], fault_syscall[], fault_sse[],
    fault_after[];

static void start_at(const char *code, uint64_t argument)
{
    thread_start(&thread, (void (*)(void *))(uintptr_t)code, (void *)(uintptr_t)argument);
}

// Starts the code and prints the fault with addresses relative to it.
static void observe_fault(const char *name, const char *code, uint64_t argument)
{
    start_at(code, argument);
    struct answer fault = do_nb_recv(thread.fault_endpoint, reply);
    line(name);
    print(" label ");
    print_word(fault.label);
    print(" badge ");
    print_word(fault.badge);
    if (fault.label == SEL4_FAULT_USER_EXCEPTION) {
        fault.mr[1] -= (uint64_t)thread.stack_top;
    }
    if (fault.label == SEL4_FAULT_UNKNOWN_SYSCALL) {
        uint64_t words[] = {fault.length, fault.mr[SEL4_UNKNOWN_SYSCALL_IP] - (uint64_t)code,
                            fault.mr[SEL4_UNKNOWN_SYSCALL_NUMBER],
                            fault.mr[SEL4_UNKNOWN_SYSCALL_RAX]};
        words_end(words, 4);
    } else {
        fault.mr[0] -= (uint64_t)code;
        words_end(fault.mr, fault.length);
    }
}

static void kinds(void)
{
    heading("kinds of faults");
    observe_fault("read unmapped", fault_read, UNMAPPED);
    observe_fault("read null", fault_read, 0);
    observe_fault("read above the user's addresses", fault_read, 0xffffffff80000000ULL);
    observe_fault("write unmapped", fault_write, UNMAPPED + 0xff8);
    observe_fault("write null", fault_write, 0);
    observe_fault("write above the user's addresses", fault_write, 0xffffffff80000000ULL);
    start_at(fault_jump, UNMAPPED);
    struct answer jump = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("jump to unmapped",
                  (uint64_t[]){jump.label, jump.mr[0], jump.mr[1], jump.mr[2], jump.mr[3]}, 5);
    observe_fault("read a non-canonical address", fault_noncanonical, 0x900000000000ULL);
    observe_fault("divide by zero", fault_divide, 0);
    observe_fault("undefined instruction", fault_undefined, 0);
    observe_fault("privileged instruction", fault_privileged, 0);
    observe_fault("port instruction", fault_port, 0);
    observe_fault("unknown system call", fault_syscall, 0x123);
    observe_fault("unknown system call of all ones but one", fault_syscall, ~0xffULL);
}

static void replies(void)
{
    heading("replies");
    observe_fault("undefined, to be skipped", fault_undefined, 0);
    struct trap t = {.rdx = (uint64_t)SEL4_SYSCALL_SEND,
                     .rdi = reply,
                     .rsi = sel4_message_info(0, 0, 0, 1),
                     .r10 = (uint64_t)fault_after};
    trap_enter(&t);
    struct answer next = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("  it went on: label and number", (uint64_t[]){next.label, buffer->message[18]},
                  2);

    observe_fault("undefined, refused", fault_undefined, 0);
    do_send(reply, sel4_message_info(1, 0, 0, 0), 0);
    next = do_nb_recv(thread.fault_endpoint, reply);
    observe_word("  it stopped: badge", next.badge);
    observe("  resume", CALL(thread.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    next = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("  it faults again", (uint64_t[]){next.badge, next.label, next.mr[3]}, 3);

    observe_fault("undefined, retried by an empty reply", fault_undefined, 0);
    do_send(reply, sel4_message_info(0, 0, 0, 0), 0);
    next = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("  it faults again", (uint64_t[]){next.badge, next.label, next.mr[3]}, 3);

    observe_fault("read, with label 1", fault_read, UNMAPPED);
    do_send(reply, sel4_message_info(1, 0, 0, 0), 0);
    next = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("  the label is ignored", (uint64_t[]){next.badge, next.label}, 2);

    observe_fault("unknown system call, empty reply", fault_syscall, 0x77);
    do_send(reply, sel4_message_info(0, 0, 0, 0), 0);
    next = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("  it repeats", (uint64_t[]){next.badge, next.label, buffer->message[18]}, 3);

    observe_fault("unknown system call, answered", fault_syscall, 0x78);
    for (unsigned i = 4; i < 18; i++) {
        buffer->message[i] = 0x5000 + i;
    }
    buffer->message[15] = (uint64_t)fault_after;
    buffer->message[16] = (uint64_t)thread.stack_top - 64;
    buffer->message[17] = 0x202;
    struct trap full = {.rdx = (uint64_t)SEL4_SYSCALL_SEND,
                        .rdi = reply,
                        .rsi = sel4_message_info(0, 0, 0, 18),
                        .r10 = 0xaa,
                        .r8 = 0xbb,
                        .r9 = 0xcc,
                        .r15 = 0xdd};
    trap_enter(&full);
    next = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("  it went on with rax rbx rsi r14",
                  (uint64_t[]){next.mr[0], next.mr[1], buffer->message[4], buffer->message[13]}, 4);
    thread_stop(&thread);
}

static void registers(void)
{
    heading("registers of a faulter");
    observe_fault("read", fault_read, UNMAPPED);
    struct answer regs = CALL(thread.tcb, TCB_READ_REGISTERS, MRS(0, 20), NO_CAPS);
    observe_words("rip relative, rdi", (uint64_t[]){regs.mr[0] - (uint64_t)fault_read, regs.mr[8]},
                  2);
    observe("write a non-canonical rip",
            CALL(thread.tcb, TCB_WRITE_REGISTERS, MRS(0, 1, 0x900000000000ULL), NO_CAPS));
    regs = CALL(thread.tcb, TCB_READ_REGISTERS, MRS(0, 1), NO_CAPS);
    observe_words("  reads back", regs.mr, 1);
    observe("write strange flags",
            CALL(thread.tcb, TCB_WRITE_REGISTERS, MRS(0, 3, 0x1000, 0x2000, ~0ULL), NO_CAPS));
    regs = CALL(thread.tcb, TCB_READ_REGISTERS, MRS(0, 3), NO_CAPS);
    observe_words("  reads back", regs.mr, 3);
    observe("write a non-canonical fs_base",
            CALL(thread.tcb, TCB_WRITE_REGISTERS,
                 MRS(0, 20, 0x1000, 0x2000, 0x202, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                     17, 0x900000000000ULL, 0x1234000),
                 NO_CAPS));
    regs = CALL(thread.tcb, TCB_READ_REGISTERS, MRS(0, 20), NO_CAPS);
    observe("  reads back", regs);
    thread_stop(&thread);
}

static void no_handler(void)
{
    heading("no handler");
    observe("clear the fault endpoint",
            CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    start_at(fault_read, UNMAPPED);
    observe_word("nothing is delivered: badge", do_nb_recv(thread.fault_endpoint, reply).badge);
    uint64_t handler = mint_of(thread.fault_endpoint, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT, 0x99);
    observe("set one", CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0),
                            CAPS(handler, SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    observe("resume", CALL(thread.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    struct answer fault = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("it faults to it: badge, label", (uint64_t[]){fault.badge, fault.label}, 2);
    observe("a handler without write", CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0),
                                            CAPS(copy_of(thread.fault_endpoint, SEL4_RIGHT_READ),
                                                 SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    observe("a handler with write only", CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0),
                                              CAPS(copy_of(thread.fault_endpoint, SEL4_RIGHT_WRITE),
                                                   SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    observe("a handler that is a notification",
            CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0),
                 CAPS(make(SEL4_OBJECT_NOTIFICATION, 0), SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    observe("timeout endpoint: write only",
            CALL(thread.tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS,
                 CAPS(copy_of(thread.fault_endpoint, SEL4_RIGHT_WRITE))));
    observe("timeout endpoint: none given",
            CALL(thread.tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, NO_CAPS));
    observe("timeout endpoint: null", CALL(thread.tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, CAPS(0)));
    observe("timeout endpoint", CALL(thread.tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, CAPS(handler)));
    observe("sched params: fault endpoint write only",
            CALL(thread.tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1),
                 CAPS(SEL4_SLOT_TCB, thread.sched_context,
                      copy_of(thread.fault_endpoint, SEL4_RIGHT_WRITE))));
    thread_stop(&thread);

    heading("handlers that go away");
    uint64_t own = make(SEL4_OBJECT_ENDPOINT, 0);
    observe("set", CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0),
                        CAPS(own, SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    start_at(fault_read, UNMAPPED);
    observe("delete the handler's endpoint", CALL(root, CNODE_REVOKE, MRS(own, DEPTH), NO_CAPS));
    delete_slot(own);
    observe("set another", CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0),
                                CAPS(handler, SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE)));
    observe_word("the faulter did not restart: badge",
                 do_nb_recv(thread.fault_endpoint, reply).badge);
    observe("resume", CALL(thread.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    observe_word("it faults again: badge", do_nb_recv(thread.fault_endpoint, reply).badge);
    start_at(fault_read, UNMAPPED);
    struct answer waited = do_wait(thread.fault_endpoint);
    observe_words("received without a reply object: badge, label",
                  (uint64_t[]){waited.badge, waited.label}, 2);
    observe("  resume", CALL(thread.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    observe_word("  it faults again: badge", do_nb_recv(thread.fault_endpoint, reply).badge);
}

static void flags(void)
{
    heading("FPU flag");
    observe("set flag 0", CALL(thread.tcb, TCB_SET_FLAGS, MRS(0, 1), NO_CAPS));
    observe_fault("SSE with the FPU disabled", fault_sse, 0);
    observe("set unknown flags", CALL(thread.tcb, TCB_SET_FLAGS, MRS(0, ~1ULL), NO_CAPS));
    observe("clear and set", CALL(thread.tcb, TCB_SET_FLAGS, MRS(1, 1), NO_CAPS));
    observe("clear", CALL(thread.tcb, TCB_SET_FLAGS, MRS(1, 0), NO_CAPS));
    observe("one word", CALL(thread.tcb, TCB_SET_FLAGS, MRS(0), NO_CAPS));
    start_at(fault_sse, 0);
    struct answer fault = do_nb_recv(thread.fault_endpoint, reply);
    observe_words("SSE with the FPU enabled: label, number",
                  (uint64_t[]){fault.label, buffer->message[18]}, 2);
    thread_stop(&thread);
}

void conformance_main(void)
{
    reply = make(SEL4_OBJECT_REPLY, 0);
    thread = thread_make();
    kinds();
    replies();
    registers();
    no_handler();
    flags();
}
