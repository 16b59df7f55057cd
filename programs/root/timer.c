// SPDX-License-Identifier: BSD-2-Clause
#include "timer.h"

#include "arch.h"
#include "sched.h"
#include "sel4_syscall.h"
#include "tcb.h"

// The budget is far more than a message takes: a budget that is exceeded n times costs n periods,
// and a host that pauses the machine just then makes it so.
enum { STACK = 4096, BUDGET_US = TIMER_PERIOD_US / 2, CNODE_BITS = 1 };

// What it is made of. Its CSpace holds the one capability that it needs.
struct parts {
    cap_slot tcb, sched_context, cnode;
};

static _Alignas(16) uint8_t stack[STACK];

// The thread. It shares nothing with the rest of the program but the capability it is given.
static _Noreturn void tick(void)
{
    for (;;) {
        struct arch_message message = {.cap_or_badge = 0};
        arch_syscall(&message, SEL4_SYSCALL_SEND, 0);
        struct arch_message nothing = {0};
        arch_syscall(&nothing, SEL4_SYSCALL_YIELD, 0);
    }
}

static enum status mint_sender(const struct timer_place *place, cap_slot cnode, struct diag *diag)
{
    struct cnode_derive mint = {
        .to = {.root = cnode, .index = 0, .depth = CNODE_BITS},
        .from = cspace_slot(place->pool->cspace, place->auditor),
        .rights = SEL4_RIGHT_WRITE,
        .data = (uint64_t)TIMER_BADGE << 56,
    };
    return cnode_mint(place->pool->kernel, &mint, diag);
}

static enum status configure(const struct timer_place *place, const struct parts *parts,
                             struct diag *diag)
{
    struct sel4_kernel *kernel = place->pool->kernel;
    struct sched_parameters parameters = {
        .sched_context = parts->sched_context,
        .budget_us = BUDGET_US,
        .period_us = TIMER_PERIOD_US,
    };
    struct tcb_spaces spaces = {
        .cspace = parts->cnode,
        .cspace_data = sel4_cnode_data(0, SEL4_WORD_BITS - CNODE_BITS),
        .vspace = SEL4_SLOT_VSPACE,
    };
    struct tcb_scheduling scheduling = {
        .priority = SEL4_MAX_PRIORITY,
        .authority = SEL4_SLOT_TCB,
        .sched_context = parts->sched_context,
    };
    enum status status = sched_configure(kernel, place->sched_control, &parameters, diag);
    if (status == STATUS_OK) {
        status = tcb_configure(kernel, parts->tcb, &spaces, diag);
    }
    return status == STATUS_OK ? tcb_set_sched_params(kernel, parts->tcb, &scheduling, diag)
                               : status;
}

enum status timer_start(const struct timer_place *place, struct diag *diag)
{
    const struct objects_pool *pool = place->pool;
    struct parts parts = {0};
    enum status status = objects_make(&parts.tcb, pool, SEL4_OBJECT_TCB, 0, diag);
    if (status == STATUS_OK) {
        status = objects_make(&parts.sched_context, pool, SEL4_OBJECT_SCHED_CONTEXT,
                              PLAN_SCHED_CONTEXT_BITS, diag);
    }
    if (status == STATUS_OK) {
        status = objects_make(&parts.cnode, pool, SEL4_OBJECT_CNODE, CNODE_BITS, diag);
    }
    if (status == STATUS_OK) {
        status = mint_sender(place, parts.cnode, diag);
    }
    if (status == STATUS_OK) {
        status = configure(place, &parts, diag);
    }
    struct registers registers = {0};
    registers.word[REG_PC] = (uintptr_t)tick;
    registers.word[REG_SP] = (uintptr_t)stack + STACK - sizeof(uint64_t); // as after a call
    return status == STATUS_OK ? tcb_start(pool->kernel, parts.tcb, &registers, diag) : status;
}
