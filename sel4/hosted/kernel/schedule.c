// SPDX-License-Identifier: BSD-2-Clause

// Who runs: the highest priority of the current domain, first come first served within one. The
// running thread stands in no queue. A thread that has a configured scheduling context but no
// budget waits in the release queue, ordered by the time of its next refill.

#include "internal.h"

bool schedule_runnable(const struct tcb *tcb)
{
    return tcb_runnable(tcb) && tcb->sc != NULL && tcb->sc->refill_max > 0 && !tcb->released_later;
}

static void mark_ready(struct kernel *k, const struct tcb *tcb)
{
    uint64_t bit = UINT64_C(1) << (tcb->priority & 63);
    bool any = k->ready[tcb->domain][tcb->priority].head != NULL;
    uint64_t *word = &k->ready_bits[tcb->domain][tcb->priority / 64];
    *word = any ? *word | bit : *word & ~bit;
}

// At the head: who was taken off its turn by another goes on first. schedule_append is for who
// ended its turn.
void schedule_enqueue(struct kernel *k, struct tcb *tcb)
{
    if (tcb->queued || !schedule_runnable(tcb)) {
        return;
    }
    struct queue *queue = &k->ready[tcb->domain][tcb->priority];
    tcb->queued = true;
    tcb->ready_prev = NULL;
    tcb->ready_next = queue->head;
    if (queue->head != NULL) {
        queue->head->ready_prev = tcb;
    } else {
        queue->tail = tcb;
    }
    queue->head = tcb;
    mark_ready(k, tcb);
}

void schedule_append(struct kernel *k, struct tcb *tcb)
{
    if (tcb->queued || !schedule_runnable(tcb)) {
        return;
    }
    struct queue *queue = &k->ready[tcb->domain][tcb->priority];
    tcb->queued = true;
    tcb->ready_next = NULL;
    tcb->ready_prev = queue->tail;
    if (queue->tail != NULL) {
        queue->tail->ready_next = tcb;
    } else {
        queue->head = tcb;
    }
    queue->tail = tcb;
    mark_ready(k, tcb);
}

static void dequeue(struct kernel *k, struct tcb *tcb)
{
    struct queue *queue = &k->ready[tcb->domain][tcb->priority];
    if (!tcb->queued) {
        return;
    }
    *(tcb->ready_prev == NULL ? &queue->head : &tcb->ready_prev->ready_next) = tcb->ready_next;
    *(tcb->ready_next == NULL ? &queue->tail : &tcb->ready_next->ready_prev) = tcb->ready_prev;
    tcb->queued = false;
    tcb->ready_prev = NULL;
    tcb->ready_next = NULL;
    mark_ready(k, tcb);
}

static void release_remove(struct kernel *k, struct tcb *tcb)
{
    if (!tcb->released_later) {
        return;
    }
    *(tcb->ready_prev == NULL ? &k->release : &tcb->ready_prev->ready_next) = tcb->ready_next;
    if (tcb->ready_next != NULL) {
        tcb->ready_next->ready_prev = tcb->ready_prev;
    }
    tcb->released_later = false;
    tcb->ready_prev = NULL;
    tcb->ready_next = NULL;
}

void schedule_remove(struct kernel *k, struct tcb *tcb)
{
    dequeue(k, tcb);
    release_remove(k, tcb);
    if (k->candidate == tcb) {
        k->candidate = NULL;
        k->choose = true;
    }
}

void schedule_postpone(struct kernel *k, struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    schedule_remove(k, tcb);
    uint64_t time = refill_front(sc)->time;
    struct tcb *before = NULL;
    struct tcb *after = k->release;
    while (after != NULL && refill_front(after->sc)->time <= time) {
        before = after;
        after = after->ready_next;
    }
    tcb->released_later = true;
    tcb->ready_prev = before;
    tcb->ready_next = after;
    *(before == NULL ? &k->release : &before->ready_next) = tcb;
    if (after != NULL) {
        after->ready_prev = tcb;
    }
    if (tcb == k->current) {
        schedule_choose(k);
    }
}

void schedule_choose(struct kernel *k)
{
    if (k->candidate != NULL) {
        schedule_enqueue(k, k->candidate);
        k->candidate = NULL;
    }
    k->choose = true;
}

// A thread has become runnable. One that is alone in this is the candidate, which may run next
// without going through the queue; a second one, or a choice that is already due, sends both to the
// queues.
void schedule_consider(struct kernel *k, struct tcb *tcb)
{
    schedcontext_resume(k, tcb->sc);
    if (!schedule_runnable(tcb) || tcb == k->current) {
        return;
    }
    if (tcb->domain != k->domain) {
        schedule_enqueue(k, tcb);
    } else if (k->choose || k->candidate != NULL) {
        schedule_choose(k);
        schedule_enqueue(k, tcb);
    } else {
        k->candidate = tcb;
    }
}

// The time since the last entry was the current context's, in the kernel or not.
void schedule_enter(struct kernel *k)
{
    uint64_t now = k->machine->operations->now(k->machine);
    if (k->current_sc != NULL) {
        k->consumed += now - k->now;
    }
    k->now = now;
}

void schedule_commit(struct kernel *k)
{
    struct sched_context *sc = k->current_sc;
    if (sc != NULL && sc->refill_max > 0 && k->consumed > 0) {
        refill_charge(k, sc, k->consumed);
        sc->consumed += k->consumed;
    }
    k->consumed = 0;
}

// Ends the turn of the current thread: with a timeout fault where it has a handler for that (round
// robin has no such), else it waits for its next refill, at the end of its priority if that is now.
void schedule_charge(struct kernel *k, uint64_t used, bool can_fault)
{
    struct sched_context *sc = k->current_sc;
    struct tcb *tcb = k->current;
    k->consumed = 0;
    refill_charge(k, sc, used);
    sc->consumed += used;
    schedule_choose(k);
    if (tcb == NULL || !schedule_runnable(tcb)) {
        return;
    }
    if (can_fault && sc->period != 0 && fault_has_timeout_handler(tcb)) {
        fault_raise_timeout(k, tcb);
    } else if (refill_ready(k, sc) && refill_sufficient(k, sc, 0)) {
        schedule_append(k, tcb);
    } else {
        schedule_postpone(k, sc);
    }
}

bool schedule_check_budget(struct kernel *k)
{
    struct sched_context *sc = k->current_sc;
    if (k->now >= k->domain_end) {
        schedule_choose(k);
    }
    if (sc == NULL || sc->refill_max == 0 || refill_sufficient(k, sc, k->consumed)) {
        return true;
    }
    schedule_charge(k, k->consumed, true);
    return false;
}

// The heads are those whose refill comes first; each of them may now be the candidate.
static void release_due(struct kernel *k)
{
    while (k->release != NULL && refill_ready(k, k->release->sc)) {
        struct tcb *tcb = k->release;
        release_remove(k, tcb);
        schedule_consider(k, tcb);
    }
}

// The ready bits are one per priority, so that finding the highest costs four words at most.
static struct tcb *highest(const struct kernel *k)
{
    for (unsigned word = KERNEL_PRIORITIES / 64; word-- > 0;) {
        uint64_t bits = k->ready_bits[k->domain][word];
        if (bits != 0) {
            unsigned top = 63 - (unsigned)__builtin_clzll(bits);
            return k->ready[k->domain][word * 64 + top].head;
        }
    }
    return NULL;
}

// The candidate runs at once when no queued thread is above it, and the current thread, if it could
// go on, is below it.
static struct tcb *pick(struct kernel *k, bool goes_on)
{
    struct tcb *candidate = k->candidate;
    k->candidate = NULL;
    if (candidate == NULL) {
        return highest(k);
    }
    const struct tcb *best = highest(k);
    if (goes_on && candidate->priority == k->current->priority) {
        schedule_append(k, candidate);
        return highest(k);
    }
    if (best != NULL && best->priority > candidate->priority) {
        schedule_enqueue(k, candidate);
        return highest(k);
    }
    return candidate;
}

// Charges the context that ran and begins to measure the one that runs.
static void switch_sc(struct kernel *k)
{
    struct sched_context *sc = k->current == NULL ? NULL : k->current->sc;
    if (sc == k->current_sc) {
        return;
    }
    schedule_commit(k);
    k->current_sc = sc;
    if (sc != NULL && !sc->sporadic) {
        refill_unblock(k, sc);
    }
}

void schedule_run(struct kernel *k)
{
    release_due(k);
    if (k->now >= k->domain_end) {
        domain_advance(k);
        schedule_choose(k);
    }
    bool goes_on = k->current != NULL && schedule_runnable(k->current);
    if (goes_on && !k->choose && k->candidate == NULL) {
        switch_sc(k);
        return;
    }
    if (goes_on) {
        schedule_enqueue(k, k->current);
    }
    struct tcb *next = pick(k, goes_on);
    if (next != NULL) {
        dequeue(k, next);
    }
    k->current = next;
    k->choose = false;
    switch_sc(k);
}

// When the kernel must be entered even if nothing traps: the end of the domain's time, the next
// release, the end of the running budget.
uint64_t schedule_deadline(const struct kernel *k)
{
    uint64_t deadline = k->domain_end;
    if (k->release != NULL && refill_front(k->release->sc)->time < deadline) {
        deadline = refill_front(k->release->sc)->time;
    }
    if (k->current_sc != NULL) {
        uint64_t amount = refill_front(k->current_sc)->amount;
        uint64_t left = amount > k->consumed ? amount - k->consumed : 0;
        deadline = k->now + left < deadline ? k->now + left : deadline;
    }
    return deadline;
}
