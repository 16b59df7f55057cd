// SPDX-License-Identifier: BSD-2-Clause

// Threads that wait for one endpoint or notification: highest priority first, among equals who came
// first (seL4 manual, chapter 4, MCS). A thread waits in one queue at most, so its links are in
// the TCB.

#include "internal.h"

void queue_add(struct queue *queue, struct tcb *tcb)
{
    struct tcb *after = queue->tail;
    while (after != NULL && after->priority < tcb->priority) {
        after = after->wait_prev;
    }
    tcb->wait_prev = after;
    tcb->wait_next = after == NULL ? queue->head : after->wait_next;
    if (tcb->wait_next != NULL) {
        tcb->wait_next->wait_prev = tcb;
    } else {
        queue->tail = tcb;
    }
    if (after != NULL) {
        after->wait_next = tcb;
    } else {
        queue->head = tcb;
    }
}

void queue_remove(struct queue *queue, struct tcb *tcb)
{
    if (tcb->wait_prev != NULL) {
        tcb->wait_prev->wait_next = tcb->wait_next;
    } else {
        queue->head = tcb->wait_next;
    }
    if (tcb->wait_next != NULL) {
        tcb->wait_next->wait_prev = tcb->wait_prev;
    } else {
        queue->tail = tcb->wait_prev;
    }
    tcb->wait_prev = NULL;
    tcb->wait_next = NULL;
}
