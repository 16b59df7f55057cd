// SPDX-License-Identifier: BSD-2-Clause
#include "sel4_kernel.h"

#include "arch.h"
#include "sel4_syscall.h"

struct sel4_answer sel4_kernel_call(struct sel4_kernel *kernel, const struct sel4_invoke *invoke,
                                    uint64_t label)
{
    struct arch_message message = {
        .cap_or_badge = invoke->on,
        .info = sel4_message_info(label, 0, invoke->cap_count, invoke->length),
    };
    for (unsigned i = 0; i < invoke->length; i++) {
        if (i < SEL4_MESSAGE_REGISTERS) {
            message.word[i] = invoke->words[i];
        } else {
            kernel->buffer->message[i] = invoke->words[i];
        }
    }
    for (unsigned i = 0; i < invoke->cap_count; i++) {
        kernel->buffer->caps_or_badges[i] = invoke->caps[i];
    }
    kernel->calls++;
    arch_syscall(&message, SEL4_SYSCALL_CALL, 0);
    struct sel4_answer answer = {.error = (enum sel4_error)sel4_message_label(message.info)};
    memcpy(answer.word, message.word, sizeof(answer.word));
    return answer;
}

enum status sel4_kernel_ask(uint64_t *answer, struct sel4_kernel *kernel,
                            const struct sel4_invoke *invoke, struct diag *diag)
{
    uint64_t label = kernel->abi.label[invoke->invocation];
    const char *name = labels_name(invoke->invocation);
    if (label == SEL4_LABEL_ABSENT) {
        return diag_fail(diag, STATUS_KERNEL_UNKNOWN, name, invoke->on);
    }
    struct sel4_answer got = sel4_kernel_call(kernel, invoke, label);
    if (got.error != SEL4_ERROR_NONE) {
        return diag_fail_detail(diag, STATUS_KERNEL_REFUSED, name, invoke->on, got.error);
    }
    *answer = got.word[0];
    return STATUS_OK;
}

enum status sel4_kernel_invoke(struct sel4_kernel *kernel, const struct sel4_invoke *invoke,
                               struct diag *diag)
{
    uint64_t unused;
    return sel4_kernel_ask(&unused, kernel, invoke, diag);
}

enum status sel4_kernel_plain(struct sel4_kernel *kernel, cap_slot on,
                              enum sel4_invocation invocation, struct diag *diag)
{
    struct sel4_invoke invoke = {.on = on, .invocation = invocation};
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status sel4_kernel_give(struct sel4_kernel *kernel, cap_slot on,
                             enum sel4_invocation invocation, cap_slot cap, struct diag *diag)
{
    struct sel4_invoke invoke = {.on = on, .invocation = invocation, .cap_count = 1, .caps = {cap}};
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

static void take(struct sel4_received *received, const struct sel4_kernel *kernel,
                 const struct arch_message *message)
{
    received->badge = message->cap_or_badge;
    received->label = sel4_message_label(message->info);
    received->length = sel4_message_length(message->info);
    received->caps = sel4_message_caps(message->info);
    for (unsigned i = 0; i < received->length; i++) {
        received->words[i] =
            i < SEL4_MESSAGE_REGISTERS ? message->word[i] : kernel->buffer->message[i];
    }
}

void sel4_kernel_receive(struct sel4_received *received, struct sel4_kernel *kernel,
                         cap_slot endpoint, cap_slot reply)
{
    struct arch_message message = {.cap_or_badge = endpoint};
    arch_syscall(&message, SEL4_SYSCALL_RECV, reply);
    take(received, kernel, &message);
}

void sel4_kernel_reply(struct sel4_kernel *kernel, cap_slot reply, const struct sel4_reply *answer)
{
    struct arch_message message = {
        .cap_or_badge = reply,
        .info = sel4_message_info(answer->label, 0, 0, answer->length),
    };
    memcpy(message.word, answer->word, sizeof(message.word));
    kernel->calls++;
    arch_syscall(&message, SEL4_SYSCALL_NB_SEND, 0);
}

void sel4_kernel_signal(struct sel4_kernel *kernel, cap_slot notification)
{
    struct arch_message message = {.cap_or_badge = notification};
    kernel->calls++;
    arch_syscall(&message, SEL4_SYSCALL_SEND, 0);
}

bool sel4_kernel_poll(struct sel4_received *received, struct sel4_kernel *kernel, cap_slot endpoint,
                      cap_slot reply)
{
    struct arch_message message = {.cap_or_badge = endpoint};
    arch_syscall(&message, SEL4_SYSCALL_NB_RECV, reply);
    if (message.cap_or_badge == 0) {
        return false;
    }
    take(received, kernel, &message);
    return true;
}

uint64_t sel4_kernel_identify(cap_slot cap)
{
    struct arch_message message = {.cap_or_badge = cap};
    arch_syscall(&message, SEL4_SYSCALL_DEBUG_CAP_IDENTIFY, 0);
    return message.cap_or_badge;
}

void sel4_kernel_snapshot(void)
{
    struct arch_message message = {0};
    arch_syscall(&message, SEL4_SYSCALL_DEBUG_SNAPSHOT, 0);
}

void sel4_kernel_yield(void)
{
    struct arch_message message = {0};
    arch_syscall(&message, SEL4_SYSCALL_YIELD, 0);
}
