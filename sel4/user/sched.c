// SPDX-License-Identifier: BSD-2-Clause
#include "sched.h"

enum status sched_configure(struct sel4_kernel *kernel, cap_slot control,
                            const struct sched_parameters *parameters, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = control,
        .invocation = SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS,
        .length = 5,
        .words = {parameters->budget_us, parameters->period_us, 0, parameters->badge, 0},
        .cap_count = 1,
        .caps = {parameters->sched_context},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status sched_bind(struct sel4_kernel *kernel, cap_slot sched_context, cap_slot notification,
                       struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = sched_context,
        .invocation = SEL4_INVOCATION_SCHED_CONTEXT_BIND,
        .cap_count = 1,
        .caps = {notification},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status sched_unbind(struct sel4_kernel *kernel, cap_slot sched_context, struct diag *diag)
{
    return sel4_kernel_plain(kernel, sched_context, SEL4_INVOCATION_SCHED_CONTEXT_UNBIND, diag);
}

enum status sched_consumed(uint64_t *consumed_us, struct sel4_kernel *kernel,
                           cap_slot sched_context, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = sched_context,
        .invocation = SEL4_INVOCATION_SCHED_CONTEXT_CONSUMED,
    };
    return sel4_kernel_ask(consumed_us, kernel, &invoke, diag);
}
