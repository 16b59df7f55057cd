// SPDX-License-Identifier: BSD-2-Clause
#include "timer.h"

#include "arch.h"
#include "sched.h"
#include "sel4_syscall.h"
#include "tcb.h"

enum { STACK = 4096, BUDGET_US = 100 };

static _Alignas(16) uint8_t stack[STACK];

// The thread. It shares nothing with the rest of the program but the capability it is given.
static _Noreturn void tick(cap_slot auditor)
{
    for (;;) {
        struct arch_message message = {.cap_or_badge = auditor};
        arch_syscall(&message, SEL4_SYSCALL_SEND, 0);
        struct arch_message nothing = {0};
        arch_syscall(&nothing, SEL4_SYSCALL_YIELD, 0);
    }
}

static enum status mint_sender(cap_slot *slot, const struct timer_place *place, struct diag *diag)
{
    struct cspace *cspace = place->pool->cspace;
    enum status status = cspace_take(slot, cspace, 1, diag);
    struct cnode_derive mint = {
        .to = cspace_slot(cspace, *slot),
        .from = cspace_slot(cspace, place->auditor),
        .rights = SEL4_RIGHT_WRITE,
        .data = (uint64_t)TIMER_BADGE << 56,
    };
    return status == STATUS_OK ? cnode_mint(place->pool->kernel, &mint, diag) : status;
}

static enum status configure(const struct timer *timer, const struct timer_place *place,
                             struct diag *diag)
{
    struct tcb_spaces spaces = {.cspace = place->pool->cspace->top, .vspace = SEL4_SLOT_VSPACE};
    struct tcb_scheduling scheduling = {
        .priority = SEL4_MAX_PRIORITY,
        .authority = SEL4_SLOT_TCB,
        .sched_context = timer->sched_context,
    };
    enum status status = tcb_configure(place->pool->kernel, timer->tcb, &spaces, diag);
    return status == STATUS_OK
               ? tcb_set_sched_params(place->pool->kernel, timer->tcb, &scheduling, diag)
               : status;
}

enum status timer_open(struct timer *timer, const struct timer_place *place, struct diag *diag)
{
    const struct objects_pool *pool = place->pool;
    cap_slot sender = SEL4_SLOT_NULL;
    timer->sched_control = place->sched_control;
    enum status status = objects_make(&timer->tcb, pool, SEL4_OBJECT_TCB, 0, diag);
    if (status == STATUS_OK) {
        status = objects_make(&timer->sched_context, pool, SEL4_OBJECT_SCHED_CONTEXT,
                              PLAN_SCHED_CONTEXT_BITS, diag);
    }
    if (status == STATUS_OK) {
        status = mint_sender(&sender, place, diag);
    }
    if (status == STATUS_OK) {
        status = configure(timer, place, diag);
    }
    struct registers registers = {0};
    registers.word[REG_RIP] = (uintptr_t)tick;
    registers.word[REG_RSP] = (uintptr_t)stack + STACK - sizeof(uint64_t); // as after a call
    registers.word[REG_RDI] = sender;
    // It may run from now on, but has no time before timer_set gives it a period.
    return status == STATUS_OK ? tcb_start(pool->kernel, timer->tcb, &registers, diag) : status;
}

void timer_set(struct timer *timer, struct sel4_kernel *kernel, uint64_t period_us)
{
    struct sched_parameters parameters = {
        .sched_context = timer->sched_context,
        .budget_us = BUDGET_US,
        .period_us = period_us,
    };
    if (timer->period_us != period_us &&
        sched_configure(kernel, timer->sched_control, &parameters, NULL) == STATUS_OK) {
        timer->period_us = period_us;
    }
}
