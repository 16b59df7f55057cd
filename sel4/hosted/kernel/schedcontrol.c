// SPDX-License-Identifier: BSD-2-Clause

// seL4_SchedControl_ConfigureFlags (seL4 manual, 6.1): budget and period in microseconds, extra
// refills, badge, flags. The bounds keep every product with the tick rate within 61 bits, so that
// sums of times cannot overflow.

#include "internal.h"

enum { MIN_BUDGET_US = 20, MIN_REFILLS = 2 };

struct parameters {
    uint64_t budget; // microseconds
    uint64_t period;
    uint64_t extra_refills;
    uint64_t badge;
    uint64_t flags;
};

static void configure(struct kernel *k, struct sched_context *sc, const struct parameters *p)
{
    struct tcb *tcb = sc->tcb;
    uint64_t ticks = k->machine->ticks_per_us;
    if (sc == k->current_sc) {
        schedule_commit(k);
    }
    if (tcb != NULL) {
        schedule_remove(k, tcb);
    }
    sc->badge = p->badge;
    sc->sporadic = (p->flags & SEL4_SCHED_CONTEXT_SPORADIC) != 0;
    // Who may run keeps the times of what it used; else a new budget would be a second one.
    if (sc->refill_max > 0 && tcb != NULL && tcb_runnable(tcb)) {
        refill_change(k, sc, p->budget * ticks, p->period * ticks);
    } else {
        refill_start(k, sc, p->budget * ticks, p->period * ticks);
    }
    sc->refill_max = (uint32_t)p->extra_refills + MIN_REFILLS;
    if (tcb == NULL) {
        return;
    }
    schedcontext_resume(k, sc);
    schedule_enqueue(k, tcb);
    schedule_choose(k);
}

static enum sel4_error check(struct kernel *k, struct invocation *inv, const struct cap *cap,
                             const struct parameters *p)
{
    uint64_t max = UINT64_MAX / k->machine->ticks_per_us / 8;
    if (p->budget < MIN_BUDGET_US || p->budget > max) {
        return invocation_range(inv, MIN_BUDGET_US, max);
    }
    if (p->period < MIN_BUDGET_US || p->period > max) {
        return invocation_range(inv, MIN_BUDGET_US, max);
    }
    if (p->budget > p->period) {
        return invocation_range(inv, MIN_BUDGET_US, p->period);
    }
    if (!cap_is(cap, SEL4_CAP_TAG_SCHED_CONTEXT)) {
        return invocation_capability(inv, 1);
    }
    unsigned extra = refill_capacity(cap->size_bits) - MIN_REFILLS;
    return p->extra_refills > extra ? invocation_range(inv, 0, extra) : SEL4_ERROR_NONE;
}

enum sel4_error schedcontrol_decode(struct kernel *k, struct invocation *inv)
{
    if (inv->operation != SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (!invocation_has(inv, 5, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    const struct cap *cap = invocation_extra(inv, 0);
    struct parameters p = {.budget = invocation_word(k, inv, 0),
                           .period = invocation_word(k, inv, 1),
                           .extra_refills = invocation_word(k, inv, 2),
                           .badge = invocation_word(k, inv, 3),
                           .flags = invocation_word(k, inv, 4)};
    enum sel4_error error = check(k, inv, cap, &p);
    if (error == SEL4_ERROR_NONE) {
        configure(k, cap_object(k, cap), &p);
    }
    return error;
}
