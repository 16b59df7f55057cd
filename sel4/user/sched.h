// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of a scheduling context and of the control over them.

#include "sel4_kernel.h"

struct sched_parameters {
    cap_slot sched_context;
    uint64_t budget_us;
    uint64_t period_us; // budget = period: round robin, never a timeout fault
    uint64_t badge;     // word 0 of its timeout faults
};

enum status sched_configure(struct sel4_kernel *kernel, cap_slot control,
                            const struct sched_parameters *parameters,
                            struct diag *diag) MUST_CHECK;

// Binds a scheduling context that is nobody's: who receives a signal of the notification without
// one of its own runs on it.
enum status sched_bind(struct sel4_kernel *kernel, cap_slot sched_context, cap_slot notification,
                       struct diag *diag) MUST_CHECK;

// Takes the scheduling context away from its thread, which runs on its callers' from then on.
enum status sched_unbind(struct sel4_kernel *kernel, cap_slot sched_context,
                         struct diag *diag) MUST_CHECK;

// Microseconds consumed since the last time this was asked.
enum status sched_consumed(uint64_t *consumed_us, struct sel4_kernel *kernel,
                           cap_slot sched_context, struct diag *diag) MUST_CHECK;
