// SPDX-License-Identifier: BSD-2-Clause

// Notifications (seL4 manual, 5): a word that signals are ORed into until somebody takes it. A
// signal is pending only while nobody waits. A bound notification also wakes its thread where that
// waits for a message, with the badge in place of one.

#include "internal.h"

// A thread without scheduling context runs on the notification's, if nobody does yet.
static void lend_sc(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    struct sched_context *sc = ntfn->sc;
    if (tcb->sc != NULL || sc == NULL || sc->tcb != NULL) {
        return;
    }
    schedcontext_donate(k, sc, tcb);
    schedcontext_wake(k, sc);
    schedcontext_resume(k, sc);
}

// A thread that ran on the notification's time gives it back when it waits again, or is bound anew.
void notification_return_sc(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    struct sched_context *sc = ntfn->sc;
    if (sc == NULL || sc != tcb->sc) {
        return;
    }
    schedcontext_unbind(k, sc);
}

static void wake(struct kernel *k, struct notification *ntfn, struct tcb *tcb, uint64_t badge)
{
    tcb->registers.word[REG_RDI] = badge;
    tcb_set_state(k, tcb, THREAD_RUNNING);
    lend_sc(k, ntfn, tcb);
    schedcontext_wake(k, tcb->sc);
    schedule_consider(k, tcb);
}

void notification_signal(struct kernel *k, struct notification *ntfn, uint64_t badge)
{
    struct tcb *waiting = ntfn->queue.head;
    if (waiting != NULL) {
        notification_leave(waiting);
        wake(k, ntfn, waiting, badge);
    } else if (!ntfn->active && ntfn->bound != NULL && ntfn->bound->state == THREAD_ON_RECEIVE) {
        tcb_cancel(k, ntfn->bound);
        wake(k, ntfn, ntfn->bound, badge);
    } else {
        ntfn->badge = ntfn->active ? ntfn->badge | badge : badge;
        ntfn->active = true;
    }
}

void notification_take(struct kernel *k, struct tcb *tcb, struct notification *ntfn)
{
    tcb->registers.word[REG_RDI] = ntfn->badge;
    ntfn->active = false;
    lend_sc(k, ntfn, tcb);
}

void notification_wait(struct kernel *k, struct tcb *tcb, struct notification *ntfn, bool blocking)
{
    if (ntfn->active) {
        notification_take(k, tcb, ntfn);
        return;
    }
    // Badge 0 says that nothing was pending.
    if (!blocking) {
        tcb->registers.word[REG_RDI] = 0;
        return;
    }
    notification_return_sc(k, ntfn, tcb);
    tcb->notification = ntfn;
    tcb_set_state(k, tcb, THREAD_ON_NOTIFICATION);
    queue_add(&ntfn->queue, tcb);
}

void notification_leave(struct tcb *tcb)
{
    queue_remove(&tcb->notification->queue, tcb);
}

// The notification goes: who waits repeats its call, and finds out what is there now.
void notification_cancel_all(struct kernel *k, struct notification *ntfn)
{
    while (ntfn->queue.head != NULL) {
        struct tcb *tcb = ntfn->queue.head;
        notification_leave(tcb);
        tcb_set_state(k, tcb, THREAD_RESTART);
        schedcontext_wake(k, tcb->sc);
        schedule_consider(k, tcb);
    }
    schedule_choose(k);
}
