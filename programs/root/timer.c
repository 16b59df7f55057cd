// SPDX-License-Identifier: BSD-2-Clause
#include "timer.h"

#include "arch.h"
#include "sched.h"
#include "sel4_syscall.h"
#include "tcb.h"

enum { STACK = 4096, BUDGET_US = 100, SCHED_CONTEXT_BITS = 8 };

static _Alignas(16) uint8_t stack[STACK];

// The thread. It shares nothing with the rest of the program but the capability it is given.
static _Noreturn void tick(cap_slot auditor)
{
    for (;;) {
        struct arch_message nothing = {0};
        arch_syscall(&nothing, SEL4_SYSCALL_YIELD, 0);
        struct arch_message message = {.cap_or_badge = auditor};
        arch_syscall(&message, SEL4_SYSCALL_SEND, 0);
    }
}

static enum status make(cap_slot *slot, const struct timer_place *place, enum sel4_object type,
                        struct diag *diag)
{
    cap_slot untyped = SEL4_SLOT_NULL;
    uint8_t bits = (uint8_t)labels_size_bits(type, SCHED_CONTEXT_BITS);
    enum status status = memory_take(&untyped, place->memory, bits, 1, diag);
    if (status == STATUS_OK) {
        status = cspace_take(slot, place->cspace, 1, diag);
    }
    struct untyped_run run = {
        .type = type,
        .size_bits = bits,
        .count = 1,
        .root = place->cspace->top,
        .depth = CSPACE_TOP_DEPTH,
        .offset = *slot,
    };
    return status == STATUS_OK ? untyped_retype(place->kernel, untyped, &run, diag) : status;
}

static enum status mint_sender(cap_slot *slot, const struct timer_place *place, struct diag *diag)
{
    enum status status = cspace_take(slot, place->cspace, 1, diag);
    struct cnode_derive mint = {
        .to = cspace_slot(place->cspace, *slot),
        .from = cspace_slot(place->cspace, place->auditor),
        .rights = SEL4_RIGHT_WRITE,
        .data = (uint64_t)TIMER_BADGE << 56,
    };
    return status == STATUS_OK ? cnode_mint(place->kernel, &mint, diag) : status;
}

static enum status configure(const struct timer *timer, const struct timer_place *place,
                             cap_slot sched_context, struct diag *diag)
{
    struct sched_parameters parameters = {
        .sched_context = sched_context,
        .budget_us = BUDGET_US,
        .period_us = TIMER_PERIOD_US,
    };
    struct tcb_spaces spaces = {.cspace = place->cspace->top, .vspace = SEL4_SLOT_VSPACE};
    struct tcb_scheduling scheduling = {
        .priority = SEL4_MAX_PRIORITY,
        .authority = SEL4_SLOT_TCB,
        .sched_context = sched_context,
    };
    enum status status = sched_configure(place->kernel, place->sched_control, &parameters, diag);
    if (status == STATUS_OK) {
        status = tcb_configure(place->kernel, timer->tcb, &spaces, diag);
    }
    return status == STATUS_OK ? tcb_set_sched_params(place->kernel, timer->tcb, &scheduling, diag)
                               : status;
}

enum status timer_open(struct timer *timer, const struct timer_place *place, struct diag *diag)
{
    cap_slot sched_context = SEL4_SLOT_NULL;
    cap_slot sender = SEL4_SLOT_NULL;
    enum status status = make(&timer->tcb, place, SEL4_OBJECT_TCB, diag);
    if (status == STATUS_OK) {
        status = make(&sched_context, place, SEL4_OBJECT_SCHED_CONTEXT, diag);
    }
    if (status == STATUS_OK) {
        status = mint_sender(&sender, place, diag);
    }
    if (status == STATUS_OK) {
        status = configure(timer, place, sched_context, diag);
    }
    struct registers registers = {0};
    registers.word[REG_RIP] = (uintptr_t)tick;
    registers.word[REG_RSP] = (uintptr_t)stack + STACK - sizeof(uint64_t); // as after a call
    registers.word[REG_RDI] = sender;
    return status == STATUS_OK ? tcb_write(place->kernel, timer->tcb, &registers, diag) : status;
}

void timer_arm(struct timer *timer, struct sel4_kernel *kernel)
{
    if (!timer->armed) {
        timer->armed = tcb_resume(kernel, timer->tcb, NULL) == STATUS_OK;
    }
}

void timer_disarm(struct timer *timer, struct sel4_kernel *kernel)
{
    if (timer->armed) {
        timer->armed = tcb_suspend(kernel, timer->tcb, NULL) != STATUS_OK;
    }
}
