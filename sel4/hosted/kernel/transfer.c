// SPDX-License-Identifier: BSD-2-Clause

// What a message carries (seL4 manual, 4.1 and 4.2.2): words, of which four are in registers, and,
// over an endpoint capability with Grant, capabilities. The first that is no capability of the
// endpoint itself goes to the slot that the receiver named; what cannot be delivered ends the
// transfer without an error, and the receiver sees how many arrived.

#include "internal.h"

// Words beyond the registers need a buffer on both sides; without one the message is cut.
static unsigned copy_words(struct kernel *k, const struct tcb *from, struct tcb *to,
                           unsigned length)
{
    bool buffers = tcb_buffer(k, from, false) != NULL && tcb_buffer(k, to, true) != NULL;
    if (length > SEL4_MESSAGE_REGISTERS && !buffers) {
        length = SEL4_MESSAGE_REGISTERS;
    }
    for (unsigned i = 0; i < length; i++) {
        tcb_set_message_word(k, to, i, tcb_message_word(k, from, i));
    }
    return length;
}

// The empty slot that the receiver's buffer names, or NULL.
static struct cte *receive_slot(struct kernel *k, const struct tcb *to,
                                const struct sel4_ipc_buffer *buffer)
{
    struct lookup root = lookup_cap(k, to, buffer->receive_cnode);
    uint64_t depth = buffer->receive_depth;
    if (root.slot == NULL || depth < 1 || depth > SEL4_WORD_BITS) {
        return NULL;
    }
    struct lookup slot = lookup_slot(k, &root.slot->cap, buffer->receive_index, (unsigned)depth);
    if (slot.slot == NULL || !cap_is(&slot.slot->cap, SEL4_CAP_TAG_NULL)) {
        return NULL;
    }
    return slot.slot;
}

// A cap of the endpoint that carries the message is named, not copied: the receiver gets its badge.
static bool is_unwrapped(const struct kernel *k, const struct cap *cap,
                         const struct endpoint *endpoint)
{
    return endpoint != NULL && cap_is(cap, SEL4_CAP_TAG_ENDPOINT) &&
           cap_object(k, cap) == (const void *)endpoint;
}

static bool land(struct kernel *k, struct cte *slot, struct cte *from)
{
    struct cap copy = from->cap;
    if (slot == NULL || derivation_copy_of(k, &copy, from) != SEL4_ERROR_NONE) {
        return false;
    }
    derivation_insert(k, slot, copy, from);
    return true;
}

// Collects the slots of the extra caps; a look-up that fails by now means none.
static unsigned find_caps(struct kernel *k, const struct tcb *from, struct cte **caps)
{
    const struct sel4_ipc_buffer *buffer = (const void *)tcb_buffer(k, from, false);
    unsigned count = sel4_message_caps(from->registers.word[REG_RSI]);
    for (unsigned i = 0; buffer != NULL && i < count; i++) {
        caps[i] = lookup_cap(k, from, buffer->caps_or_badges[i]).slot;
        if (caps[i] == NULL) {
            return 0;
        }
    }
    return buffer == NULL ? 0 : count;
}

static unsigned copy_caps(struct kernel *k, const struct tcb *from, struct tcb *to,
                          const struct endpoint *endpoint, unsigned *unwrapped)
{
    struct cte *caps[SEL4_MESSAGE_MAX_CAPS];
    struct sel4_ipc_buffer *buffer = (void *)tcb_buffer(k, to, true);
    unsigned count = find_caps(k, from, caps);
    if (buffer == NULL || count == 0) {
        return 0;
    }
    struct cte *slot = receive_slot(k, to, buffer);
    for (unsigned i = 0; i < count; i++) {
        if (is_unwrapped(k, &caps[i]->cap, endpoint)) {
            buffer->caps_or_badges[i] = caps[i]->cap.data;
            *unwrapped |= 1U << i;
        } else if (land(k, slot, caps[i])) {
            slot = NULL;
        } else {
            return i;
        }
    }
    return count;
}

void transfer_send(struct kernel *k, struct tcb *from, struct tcb *to, struct carrier by)
{
    uint64_t info = from->registers.word[REG_RSI];
    uint64_t *registers = to->registers.word;
    registers[REG_RDI] = by.badge;
    if (from->fault.kind != SEL4_FAULT_NULL) {
        unsigned length = fault_message(k, from, to);
        registers[REG_RSI] = sel4_message_info((uint64_t)from->fault.kind, 0, 0, length);
        return;
    }
    unsigned unwrapped = 0;
    unsigned length = copy_words(k, from, to, sel4_message_length(info));
    unsigned caps = by.grant ? copy_caps(k, from, to, by.endpoint, &unwrapped) : 0;
    registers[REG_RSI] = sel4_message_info(sel4_message_label(info), unwrapped, caps, length);
}
