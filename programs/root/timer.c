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

static enum status configure(const struct timer_place *place, cap_slot tcb, cap_slot sched_context,
                             struct diag *diag)
{
    struct sel4_kernel *kernel = place->pool->kernel;
    struct sched_parameters parameters = {
        .sched_context = sched_context,
        .budget_us = BUDGET_US,
        .period_us = TIMER_PERIOD_US,
    };
    struct tcb_spaces spaces = {.cspace = place->pool->cspace->top, .vspace = SEL4_SLOT_VSPACE};
    struct tcb_scheduling scheduling = {
        .priority = SEL4_MAX_PRIORITY,
        .authority = SEL4_SLOT_TCB,
        .sched_context = sched_context,
    };
    enum status status = sched_configure(kernel, place->sched_control, &parameters, diag);
    if (status == STATUS_OK) {
        status = tcb_configure(kernel, tcb, &spaces, diag);
    }
    return status == STATUS_OK ? tcb_set_sched_params(kernel, tcb, &scheduling, diag) : status;
}

enum status timer_start(const struct timer_place *place, struct diag *diag)
{
    const struct objects_pool *pool = place->pool;
    cap_slot tcb = SEL4_SLOT_NULL, sched_context = SEL4_SLOT_NULL, sender = SEL4_SLOT_NULL;
    enum status status = objects_make(&tcb, pool, SEL4_OBJECT_TCB, 0, diag);
    if (status == STATUS_OK) {
        status = objects_make(&sched_context, pool, SEL4_OBJECT_SCHED_CONTEXT,
                              PLAN_SCHED_CONTEXT_BITS, diag);
    }
    if (status == STATUS_OK) {
        status = mint_sender(&sender, place, diag);
    }
    if (status == STATUS_OK) {
        status = configure(place, tcb, sched_context, diag);
    }
    struct registers registers = {0};
    registers.word[REG_RIP] = (uintptr_t)tick;
    registers.word[REG_RSP] = (uintptr_t)stack + STACK - sizeof(uint64_t); // as after a call
    registers.word[REG_RDI] = sender;
    return status == STATUS_OK ? tcb_start(pool->kernel, tcb, &registers, diag) : status;
}
