// SPDX-License-Identifier: BSD-2-Clause

// Faults as messages (seL4 manual, 6.2). The thread waits for the answer as a caller does; but for
// VM and capability faults, which always go on, the answer may set registers and says by its label
// whether the thread goes on. Without a handler that can be reached and can answer, it stops.

#include "internal.h"

// Registers in the order of the UnknownSyscall message.
static const uint8_t syscall_order[SEL4_UNKNOWN_SYSCALL_NUMBER] = {
    REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP, REG_R8,  REG_R9,
    REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP, REG_RSP, REG_RFLAGS,
};

static const uint8_t exception_order[] = {REG_RIP, REG_RSP, REG_RFLAGS};

enum { TIMEOUT_REPLY_WORDS = REG_FS_BASE + 1 };

bool fault_has_timeout_handler(const struct tcb *tcb)
{
    return cap_is(&tcb->slot[TCB_TIMEOUT_HANDLER].cap, SEL4_CAP_TAG_ENDPOINT);
}

// No handler that can answer: the thread stops. A debug kernel of seL4 prints; this one reports
// through the trace.
static void send_to(struct kernel *k, struct tcb *tcb, const struct cap *handler, bool donate)
{
    if (!cap_takes_faults(handler)) {
        tcb_set_state(k, tcb, THREAD_INACTIVE);
        return;
    }
    endpoint_send(k, tcb, cap_object(k, handler),
                  (struct send){.blocking = true,
                                .grant = cap_allows(handler, SEL4_RIGHT_GRANT),
                                .grant_reply = cap_allows(handler, SEL4_RIGHT_GRANT_REPLY),
                                .donate = donate,
                                .badge = handler->data});
}

void fault_raise(struct kernel *k, struct tcb *tcb, struct fault fault)
{
    tcb->fault = fault;
    send_to(k, tcb, &tcb->slot[TCB_FAULT_HANDLER].cap, true);
}

// The handler of timeouts runs on its own time: the thread has none to lend.
void fault_raise_timeout(struct kernel *k, struct tcb *tcb)
{
    tcb->fault = (struct fault){.kind = SEL4_FAULT_TIMEOUT, .word = tcb->sc->badge};
    send_to(k, tcb, &tcb->slot[TCB_TIMEOUT_HANDLER].cap, false);
}

static unsigned lookup_words(const struct lookup_failure *failure, uint64_t *word)
{
    word[0] = (uint64_t)failure->kind;
    word[1] = failure->bits_left;
    switch (failure->kind) {
    case SEL4_LOOKUP_MISSING_CAPABILITY:
        return 2;
    case SEL4_LOOKUP_DEPTH_MISMATCH:
        word[2] = failure->bits_found;
        return 3;
    case SEL4_LOOKUP_GUARD_MISMATCH:
        word[2] = failure->guard;
        word[3] = failure->bits_found;
        return 4;
    default:
        return 1;
    }
}

// Kernels before 16.0.0 always report an invalid root.
static unsigned cap_fault_words(const struct kernel *k, const struct fault *fault, uint64_t *word)
{
    struct lookup_failure failure = fault->failure;
    if (k->config.version < 16) {
        failure = (struct lookup_failure){.kind = SEL4_LOOKUP_INVALID_ROOT};
    }
    word[SEL4_CAP_FAULT_CPTR] = fault->word;
    word[SEL4_CAP_FAULT_IN_RECEIVE] = fault->in_receive ? 1 : 0;
    return SEL4_CAP_FAULT_LOOKUP_TYPE + lookup_words(&failure, word + SEL4_CAP_FAULT_LOOKUP_TYPE);
}

static unsigned unknown_syscall_words(const struct tcb *from, uint64_t *word)
{
    for (unsigned i = 0; i < SEL4_UNKNOWN_SYSCALL_NUMBER; i++) {
        word[i] = from->registers.word[syscall_order[i]];
    }
    word[SEL4_UNKNOWN_SYSCALL_IP] = from->restart_ip;
    word[SEL4_UNKNOWN_SYSCALL_NUMBER] = from->fault.word;
    return SEL4_UNKNOWN_SYSCALL_LENGTH;
}

static unsigned timeout_words(struct kernel *k, const struct tcb *from, uint64_t *word)
{
    word[SEL4_TIMEOUT_BADGE] = from->fault.word;
    if (from->sc == NULL) {
        return SEL4_TIMEOUT_CONSUMED;
    }
    word[SEL4_TIMEOUT_CONSUMED] = schedcontext_take_consumed(k, from->sc);
    return SEL4_TIMEOUT_LENGTH;
}

static unsigned words_of(struct kernel *k, const struct tcb *from, uint64_t *word)
{
    const struct fault *fault = &from->fault;
    word[0] = from->restart_ip;
    switch (fault->kind) {
    case SEL4_FAULT_CAP:
        return cap_fault_words(k, fault, word);
    case SEL4_FAULT_UNKNOWN_SYSCALL:
        return unknown_syscall_words(from, word);
    case SEL4_FAULT_USER_EXCEPTION:
        word[SEL4_USER_EXCEPTION_RSP] = from->registers.word[REG_RSP];
        word[SEL4_USER_EXCEPTION_RFLAGS] = from->registers.word[REG_RFLAGS];
        word[SEL4_USER_EXCEPTION_VECTOR] = fault->word;
        word[SEL4_USER_EXCEPTION_CODE] = fault->code;
        return SEL4_USER_EXCEPTION_LENGTH;
    case SEL4_FAULT_DEBUG_EXCEPTION:
        word[SEL4_DEBUG_EXCEPTION_REASON] = fault->word;
        if (fault->word != SEL4_DEBUG_REASON_INSTRUCTION) {
            return SEL4_DEBUG_EXCEPTION_ADDRESS;
        }
        word[SEL4_DEBUG_EXCEPTION_ADDRESS] = from->restart_ip;
        word[SEL4_DEBUG_EXCEPTION_NUMBER] = fault->code;
        return SEL4_DEBUG_EXCEPTION_LENGTH;
    case SEL4_FAULT_TIMEOUT:
        return timeout_words(k, from, word);
    case SEL4_FAULT_VM:
        word[SEL4_VM_FAULT_ADDRESS] = fault->word;
        word[SEL4_VM_FAULT_PREFETCH] = (fault->code >> 4) & 1;
        word[SEL4_VM_FAULT_FSR] = fault->code;
        return SEL4_VM_FAULT_LENGTH;
    case SEL4_FAULT_NULL:
        break;
    }
    return 0;
}

unsigned fault_message(struct kernel *k, struct tcb *from, struct tcb *to)
{
    uint64_t word[SEL4_UNKNOWN_SYSCALL_LENGTH];
    unsigned length = words_of(k, from, word);
    if (length > SEL4_MESSAGE_REGISTERS && tcb_buffer(k, to, true) == NULL) {
        length = SEL4_MESSAGE_REGISTERS;
    }
    for (unsigned i = 0; i < length; i++) {
        tcb_set_message_word(k, to, i, word[i]);
    }
    return length;
}

// `order` NULL = the order of the user context.
static void set_registers(const struct kernel *k, struct tcb *tcb, const struct tcb *handler,
                          const uint8_t *order, unsigned count)
{
    unsigned length = sel4_message_length(handler->registers.word[REG_RSI]);
    if (length > SEL4_MESSAGE_REGISTERS && tcb_buffer(k, handler, false) == NULL) {
        length = SEL4_MESSAGE_REGISTERS;
    }
    for (unsigned i = 0; i < count && i < length; i++) {
        tcb_set_register(tcb, order == NULL ? i : order[i], tcb_message_word(k, handler, i));
    }
    tcb->by_syscall = false;
}

bool fault_answer(struct kernel *k, struct tcb *tcb, struct tcb *handler)
{
    bool zero = sel4_message_label(handler->registers.word[REG_RSI]) == 0;
    switch (tcb->fault.kind) {
    case SEL4_FAULT_UNKNOWN_SYSCALL:
        set_registers(k, tcb, handler, syscall_order, SEL4_UNKNOWN_SYSCALL_NUMBER);
        return zero;
    case SEL4_FAULT_USER_EXCEPTION:
        set_registers(k, tcb, handler, exception_order, sizeof(exception_order));
        return zero;
    case SEL4_FAULT_TIMEOUT:
        set_registers(k, tcb, handler, NULL, TIMEOUT_REPLY_WORDS);
        return zero;
    case SEL4_FAULT_DEBUG_EXCEPTION:
        if (tcb->fault.word == SEL4_DEBUG_REASON_STEP) {
            bool told = sel4_message_length(handler->registers.word[REG_RSI]) > 0;
            tcb_debug_continue(tcb, told ? tcb_message_word(k, handler, 0) : 1);
        }
        return zero;
    default:
        return true;
    }
}
