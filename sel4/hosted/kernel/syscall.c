// SPDX-License-Identifier: BSD-2-Clause

// The MCS system calls (seL4 manual, 2.2 and 4). Each is a send phase, a receive phase or both, in
// a table; what is left are Yield and the debug calls of debug kernels. An unknown number is a
// fault of the caller, as in seL4, never an error of the kernel.

#include "internal.h"

#include "sel4_syscall.h"

// What one system call does, as data: a send phase on the cptr in a register, then a receive phase
// on the one in RDI with the reply object in R12.
struct form {
    enum sel4_syscall number;
    uint8_t send; // register of the cptr to invoke, 0 (RIP) = no send phase
    bool call;    // of the send phase
    bool send_waits;
    bool receive;
    bool waits; // in the receive phase
    bool reply; // R12 names a reply object
};

static const struct form forms[] = {
    {SEL4_SYSCALL_CALL, REG_RDI, true, true, false, false, false},
    {SEL4_SYSCALL_REPLY_RECV, REG_R12, false, false, true, true, true},
    {SEL4_SYSCALL_NB_SEND_RECV, REG_R13, false, false, true, true, true},
    {SEL4_SYSCALL_NB_SEND_WAIT, REG_R12, false, false, true, true, false},
    {SEL4_SYSCALL_SEND, REG_RDI, false, true, false, false, false},
    {SEL4_SYSCALL_NB_SEND, REG_RDI, false, false, false, false, false},
    {SEL4_SYSCALL_RECV, 0, false, false, true, true, true},
    {SEL4_SYSCALL_NB_RECV, 0, false, false, true, false, true},
    {SEL4_SYSCALL_WAIT, 0, false, false, true, true, false},
    {SEL4_SYSCALL_NB_WAIT, 0, false, false, true, false, false},
};

static void send(struct kernel *k, struct tcb *tcb, const struct form *form)
{
    struct invocation inv = {.caller = tcb,
                             .cptr = tcb->registers.word[form->send],
                             .call = form->call,
                             .blocking = form->send_waits,
                             .donate = form->call || form->receive,
                             .first_phase = form->receive};
    invocation_run(k, &inv);
}

static void report_receive(struct kernel *k, const struct tcb *tcb, uint64_t cptr,
                           const struct cap *cap, bool fault)
{
    struct kernel_trace trace = {.thread = tcb,
                                 .syscall = (int64_t)tcb->registers.word[REG_RDX],
                                 .cptr = cptr,
                                 .operation = "",
                                 .fault = fault};
    if (k->trace == NULL) {
        return;
    }
    if (cap != NULL) {
        trace.kind = (enum sel4_cap_tag)cap->kind;
        trace.object = cap_paddr(cap);
    }
    k->trace(k, &trace);
}

static void receive_fault(struct kernel *k, struct tcb *tcb, uint64_t cptr,
                          const struct lookup *found)
{
    struct fault fault = {.kind = SEL4_FAULT_CAP,
                          .in_receive = true,
                          .word = cptr,
                          .failure = {.kind = SEL4_LOOKUP_MISSING_CAPABILITY}};
    if (found->slot == NULL) {
        fault.failure = found->failure;
    }
    report_receive(k, tcb, cptr, found->slot == NULL ? NULL : &found->slot->cap, true);
    fault_raise(k, tcb, fault);
}

// A bound notification belongs to its thread: nobody else may wait on it (manual, 5.3).
static bool may_receive(const struct kernel *k, const struct tcb *tcb, const struct cap *cap)
{
    if (!cap_allows(cap, SEL4_RIGHT_READ)) {
        return false;
    }
    if (cap_is(cap, SEL4_CAP_TAG_NOTIFICATION)) {
        const struct notification *ntfn = cap_object(k, cap);
        return ntfn->bound == NULL || ntfn->bound == tcb;
    }
    return cap_is(cap, SEL4_CAP_TAG_ENDPOINT);
}

static void receive(struct kernel *k, struct tcb *tcb, const struct form *form)
{
    uint64_t cptr = tcb->registers.word[REG_RDI];
    uint64_t reply_cptr = tcb->registers.word[REG_R12];
    struct lookup found = lookup_cap(k, tcb, cptr);
    if (found.slot == NULL || !may_receive(k, tcb, &found.slot->cap)) {
        receive_fault(k, tcb, cptr, &found);
        return;
    }
    struct cap cap = found.slot->cap;
    struct reply *reply = NULL;
    if (form->reply && cap_is(&cap, SEL4_CAP_TAG_ENDPOINT)) {
        struct lookup answer = lookup_cap(k, tcb, reply_cptr);
        if (answer.slot == NULL || !cap_is(&answer.slot->cap, SEL4_CAP_TAG_REPLY)) {
            receive_fault(k, tcb, reply_cptr, &answer);
            return;
        }
        reply = cap_object(k, &answer.slot->cap);
    }
    report_receive(k, tcb, cptr, &cap, false);
    if (cap_is(&cap, SEL4_CAP_TAG_ENDPOINT)) {
        endpoint_receive(k, tcb, &cap, form->waits, reply);
    } else {
        notification_wait(k, tcb, cap_object(k, &cap), form->waits);
    }
}

// Gives up the rest of the front refill; only what was really used counts as consumed.
static void yield(struct kernel *k)
{
    struct sched_context *sc = k->current_sc;
    uint64_t consumed = sc->consumed + k->consumed;
    schedule_charge(k, refill_front(sc)->amount, false);
    sc->consumed = consumed;
}

// seL4 halts a debug kernel on a bad argument here; so does this one.
static void name_thread(struct kernel *k, struct tcb *tcb)
{
    struct lookup found = lookup_cap(k, tcb, tcb->registers.word[REG_RDI]);
    const uint64_t *buffer = tcb_buffer(k, tcb, false);
    if (found.slot == NULL || !cap_is(&found.slot->cap, SEL4_CAP_TAG_TCB) || buffer == NULL) {
        k->halted = true;
        return;
    }
    struct tcb *named = cap_object(k, &found.slot->cap);
    // Bytes of user code, not text: who prints the name escapes it.
    memcpy(named->name, buffer + 1, TCB_NAME_SIZE - 1);
    named->name[TCB_NAME_SIZE - 1] = '\0';
}

static void put_char(struct kernel *k, char c)
{
    if (c == '\n') {
        k->machine->operations->put_char(k->machine, '\r');
    }
    k->machine->operations->put_char(k->machine, c);
}

// False = this kernel has no such call.
static bool debug_call(struct kernel *k, struct tcb *tcb, int64_t number)
{
    if (number == SEL4_SYSCALL_DEBUG_PUT_CHAR && k->config.printing) {
        put_char(k, (char)tcb->registers.word[REG_RDI]);
        return true;
    }
    if (number == SEL4_SYSCALL_DEBUG_DUMP_SCHEDULER && k->config.printing) {
        return true;
    }
    if (!k->config.debug) {
        return false;
    }
    switch (number) {
    case SEL4_SYSCALL_DEBUG_HALT:
        k->halted = true;
        return true;
    case SEL4_SYSCALL_DEBUG_CAP_IDENTIFY: {
        struct lookup found = lookup_cap(k, tcb, tcb->registers.word[REG_RDI]);
        tcb->registers.word[REG_RDI] = found.slot == NULL ? 0 : found.slot->cap.kind;
        return true;
    }
    case SEL4_SYSCALL_DEBUG_SNAPSHOT:
        return true;
    case SEL4_SYSCALL_DEBUG_NAME_THREAD:
        name_thread(k, tcb);
        return true;
    default:
        return false;
    }
}

void syscall_run(struct kernel *k)
{
    struct tcb *tcb = k->current;
    int64_t number = (int64_t)tcb->registers.word[REG_RDX];
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (number != forms[i].number) {
            continue;
        }
        if (forms[i].send != 0) {
            send(k, tcb, &forms[i]);
        }
        // A send that was interrupted is made again as a whole, so its receive phase must wait.
        if (forms[i].receive && !k->interrupted) {
            receive(k, tcb, &forms[i]);
        }
        return;
    }
    if (number == SEL4_SYSCALL_YIELD) {
        yield(k);
    } else if (!debug_call(k, tcb, number)) {
        fault_raise(k, tcb,
                    (struct fault){.kind = SEL4_FAULT_UNKNOWN_SYSCALL, .word = (uint64_t)number});
    }
}
