// SPDX-License-Identifier: BSD-2-Clause

// A scheduling context is a right to processor time that one thread has at a time: `sc->tcb` and
// `tcb->sc` name each other, or are NULL. A call lends it to the callee, and then the chain of
// reply objects says who gets it back (reply.c); a notification lends its own to a thread that has
// none (notification.c). Whoever loses or gets one leaves the queues first: they hold only threads
// that can run, in the order of their contexts' refills.

#include "internal.h"

bool schedcontext_released(const struct kernel *k, struct sched_context *sc)
{
    return sc->refill_max > 0 && refill_ready(k, sc) && refill_sufficient(k, sc, 0);
}

// A thread that may run but has no budget waits for its next refill.
void schedcontext_resume(struct kernel *k, struct sched_context *sc)
{
    if (sc == NULL || sc->tcb == NULL || !schedule_runnable(sc->tcb)) {
        return;
    }
    if (!schedcontext_released(k, sc)) {
        schedule_postpone(k, sc);
    }
}

// A sporadic context takes up its refills anew when its thread unblocks; one of constant bandwidth
// does when it is switched to (schedule.c).
void schedcontext_wake(struct kernel *k, struct sched_context *sc)
{
    if (sc != NULL && sc->sporadic && sc->refill_max > 0 && sc != k->current_sc) {
        refill_unblock(k, sc);
    }
}

void schedcontext_donate(struct kernel *k, struct sched_context *sc, struct tcb *to)
{
    struct tcb *from = sc->tcb;
    if (from != NULL) {
        schedule_remove(k, from);
        from->sc = NULL;
        if (from == k->current) {
            schedule_choose(k);
        }
    }
    sc->tcb = to;
    to->sc = sc;
}

void schedcontext_bind(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
    sc->tcb = tcb;
    tcb->sc = sc;
    if (sc->refill_max == 0) {
        return;
    }
    schedcontext_wake(k, sc);
    schedcontext_resume(k, sc);
    if (schedule_runnable(tcb)) {
        schedule_enqueue(k, tcb);
        schedule_choose(k);
    }
}

void schedcontext_unbind(struct kernel *k, struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    if (tcb == NULL) {
        return;
    }
    schedule_remove(k, tcb);
    sc->tcb = NULL;
    tcb->sc = NULL;
    if (tcb == k->current) {
        schedule_choose(k);
    }
}

void schedcontext_bind_notification(struct sched_context *sc, struct notification *ntfn)
{
    sc->notification = ntfn;
    ntfn->sc = sc;
}

void schedcontext_unbind_notification(struct sched_context *sc)
{
    if (sc->notification != NULL) {
        sc->notification->sc = NULL;
        sc->notification = NULL;
    }
}

static void cut_chain(struct sched_context *sc)
{
    if (sc->reply != NULL) {
        sc->reply->sc = NULL;
        sc->reply = NULL;
    }
}

void schedcontext_finalise(struct kernel *k, struct sched_context *sc)
{
    schedcontext_unbind(k, sc);
    schedcontext_unbind_notification(sc);
    cut_chain(sc);
    if (sc->yield_from != NULL) {
        schedcontext_end_yield(k, sc->yield_from);
    }
    if (k->current_sc == sc) {
        k->current_sc = NULL;
        k->consumed = 0;
    }
    sc->refill_max = 0;
}

uint64_t schedcontext_take_consumed(struct kernel *k, struct sched_context *sc)
{
    if (sc == k->current_sc) {
        schedule_commit(k);
    }
    uint64_t ticks = sc->consumed;
    sc->consumed = 0;
    return ticks / k->machine->ticks_per_us;
}

// The answer of YieldTo, which its caller gets when it runs again or is stopped: what the other
// thread has used meanwhile.
void schedcontext_end_yield(struct kernel *k, struct tcb *tcb)
{
    struct sched_context *sc = tcb->yield_to;
    uint64_t consumed = schedcontext_take_consumed(k, sc);
    if (tcb->yield_call) {
        tcb->registers.word[REG_RDI] = 0;
        tcb->registers.word[REG_RSI] = sel4_message_info(0, 0, 0, 1);
        tcb->registers.word[REG_R10] = consumed;
    }
    sc->yield_from = NULL;
    tcb->yield_to = NULL;
}
