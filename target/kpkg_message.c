// SPDX-License-Identifier: BSD-2-Clause

// Messages over seL4's system calls (seL4 manual, chapter 4). The kernel never makes a length
// larger than its message, so what is received fits in struct kpkg_message.

#include "arch.h"
#include "kpkg.h"
#include "sel4_message.h"
#include "sel4_syscall.h"

enum { LABEL_READY = 2 }; // through the exit capability

static struct sel4_ipc_buffer *buffer(void)
{
    return (struct sel4_ipc_buffer *)kpkg_record()->ipc_buffer;
}

// The first words travel in registers, the others in the IPC buffer.
static struct arch_message load(uint64_t cap, const struct kpkg_message *message)
{
    uint32_t length =
        message->length < KPKG_MESSAGE_WORDS ? message->length : (uint32_t)KPKG_MESSAGE_WORDS;
    struct arch_message raw = {.cap_or_badge = cap,
                               .info = sel4_message_info(message->label, 0, 0, length)};
    memcpy(raw.word, message->word, sizeof raw.word);
    for (uint32_t i = SEL4_MESSAGE_REGISTERS; i < length; i++) {
        buffer()->message[i] = message->word[i];
    }
    return raw;
}

static void store(struct kpkg_message *message, const struct arch_message *raw)
{
    message->label = sel4_message_label(raw->info);
    message->badge = raw->cap_or_badge;
    message->length = sel4_message_length(raw->info);
    memcpy(message->word, raw->word, sizeof raw->word);
    for (uint32_t i = SEL4_MESSAGE_REGISTERS; i < message->length; i++) {
        message->word[i] = buffer()->message[i];
    }
}

void kpkg_call(uint64_t cap, struct kpkg_message *message)
{
    struct arch_message raw = load(cap, message);
    arch_syscall(&raw, SEL4_SYSCALL_CALL, 0);
    store(message, &raw);
}

void kpkg_send(uint64_t cap, const struct kpkg_message *message)
{
    struct arch_message raw = load(cap, message);
    arch_syscall(&raw, SEL4_SYSCALL_SEND, 0);
}

// A passive server says so in the same system call with which it first waits: afterwards it has no
// time of its own.
void kpkg_receive(uint64_t endpoint, uint64_t reply, struct kpkg_message *message)
{
    static bool waited;
    bool ready = !waited && kpkg_record()->budget_us == 0;
    struct arch_message raw = {.cap_or_badge = endpoint};
    if (ready) {
        raw.info = sel4_message_info(LABEL_READY, 0, 0, 0);
        raw.to = kpkg_cap("exit");
    }
    waited = true;
    arch_syscall(&raw, ready ? SEL4_SYSCALL_NB_SEND_RECV : SEL4_SYSCALL_RECV, reply);
    store(message, &raw);
}

void kpkg_reply_receive(uint64_t endpoint, uint64_t reply, struct kpkg_message *message)
{
    struct arch_message raw = load(endpoint, message);
    arch_syscall(&raw, SEL4_SYSCALL_REPLY_RECV, reply);
    store(message, &raw);
}

void kpkg_signal(uint64_t notification)
{
    struct arch_message raw = {.cap_or_badge = notification};
    arch_syscall(&raw, SEL4_SYSCALL_SEND, 0);
}

uint64_t kpkg_wait(uint64_t notification)
{
    struct arch_message raw = {.cap_or_badge = notification};
    arch_syscall(&raw, SEL4_SYSCALL_WAIT, 0);
    return raw.cap_or_badge;
}

void kpkg_yield(void)
{
    struct arch_message raw = {0};
    arch_syscall(&raw, SEL4_SYSCALL_YIELD, 0);
}

uint64_t kpkg_microseconds(void)
{
    return arch_ticks() / kpkg_record()->ticks_per_us;
}
