// SPDX-License-Identifier: BSD-2-Clause
#include "fake_kernel.h"

#include "arch.h"
#include "sel4_cap.h"
#include "sel4_syscall.h"

struct fake_kernel fake_kernel;

struct sel4_kernel fake_kernel_start(struct sel4_config config)
{
    memset(&fake_kernel, 0, sizeof fake_kernel);
    fake_kernel.abi = labels_of(config);
    fake_kernel.cnode_methods = 8;
    return (struct sel4_kernel){.abi = fake_kernel.abi, .buffer = &fake_kernel.buffer};
}

static uint64_t label_of(enum sel4_invocation invocation)
{
    return fake_kernel.abi.label[invocation];
}

// Whether the initial capability `on` knows a label.
static bool knows(cap_slot on, uint64_t label)
{
    uint64_t first = 0, count = 0;
    switch (on) {
    case SEL4_SLOT_CNODE:
        first = label_of(SEL4_INVOCATION_CNODE_REVOKE);
        count = fake_kernel.cnode_methods;
        break;
    case SEL4_SLOT_IO_PORT_CONTROL:
        first = label_of(SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE);
        count = 1;
        break;
    case SEL4_SLOT_DOMAIN:
        first = label_of(SEL4_INVOCATION_DOMAIN_SET);
        count = fake_kernel.abi.config.domain_schedule ? 3 : 1;
        break;
    case FAKE_SCHED_CONTROL:
        first = label_of(SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS);
        count = 1;
        break;
    default:
        break;
    }
    return label >= first && label < first + count;
}

static bool is_probe(cap_slot on, unsigned length)
{
    return length == 0 && (on == SEL4_SLOT_CNODE || on == SEL4_SLOT_IO_PORT_CONTROL ||
                           on == SEL4_SLOT_DOMAIN || on == FAKE_SCHED_CONTROL);
}

static struct fake_call *record(const struct arch_message *message)
{
    struct fake_call *call = &fake_kernel.calls[fake_kernel.count++];
    unsigned length = sel4_message_length(message->info);
    call->on = message->cap_or_badge;
    call->invocation = labels_invocation(&fake_kernel.abi, sel4_message_label(message->info));
    for (unsigned i = 0; i < length && i < SEL4_INVOKE_WORDS; i++) {
        call->words[i] =
            i < SEL4_MESSAGE_REGISTERS ? message->word[i] : fake_kernel.buffer.message[i];
    }
    for (unsigned i = 0; i < sel4_message_caps(message->info); i++) {
        call->caps[i] = fake_kernel.buffer.caps_or_badges[i];
    }
    return call;
}

// What is in the window when a frame leaves it is the frame's; the next one begins zeroed.
static void keep_window(const struct fake_call *call)
{
    struct fake_frame *frame = &fake_kernel.frames[fake_kernel.frame_count++];
    frame->cap = call->on;
    memcpy(frame->bytes, fake_kernel.window, FAKE_PAGE);
    memset(fake_kernel.window, 0, FAKE_PAGE);
}

static void answer(struct arch_message *message, enum sel4_error error, uint64_t word)
{
    message->cap_or_badge = 0;
    message->info = sel4_message_info(error, 0, 0, 1);
    message->word[0] = word;
}

static void retype_nothing(struct arch_message *message, const struct fake_call *call)
{
    bool unknown = call->words[0] >= fake_kernel.abi.type_count;
    answer(message, unknown ? SEL4_ERROR_INVALID_ARGUMENT : SEL4_ERROR_RANGE_ERROR,
           unknown ? 0 : 1);
}

void arch_syscall(struct arch_message *message, int64_t number, uint64_t reply)
{
    (void)reply;
    cap_slot on = message->cap_or_badge;
    if (number == SEL4_SYSCALL_DEBUG_CAP_IDENTIFY) {
        message->cap_or_badge = fake_kernel.tags[on % (1 << FAKE_TAG_BITS)];
        return;
    }
    if (is_probe(on, sel4_message_length(message->info))) {
        bool known = knows(on, sel4_message_label(message->info));
        answer(message, known ? SEL4_ERROR_TRUNCATED_MESSAGE : SEL4_ERROR_ILLEGAL_OPERATION, 0);
        return;
    }
    const struct fake_call *call = record(message);
    if (fake_kernel.fail_at != 0 && fake_kernel.count >= fake_kernel.fail_at &&
        (fake_kernel.count == fake_kernel.fail_at || fake_kernel.fail_all)) {
        answer(message, fake_kernel.error, 0);
        return;
    }
    if (call->invocation == SEL4_INVOCATION_UNTYPED_RETYPE && call->words[5] == 0) {
        retype_nothing(message, call);
        return;
    }
    if (call->invocation == SEL4_INVOCATION_PAGE_UNMAP) {
        keep_window(call);
    }
    answer(message, SEL4_ERROR_NONE, 0);
}

uint64_t arch_ticks(void)
{
    return 0;
}

const uint8_t *fake_kernel_frame(cap_slot cap)
{
    for (unsigned i = 0; i < fake_kernel.frame_count; i++) {
        if (fake_kernel.frames[i].cap == cap) {
            return fake_kernel.frames[i].bytes;
        }
    }
    return NULL;
}

unsigned fake_kernel_calls(enum sel4_invocation invocation)
{
    unsigned count = 0;
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        count += fake_kernel.calls[i].invocation == invocation;
    }
    return count;
}
