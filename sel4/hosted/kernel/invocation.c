// SPDX-License-Identifier: BSD-2-Clause

// One invocation: find the capability and the extra ones, let the decoder of its kind check and
// act, answer the caller. Meanwhile the caller is in THREAD_RESTART, so that whatever stops the
// call half-way (an interruption, its own suspension) leaves it to be repeated whole; a
// caller that is in another state afterwards has blocked or stopped, and gets no answer here.

#include "internal.h"

uint64_t invocation_word(const struct kernel *k, const struct invocation *inv, unsigned index)
{
    return tcb_message_word(k, inv->caller, index);
}

bool invocation_has(const struct invocation *inv, unsigned words, unsigned caps)
{
    return inv->length >= words && inv->extra_count >= caps;
}

const struct cap *invocation_extra(const struct invocation *inv, unsigned index)
{
    return &inv->extra[index]->cap;
}

static enum sel4_error with_words(struct invocation *inv, enum sel4_error error, uint64_t first,
                                  uint64_t second, unsigned count)
{
    inv->result[0] = first;
    inv->result[1] = second;
    inv->result_len = count;
    return error;
}

enum sel4_error invocation_argument(struct invocation *inv, uint64_t index)
{
    return with_words(inv, SEL4_ERROR_INVALID_ARGUMENT, index, 0, 1);
}

enum sel4_error invocation_capability(struct invocation *inv, uint64_t index)
{
    return with_words(inv, SEL4_ERROR_INVALID_CAPABILITY, index, 0, 1);
}

enum sel4_error invocation_range(struct invocation *inv, uint64_t min, uint64_t max)
{
    return with_words(inv, SEL4_ERROR_RANGE_ERROR, min, max, 2);
}

// The words of a FailedLookup, in the order that libsel4 reads them (seL4 manual, 3.4 and chapter
// 10).
enum sel4_error invocation_lookup(struct invocation *inv, bool source,
                                  const struct lookup_failure *failure)
{
    bool guard = failure->kind == SEL4_LOOKUP_GUARD_MISMATCH;
    static const unsigned words[] = {[SEL4_LOOKUP_INVALID_ROOT] = 2,
                                     [SEL4_LOOKUP_MISSING_CAPABILITY] = 3,
                                     [SEL4_LOOKUP_DEPTH_MISMATCH] = 4,
                                     [SEL4_LOOKUP_GUARD_MISMATCH] = 5};
    inv->result[0] = source ? 1 : 0;
    inv->result[1] = (uint64_t)failure->kind;
    inv->result[2] = failure->bits_left;
    inv->result[3] = guard ? failure->guard : failure->bits_found;
    inv->result[4] = failure->bits_found;
    inv->result_len = words[failure->kind];
    return SEL4_ERROR_FAILED_LOOKUP;
}

enum sel4_error invocation_missing(struct invocation *inv, bool source, uint64_t bits_left)
{
    struct lookup_failure failure = {.kind = SEL4_LOOKUP_MISSING_CAPABILITY,
                                     .bits_left = bits_left};
    return invocation_lookup(inv, source, &failure);
}

enum sel4_error invocation_slot(struct kernel *k, struct cte **out, struct invocation *inv,
                                struct slot_name name)
{
    if (!cap_is(name.root, SEL4_CAP_TAG_CNODE)) {
        struct lookup_failure failure = {.kind = SEL4_LOOKUP_INVALID_ROOT};
        return invocation_lookup(inv, name.source, &failure);
    }
    if (name.depth < 1 || name.depth > SEL4_WORD_BITS) {
        return invocation_range(inv, 1, SEL4_WORD_BITS);
    }
    struct lookup found = lookup_slot(k, name.root, name.index, (unsigned)name.depth);
    if (found.slot == NULL) {
        return invocation_lookup(inv, name.source, &found.failure);
    }
    *out = found.slot;
    return SEL4_ERROR_NONE;
}

enum sel4_error invocation_empty_slot(struct kernel *k, struct cte **out, struct invocation *inv,
                                      struct slot_name name)
{
    enum sel4_error error = invocation_slot(k, out, inv, name);
    if (error == SEL4_ERROR_NONE && !cap_is(&(*out)->cap, SEL4_CAP_TAG_NULL)) {
        return SEL4_ERROR_DELETE_FIRST;
    }
    return error;
}

// Invoking an endpoint is sending through it: whether it blocks and lends is the system call's
// choice, what may pass is the cap's.
static enum sel4_error send_on_endpoint(struct kernel *k, struct invocation *inv)
{
    const struct cap *cap = &inv->slot->cap;
    if (!cap_allows(cap, SEL4_RIGHT_WRITE)) {
        return invocation_capability(inv, 0);
    }
    endpoint_send(k, inv->caller, cap_object(k, cap),
                  (struct send){.blocking = inv->blocking,
                                .call = inv->call,
                                .grant = cap_allows(cap, SEL4_RIGHT_GRANT),
                                .grant_reply = cap_allows(cap, SEL4_RIGHT_GRANT_REPLY),
                                .donate = inv->donate,
                                .badge = cap->data});
    return SEL4_ERROR_NONE;
}

static enum sel4_error signal_notification(struct kernel *k, struct invocation *inv)
{
    const struct cap *cap = &inv->slot->cap;
    if (!cap_allows(cap, SEL4_RIGHT_WRITE)) {
        return invocation_capability(inv, 0);
    }
    notification_signal(k, cap_object(k, cap), cap->data);
    return SEL4_ERROR_NONE;
}

static enum sel4_error answer_caller(struct kernel *k, struct invocation *inv)
{
    const struct cap *cap = &inv->slot->cap;
    reply_send(k, cap_object(k, cap), inv->caller, cap_allows(cap, SEL4_RIGHT_GRANT));
    return SEL4_ERROR_NONE;
}

typedef enum sel4_error decoder(struct kernel *k, struct invocation *inv);

// Who answers for a kind of cap, and whether ReplyRecv and its like may invoke it in their first
// phase.
static const struct {
    decoder *decode;
    bool first_phase;
    bool is_message; // no kernel-object invocation: the label is the message's own
} decoders[32] = {
    [SEL4_CAP_TAG_ENDPOINT] = {send_on_endpoint, true, true},
    [SEL4_CAP_TAG_NOTIFICATION] = {signal_notification, true, true},
    [SEL4_CAP_TAG_REPLY] = {answer_caller, true, true},
    [SEL4_CAP_TAG_UNTYPED] = {untyped_decode, true, false},
    [SEL4_CAP_TAG_CNODE] = {cnode_decode, false, false},
    [SEL4_CAP_TAG_TCB] = {tcb_decode, false, false},
    [SEL4_CAP_TAG_IRQ_CONTROL] = {irq_control_decode, true, false},
    [SEL4_CAP_TAG_IRQ_HANDLER] = {irq_handler_decode, true, false},
    [SEL4_CAP_TAG_DOMAIN] = {domain_decode, false, false},
    [SEL4_CAP_TAG_SCHED_CONTEXT] = {schedcontext_decode, false, false},
    [SEL4_CAP_TAG_SCHED_CONTROL] = {schedcontrol_decode, false, false},
    [SEL4_CAP_TAG_FRAME] = {frame_decode, true, false},
    [SEL4_CAP_TAG_PAGE_TABLE] = {paging_decode, true, false},
    [SEL4_CAP_TAG_PAGE_DIRECTORY] = {paging_decode, true, false},
    [SEL4_CAP_TAG_PDPT] = {paging_decode, true, false},
    [SEL4_CAP_TAG_PML4] = {paging_decode, true, false},
    [SEL4_CAP_TAG_IO_PAGE_TABLE] = {iospace_decode, true, false},
    [SEL4_CAP_TAG_ASID_CONTROL] = {asid_control_decode, true, false},
    [SEL4_CAP_TAG_ASID_POOL] = {asid_pool_decode, true, false},
    [SEL4_CAP_TAG_IO_PORT] = {ioport_decode, true, false},
    [SEL4_CAP_TAG_IO_PORT_CONTROL] = {ioport_control_decode, true, false},
};

// The failure that a test asked for: only of the root task, and before the decoder sees the call,
// so that a refused invocation has had no effect.
static bool injected(struct kernel *k, const struct invocation *inv)
{
    return inv->caller == k->root_thread && (k->invocations + 1 == k->fail_invocation ||
                                             (k->fails != NULL && k->fails(k, inv->operation)));
}

// Counts the invocations of the root thread; one that is to be repeated is counted then.
static void count(struct kernel *k, const struct invocation *inv)
{
    if (inv->caller == k->root_thread && inv->is_counted) {
        k->invocations++;
    }
}

static enum sel4_error decode(struct kernel *k, struct invocation *inv)
{
    unsigned kind = inv->slot->cap.kind;
    if (kind == SEL4_CAP_TAG_NULL || kind == SEL4_CAP_TAG_ZOMBIE) {
        return invocation_capability(inv, 0);
    }
    if (inv->first_phase && !decoders[kind].first_phase) {
        return invocation_capability(inv, 0);
    }
    if (decoders[kind].decode == NULL) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    inv->is_counted = !decoders[kind].is_message;
    if (inv->is_counted && injected(k, inv)) {
        static const uint8_t words[SEL4_ERROR_COUNT] = {
            [SEL4_ERROR_INVALID_ARGUMENT] = 1,  [SEL4_ERROR_INVALID_CAPABILITY] = 1,
            [SEL4_ERROR_RANGE_ERROR] = 2,       [SEL4_ERROR_FAILED_LOOKUP] = 2,
            [SEL4_ERROR_NOT_ENOUGH_MEMORY] = 1,
        };
        return with_words(inv, k->fail_with, 0, SEL4_LOOKUP_INVALID_ROOT, words[k->fail_with]);
    }
    return decoders[kind].decode(k, inv);
}

static bool look_up(struct kernel *k, struct invocation *inv, struct cte **out, uint64_t cptr)
{
    struct lookup found = lookup_cap(k, inv->caller, cptr);
    if (found.slot != NULL) {
        *out = found.slot;
        return true;
    }
    // A call that does not wait fails in silence (seL4 manual, 4.2); the trace still tells.
    inv->faulted = true;
    if (inv->blocking) {
        fault_raise(k, inv->caller,
                    (struct fault){.kind = SEL4_FAULT_CAP, .word = cptr, .failure = found.failure});
    }
    return false;
}

// Words and caps that do not fit in registers need the caller's buffer.
static bool read_message(struct kernel *k, struct invocation *inv)
{
    uint64_t info = inv->caller->registers.word[REG_RSI];
    const struct sel4_ipc_buffer *buffer = (const void *)tcb_buffer(k, inv->caller, false);
    unsigned count = sel4_message_caps(info);
    inv->label = sel4_message_label(info);
    inv->length = sel4_message_length(info);
    inv->operation = labels_invocation(&k->abi, inv->label);
    // Without a buffer there is nowhere to name extra caps.
    if (buffer == NULL) {
        inv->length = inv->length < SEL4_MESSAGE_REGISTERS ? inv->length : SEL4_MESSAGE_REGISTERS;
        return true;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!look_up(k, inv, &inv->extra[i], buffer->caps_or_badges[i])) {
            return false;
        }
    }
    inv->extra_count = count;
    return true;
}

static void answer(struct kernel *k, const struct invocation *inv, enum sel4_error error)
{
    struct tcb *tcb = inv->caller;
    unsigned length = inv->result_len;
    if (length > SEL4_MESSAGE_REGISTERS && tcb_buffer(k, tcb, true) == NULL) {
        length = SEL4_MESSAGE_REGISTERS;
    }
    for (unsigned i = 0; i < length; i++) {
        tcb_set_message_word(k, tcb, i, inv->result[i]);
    }
    tcb->registers.word[REG_RSI] = sel4_message_info((uint64_t)error, 0, 0, length);
    tcb->registers.word[REG_RDI] = 0;
}

static void report(struct kernel *k, const struct invocation *inv, struct kernel_trace trace)
{
    if (k->trace == NULL) {
        return;
    }
    trace.thread = inv->caller;
    trace.cptr = inv->cptr;
    trace.label = inv->label;
    trace.fault = inv->faulted;
    trace.syscall = (int64_t)inv->caller->registers.word[REG_RDX];
    trace.operation = trace.operation == NULL ? "" : trace.operation;
    k->trace(k, &trace);
}

void invocation_run(struct kernel *k, struct invocation *inv)
{
    struct tcb *tcb = inv->caller;
    struct kernel_trace trace = {.kind = SEL4_CAP_TAG_NULL};
    if (!look_up(k, inv, &inv->slot, inv->cptr) || !read_message(k, inv)) {
        report(k, inv, trace);
        return;
    }
    // The invocation may delete the slot, or move the cap away: what is told is of before.
    struct cap cap = inv->slot->cap;
    trace.kind = (enum sel4_cap_tag)cap.kind;
    trace.object = cap_paddr(&cap);
    if (!decoders[cap.kind].is_message) {
        trace.operation = labels_name(inv->operation);
    }
    tcb->state = THREAD_RESTART;
    trace.error = decode(k, inv);
    if (k->interrupted) {
        return;
    }
    count(k, inv);
    report(k, inv, trace);
    if (tcb->state != THREAD_RESTART) {
        return;
    }
    if (inv->call) {
        answer(k, inv, trace.error);
    }
    tcb->state = THREAD_RUNNING;
}
