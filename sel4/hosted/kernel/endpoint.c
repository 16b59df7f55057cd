// SPDX-License-Identifier: BSD-2-Clause

// Synchronous IPC (seL4 manual, 4). All threads in the queue of an endpoint send, or all receive;
// a message goes over when both sides are there, so that an endpoint holds none and needs no
// memory. Who sent a call or a fault waits for its answer at the receiver's reply object; where the
// receiver gave none, or the sender's capability does not let it be answered, it stops for good.

#include "internal.h"

// Who sends a fault waits for the handler as a caller does.
static bool expects_answer(const struct tcb *sender, bool call)
{
    return call || sender->fault.kind != SEL4_FAULT_NULL;
}

static void link_reply(struct tcb *tcb, struct reply *reply)
{
    tcb->reply = reply;
    if (reply != NULL) {
        reply->tcb = tcb;
    }
}

static void wait_in(struct kernel *k, struct tcb *tcb, struct endpoint *endpoint,
                    enum thread_state state)
{
    tcb->endpoint = endpoint;
    tcb_set_state(k, tcb, state);
    queue_add(&endpoint->queue, tcb);
}

static void deliver(struct kernel *k, struct tcb *from, struct endpoint *endpoint, struct send how)
{
    struct tcb *to = endpoint->queue.head;
    struct reply *reply = to->reply;
    // The receiver's reply object is free again first: reply_push gives it to the sender.
    queue_remove(&endpoint->queue, to);
    reply_unlink(to);
    transfer_send(k, from, to,
                  (struct carrier){.endpoint = endpoint, .badge = how.badge, .grant = how.grant});
    if (expects_answer(from, how.call)) {
        if (reply != NULL && (how.grant || how.grant_reply)) {
            reply_push(k, reply, from, to, how.donate);
        } else {
            tcb_set_state(k, from, THREAD_INACTIVE);
        }
    } else if (how.donate && to->sc == NULL && from->sc != NULL) { // a passive receiver
        schedcontext_donate(k, from->sc, to);
    }
    tcb_set_state(k, to, THREAD_RUNNING);
    schedcontext_wake(k, to->sc);
    schedule_consider(k, to);
}

void endpoint_send(struct kernel *k, struct tcb *from, struct endpoint *endpoint, struct send how)
{
    const struct tcb *head = endpoint->queue.head;
    if (head != NULL && head->state == THREAD_ON_RECEIVE) {
        deliver(k, from, endpoint, how);
        return;
    }
    // Nobody is there: the message is lost and the sender not told (NBSend).
    if (!how.blocking) {
        return;
    }
    from->badge = how.badge;
    from->can_grant = how.grant;
    from->can_grant_reply = how.grant_reply;
    from->is_call = how.call;
    wait_in(k, from, endpoint, THREAD_ON_SEND);
}

// Receives from the first sender that waits. One that waits with a timeout fault lends nothing: it
// has no budget, and whoever handles that runs on its own.
static void take(struct kernel *k, struct tcb *to, struct endpoint *endpoint, struct reply *reply)
{
    struct tcb *from = endpoint->queue.head;
    bool timeout = from->fault.kind == SEL4_FAULT_TIMEOUT;
    queue_remove(&endpoint->queue, from);
    transfer_send(
        k, from, to,
        (struct carrier){.endpoint = endpoint, .badge = from->badge, .grant = from->can_grant});
    if (!expects_answer(from, from->is_call)) {
        tcb_set_state(k, from, THREAD_RUNNING);
        schedcontext_wake(k, from->sc);
        schedule_consider(k, from);
    } else if (reply != NULL && (from->can_grant || from->can_grant_reply)) {
        reply_push(k, reply, from, to, !timeout);
    } else {
        tcb_set_state(k, from, THREAD_INACTIVE);
    }
}

void endpoint_receive(struct kernel *k, struct tcb *to, const struct cap *cap, bool blocking,
                      struct reply *reply)
{
    struct endpoint *endpoint = cap_object(k, cap);
    // A reply object is for one caller: the one that it was for will not be answered.
    if (reply != NULL && reply->tcb != NULL && reply->tcb != to) {
        tcb_cancel(k, reply->tcb);
    }
    if (to->bound != NULL && to->bound->active) {
        notification_take(k, to, to->bound);
        return;
    }
    const struct tcb *head = endpoint->queue.head;
    if (head != NULL && head->state == THREAD_ON_SEND) {
        take(k, to, endpoint, reply);
        return;
    }
    if (!blocking) {
        to->registers.word[REG_RDI] = 0;
        return;
    }
    if (to->bound != NULL) {
        notification_return_sc(k, to->bound, to);
    }
    link_reply(to, reply);
    wait_in(k, to, endpoint, THREAD_ON_RECEIVE);
}

void endpoint_leave(struct tcb *tcb)
{
    queue_remove(&tcb->endpoint->queue, tcb);
    reply_unlink(tcb);
}

// The endpoint goes, or a badge is cancelled. A thread that was taken out of a queue repeats its
// system call; one that was about to deliver a fault has nothing to repeat and stops.
static void restart(struct kernel *k, struct tcb *tcb)
{
    endpoint_leave(tcb);
    if (tcb->fault.kind != SEL4_FAULT_NULL) {
        tcb_set_state(k, tcb, THREAD_INACTIVE);
        return;
    }
    tcb_set_state(k, tcb, THREAD_RESTART);
    schedcontext_wake(k, tcb->sc);
    schedule_consider(k, tcb);
}

void endpoint_cancel_all(struct kernel *k, struct endpoint *endpoint)
{
    while (endpoint->queue.head != NULL) {
        restart(k, endpoint->queue.head);
    }
    schedule_choose(k);
}

void endpoint_cancel_badged(struct kernel *k, struct endpoint *endpoint, uint64_t badge)
{
    struct tcb *next = NULL;
    for (struct tcb *tcb = endpoint->queue.head; tcb != NULL; tcb = next) {
        next = tcb->wait_next;
        if (tcb->state == THREAD_ON_SEND && tcb->badge == badge) {
            restart(k, tcb);
        }
    }
    schedule_choose(k);
}

void endpoint_reorder(struct tcb *tcb)
{
    queue_remove(&tcb->endpoint->queue, tcb);
    queue_add(&tcb->endpoint->queue, tcb);
}
