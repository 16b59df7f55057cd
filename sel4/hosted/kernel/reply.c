// SPDX-License-Identifier: BSD-2-Clause

// A reply object names the caller that waits. When the caller has lent its scheduling context, the
// object is also a link of that context's call chain, whose top is the latest caller: answering the
// top takes the context back.

#include "internal.h"

void reply_unlink(struct tcb *tcb)
{
    if (tcb->reply != NULL) {
        tcb->reply->tcb = NULL;
        tcb->reply = NULL;
    }
}

// The caller waits for `reply`; its time goes with the call unless the callee has its own.
void reply_push(struct kernel *k, struct reply *reply, struct tcb *caller, struct tcb *callee,
                bool donate)
{
    struct sched_context *sc = caller->sc;
    reply->tcb = caller;
    caller->reply = reply;
    tcb_set_state(k, caller, THREAD_ON_REPLY);
    if (!donate || sc == NULL || callee->sc != NULL) {
        return;
    }
    reply->below = sc->reply;
    if (reply->below != NULL) {
        reply->below->above = reply;
        reply->below->sc = NULL;
    }
    reply->sc = sc;
    sc->reply = reply;
    schedcontext_donate(k, sc, callee);
}

// The top of the chain is answered: its context returns to who lent it, and the link below is the
// top.
static void pop(struct kernel *k, struct reply *reply)
{
    struct sched_context *sc = reply->sc;
    sc->reply = reply->below;
    if (reply->below != NULL) {
        reply->below->above = NULL;
        reply->below->sc = sc;
    }
    reply->sc = NULL;
    reply->below = NULL;
    if (reply->tcb->sc == NULL) {
        schedcontext_donate(k, sc, reply->tcb);
    }
}

// Takes the link out of its chain, which ends there for both sides.
static void cut(struct reply *reply)
{
    if (reply->sc != NULL) {
        reply->sc->reply = NULL;
    }
    if (reply->above != NULL) {
        reply->above->below = NULL;
    }
    if (reply->below != NULL) {
        reply->below->above = NULL;
    }
    reply->sc = NULL;
    reply->above = NULL;
    reply->below = NULL;
}

static void detach(struct kernel *k, struct reply *reply)
{
    struct tcb *caller = reply->tcb;
    if (reply->sc != NULL) {
        pop(k, reply);
    } else {
        cut(reply);
    }
    reply_unlink(caller);
}

void reply_cut(struct tcb *caller)
{
    cut(caller->reply);
    reply_unlink(caller);
}

// What follows for a caller that may run again: at once, or a timeout fault, or its next refill.
static void let_run(struct kernel *k, struct tcb *caller, bool timed_out)
{
    struct sched_context *sc = caller->sc;
    if (sc == NULL || sc->refill_max == 0 || !tcb_runnable(caller)) {
        return;
    }
    if (!schedcontext_released(k, sc) && !timed_out && fault_has_timeout_handler(caller)) {
        fault_raise_timeout(k, caller);
    } else {
        schedule_consider(k, caller);
    }
}

void reply_send(struct kernel *k, struct reply *reply, struct tcb *from, bool grant)
{
    struct tcb *caller = reply->tcb;
    if (caller == NULL || caller->state != THREAD_ON_REPLY) {
        return;
    }
    detach(k, reply);
    schedcontext_wake(k, caller->sc);
    enum sel4_fault fault = caller->fault.kind;
    if (fault == SEL4_FAULT_NULL) {
        transfer_send(k, from, caller, (struct carrier){.grant = grant});
        tcb_set_state(k, caller, THREAD_RUNNING);
    } else {
        bool goes_on = fault_answer(k, caller, from);
        caller->fault = (struct fault){.kind = SEL4_FAULT_NULL};
        tcb_set_state(k, caller, goes_on ? THREAD_RESTART : THREAD_INACTIVE);
    }
    let_run(k, caller, fault == SEL4_FAULT_TIMEOUT);
}

// Deleting a reply object that somebody waits on leaves that thread stopped for good, as in seL4.
void reply_finalise(struct kernel *k, struct reply *reply)
{
    struct tcb *tcb = reply->tcb;
    if (tcb == NULL) {
        return;
    }
    if (tcb->state == THREAD_ON_REPLY) {
        detach(k, reply);
        tcb->fault = (struct fault){.kind = SEL4_FAULT_NULL};
        tcb_set_state(k, tcb, THREAD_INACTIVE);
    } else {
        tcb_cancel(k, tcb);
    }
}
