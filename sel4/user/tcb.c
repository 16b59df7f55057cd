// SPDX-License-Identifier: BSD-2-Clause
#include "tcb.h"

enum status tcb_configure(struct sel4_kernel *kernel, cap_slot tcb, const struct tcb_spaces *spaces,
                          struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = tcb,
        .invocation = SEL4_INVOCATION_TCB_CONFIGURE,
        .length = 3,
        .words = {spaces->cspace_data, 0, spaces->buffer},
        .cap_count = 3,
        .caps = {spaces->cspace, spaces->vspace, spaces->buffer_frame},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status tcb_set_space(struct sel4_kernel *kernel, cap_slot tcb, const struct tcb_spaces *spaces,
                          struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = tcb,
        .invocation = SEL4_INVOCATION_TCB_SET_SPACE,
        .length = 2,
        .words = {spaces->cspace_data, 0},
        .cap_count = 3,
        .caps = {0, spaces->cspace, spaces->vspace},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status tcb_set_sched_params(struct sel4_kernel *kernel, cap_slot tcb,
                                 const struct tcb_scheduling *scheduling, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = tcb,
        .invocation = SEL4_INVOCATION_TCB_SET_SCHED_PARAMS,
        .length = 2,
        .words = {scheduling->max_priority, scheduling->priority},
        .cap_count = 3,
        .caps = {scheduling->authority, scheduling->sched_context, scheduling->fault_handler},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status tcb_set_timeout_endpoint(struct sel4_kernel *kernel, cap_slot tcb, cap_slot endpoint,
                                     struct diag *diag)
{
    return sel4_kernel_give(kernel, tcb, SEL4_INVOCATION_TCB_SET_TIMEOUT_ENDPOINT, endpoint, diag);
}

enum status tcb_set_priority(struct sel4_kernel *kernel, cap_slot tcb, cap_slot authority,
                             uint8_t priority, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = tcb,
        .invocation = SEL4_INVOCATION_TCB_SET_PRIORITY,
        .length = 1,
        .words = {priority},
        .cap_count = 1,
        .caps = {authority},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status tcb_start(struct sel4_kernel *kernel, cap_slot tcb, const struct registers *registers,
                      struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = tcb,
        .invocation = SEL4_INVOCATION_TCB_WRITE_REGISTERS,
        .length = REG_COUNT + 2,
        .words = {1, REG_COUNT}, // 1 = resume
    };
    memcpy(&invoke.words[2], registers->word, sizeof(registers->word));
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status tcb_read(struct registers *registers, struct sel4_kernel *kernel, cap_slot tcb,
                     struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = tcb,
        .invocation = SEL4_INVOCATION_TCB_READ_REGISTERS,
        .length = 2,
        .words = {0, REG_COUNT}, // 0 = do not suspend
    };
    struct sel4_answer answer =
        sel4_kernel_call(kernel, &invoke, kernel->abi.label[SEL4_INVOCATION_TCB_READ_REGISTERS]);
    if (answer.error != SEL4_ERROR_NONE) {
        return diag_fail(diag, STATUS_KERNEL_REFUSED,
                         labels_name(SEL4_INVOCATION_TCB_READ_REGISTERS), tcb);
    }
    for (unsigned i = 0; i < REG_COUNT; i++) {
        registers->word[i] =
            i < SEL4_MESSAGE_REGISTERS ? answer.word[i] : kernel->buffer->message[i];
    }
    return STATUS_OK;
}

enum status tcb_bind_notification(struct sel4_kernel *kernel, cap_slot tcb, cap_slot notification,
                                  struct diag *diag)
{
    return sel4_kernel_give(kernel, tcb, SEL4_INVOCATION_TCB_BIND_NOTIFICATION, notification, diag);
}

enum status tcb_suspend(struct sel4_kernel *kernel, cap_slot tcb, struct diag *diag)
{
    return sel4_kernel_plain(kernel, tcb, SEL4_INVOCATION_TCB_SUSPEND, diag);
}

enum status tcb_resume(struct sel4_kernel *kernel, cap_slot tcb, struct diag *diag)
{
    return sel4_kernel_plain(kernel, tcb, SEL4_INVOCATION_TCB_RESUME, diag);
}
