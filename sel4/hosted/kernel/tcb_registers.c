// SPDX-License-Identifier: BSD-2-Clause

// A thread's registers from outside (seL4 manual, 6.1). The program counter is that of the trap, so
// that a thread which is written back as it was read repeats its system call. After a write all
// registers count: the thread does not return as from a system call, which loses some.

#include "internal.h"

enum {
    SUSPEND_SOURCE = 1, // Read, Copy; in Write this bit resumes the target
    RESUME_TARGET = 2,
    COPY_FRAME = 4,
    COPY_INTEGER = 8,
};

// The saved RIP of a thread in a system call is behind the instruction; the one that is told is on
// it.
static uint64_t get_register(const struct tcb *tcb, unsigned index)
{
    return index == REG_RIP ? tcb->restart_ip : tcb->registers.word[index];
}

static enum sel4_error read(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 2, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t count = invocation_word(k, inv, 1);
    if (count < 1 || count > REG_COUNT) {
        return invocation_range(inv, 1, REG_COUNT);
    }
    if (tcb == inv->caller) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if ((invocation_word(k, inv, 0) & SUSPEND_SOURCE) != 0) {
        tcb_suspend(k, tcb);
    }
    for (unsigned i = 0; i < count; i++) {
        inv->result[i] = get_register(tcb, i);
    }
    inv->result_len = (unsigned)count;
    return SEL4_ERROR_NONE;
}

static enum sel4_error write(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 2, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t count = invocation_word(k, inv, 1);
    // The count is the caller's word, so it is held against the message and, below, the registers.
    if (inv->length - 2 < count) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    if (tcb == inv->caller) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    bool resume = (invocation_word(k, inv, 0) & SUSPEND_SOURCE) != 0;
    for (unsigned i = 0; i < count && i < REG_COUNT; i++) {
        tcb_set_register(tcb, i, invocation_word(k, inv, i + 2));
    }
    tcb->registers.word[REG_RIP] = tcb->restart_ip;
    tcb->by_syscall = false;
    if (resume) {
        tcb_resume(k, tcb);
    }
    return SEL4_ERROR_NONE;
}

static enum sel4_error copy(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 1, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    if (!cap_is(invocation_extra(inv, 0), SEL4_CAP_TAG_TCB)) {
        return invocation_capability(inv, 1);
    }
    struct tcb *source = cap_object(k, invocation_extra(inv, 0));
    uint64_t flags = invocation_word(k, inv, 0);
    if ((flags & SUSPEND_SOURCE) != 0) {
        tcb_suspend(k, source);
    }
    for (unsigned i = 0; i < REG_COUNT; i++) {
        // The "frame" registers are all that a trap saves; the "integer" ones here are the two
        // bases.
        unsigned needs = i < REG_FS_BASE ? COPY_FRAME : COPY_INTEGER;
        if ((flags & needs) != 0) {
            tcb_set_register(tcb, i, get_register(source, i));
            tcb->by_syscall = false;
        }
    }
    if ((flags & RESUME_TARGET) != 0) {
        tcb_resume(k, tcb);
    }
    return SEL4_ERROR_NONE;
}

static enum sel4_error set_tls_base(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 1, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    tcb->registers.word[REG_FS_BASE] = invocation_word(k, inv, 0);
    return SEL4_ERROR_NONE;
}

static enum sel4_error set_flags(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 2, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t flags = tcb->flags & ~invocation_word(k, inv, 0);
    flags = (flags | invocation_word(k, inv, 1)) & SEL4_TCB_FLAG_FPU_DISABLED;
    tcb->flags = (uint8_t)flags;
    inv->result[0] = flags;
    inv->result_len = 1;
    return SEL4_ERROR_NONE;
}

enum sel4_error tcb_registers_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    switch (inv->operation) {
    case SEL4_INVOCATION_TCB_READ_REGISTERS:
        return read(k, inv, tcb);
    case SEL4_INVOCATION_TCB_WRITE_REGISTERS:
        return write(k, inv, tcb);
    case SEL4_INVOCATION_TCB_COPY_REGISTERS:
        return copy(k, inv, tcb);
    case SEL4_INVOCATION_TCB_SET_TLS_BASE:
        return set_tls_base(k, inv, tcb);
    default:
        return set_flags(k, inv, tcb);
    }
}
