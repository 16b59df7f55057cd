// SPDX-License-Identifier: BSD-2-Clause

// Threads. A blocked one is named by just one thing, which its state tells: the queue of an
// endpoint or notification, or a reply object. Whoever takes it out of its state makes that thing
// forget it (tcb_cancel), so that nothing refers to a thread that is gone.

#include "internal.h"

void tcb_create(struct kernel *k, struct tcb *tcb, uint8_t domain)
{
    static const struct {
        uint8_t offset;
        uint8_t value[2];
    } control[] = {{0, {0x7f, 0x03}}, {24, {0x80, 0x1f}}}; // FCW 0x37f, MXCSR 0x1f80
    memset(tcb, 0, sizeof(*tcb));
    for (unsigned i = 0; i < sizeof(control) / sizeof(control[0]); i++) {
        memcpy(tcb->fpu.fxsave + control[i].offset, control[i].value, sizeof(control[i].value));
    }
    tcb->domain = domain;
    tcb->registers.word[REG_RFLAGS] = 0x202;
    tcb->list_next = k->threads;
    if (k->threads != NULL) {
        k->threads->list_prev = tcb;
    }
    k->threads = tcb;
}

static void unlist(struct kernel *k, struct tcb *tcb)
{
    *(tcb->list_prev == NULL ? &k->threads : &tcb->list_prev->list_next) = tcb->list_next;
    if (tcb->list_next != NULL) {
        tcb->list_next->list_prev = tcb->list_prev;
    }
}

// The last cap is gone. Nothing may name the thread afterwards: not a notification, a context, a
// queue, the machine or the scheduler.
void tcb_finalise(struct kernel *k, struct tcb *tcb)
{
    if (tcb->bound != NULL) {
        tcb_unbind(tcb->bound);
    }
    if (tcb->sc != NULL) {
        schedcontext_unbind(k, tcb->sc);
    }
    tcb_suspend(k, tcb);
    unlist(k, tcb);
    k->machine->operations->fpu_forget(k->machine, &tcb->fpu);
    if (k->root_thread == tcb) {
        k->root_thread = NULL;
    }
    if (k->current == tcb) {
        k->current = NULL;
    }
}

bool tcb_runnable(const struct tcb *tcb)
{
    return tcb->state == THREAD_RUNNING || tcb->state == THREAD_RESTART;
}

bool tcb_blocked(const struct tcb *tcb)
{
    return tcb->state != THREAD_INACTIVE && !tcb_runnable(tcb);
}

void tcb_set_state(struct kernel *k, struct tcb *tcb, enum thread_state state)
{
    tcb->state = state;
    if (!tcb_runnable(tcb)) {
        schedule_remove(k, tcb);
    }
    if (tcb == k->current && !schedule_runnable(tcb)) {
        schedule_choose(k);
    }
}

void tcb_cancel(struct kernel *k, struct tcb *tcb)
{
    tcb->fault = (struct fault){.kind = SEL4_FAULT_NULL};
    switch (tcb->state) {
    case THREAD_ON_SEND:
    case THREAD_ON_RECEIVE:
        endpoint_leave(tcb);
        break;
    case THREAD_ON_NOTIFICATION:
        notification_leave(tcb);
        break;
    case THREAD_ON_REPLY:
        reply_cut(tcb);
        break;
    case THREAD_INACTIVE:
    case THREAD_RUNNING:
    case THREAD_RESTART:
        return;
    }
    tcb_set_state(k, tcb, THREAD_INACTIVE);
}

// A thread between two instructions continues with the next one when it is resumed; one inside a
// system call repeats it.
void tcb_suspend(struct kernel *k, struct tcb *tcb)
{
    tcb_cancel(k, tcb);
    if (tcb->state == THREAD_RUNNING) {
        tcb->restart_ip = tcb->registers.word[REG_RIP];
    }
    tcb_set_state(k, tcb, THREAD_INACTIVE);
    if (tcb->yield_to != NULL) {
        schedcontext_end_yield(k, tcb);
    }
}

void tcb_resume(struct kernel *k, struct tcb *tcb)
{
    if (tcb_runnable(tcb)) {
        return;
    }
    tcb_cancel(k, tcb);
    tcb_set_state(k, tcb, THREAD_RESTART);
    schedcontext_wake(k, tcb->sc);
    schedcontext_resume(k, tcb->sc);
    schedule_consider(k, tcb);
    if (k->resumed != NULL) {
        k->resumed(k, tcb);
    }
}

// A thread keeps its place in no queue that is ordered by priority.
void tcb_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority)
{
    bool in_play = tcb->queued || tcb == k->current || tcb == k->candidate;
    if (in_play) {
        schedule_remove(k, tcb);
    }
    tcb->priority = priority;
    if (in_play) {
        schedule_enqueue(k, tcb);
        schedule_choose(k);
    } else if (tcb->state == THREAD_ON_SEND || tcb->state == THREAD_ON_RECEIVE) {
        endpoint_reorder(tcb);
    } else if (tcb->state == THREAD_ON_NOTIFICATION) {
        queue_remove(&tcb->notification->queue, tcb);
        queue_add(&tcb->notification->queue, tcb);
    }
}

void tcb_bind(struct tcb *tcb, struct notification *ntfn)
{
    tcb->bound = ntfn;
    ntfn->bound = tcb;
}

void tcb_unbind(struct notification *ntfn)
{
    ntfn->bound->bound = NULL;
    ntfn->bound = NULL;
}

// Through physical memory: the caller's own mapping of the page does not matter, only the cap that
// the TCB holds. It stays valid for this call alone.
uint64_t *tcb_buffer(const struct kernel *k, const struct tcb *tcb, bool write)
{
    const struct cap *frame = &tcb->slot[TCB_BUFFER].cap;
    unsigned needed = write ? SEL4_RIGHT_READ | SEL4_RIGHT_WRITE : SEL4_RIGHT_READ;
    if (tcb->buffer == 0 || !cap_is(frame, SEL4_CAP_TAG_FRAME) || frame->device != 0 ||
        !cap_allows(frame, needed)) {
        return NULL;
    }
    uint64_t offset = tcb->buffer & ((UINT64_C(1) << frame->size_bits) - 1);
    return memory_at(k, cap_paddr(frame) + offset);
}

static const uint8_t in_register[SEL4_MESSAGE_REGISTERS] = {REG_R10, REG_R8, REG_R9, REG_R15};

uint64_t tcb_message_word(const struct kernel *k, const struct tcb *tcb, unsigned index)
{
    if (index < SEL4_MESSAGE_REGISTERS) {
        return tcb->registers.word[in_register[index]];
    }
    const uint64_t *buffer = tcb_buffer(k, tcb, false);
    return buffer == NULL ? 0 : buffer[1 + index];
}

void tcb_set_message_word(const struct kernel *k, struct tcb *tcb, unsigned index, uint64_t word)
{
    if (index < SEL4_MESSAGE_REGISTERS) {
        tcb->registers.word[in_register[index]] = word;
        return;
    }
    uint64_t *buffer = tcb_buffer(k, tcb, true);
    if (buffer != NULL) {
        buffer[1 + index] = word;
    }
}

// x86 faults in the kernel when it loads another; seL4 replaces them by zero too.
static bool canonical(uint64_t address)
{
    uint64_t top = address >> 47;
    return top == 0 || top == 0x1ffff;
}

void tcb_set_register(struct tcb *tcb, unsigned index, uint64_t value)
{
    switch (index) {
    case REG_RIP:
    case REG_FS_BASE:
    case REG_GS_BASE:
        value = canonical(value) ? value : 0;
        break;
    case REG_RFLAGS:
        // IF and bit 1 are set; TF and the reserved bits 3 and 5 and all above 11 are clear.
        value = (value & 0xfff & ~UINT64_C(0x128)) | 0x202;
        break;
    default:
        break;
    }
    if (index == REG_RIP) {
        tcb->restart_ip = value;
    }
    tcb->registers.word[index] = value;
}
