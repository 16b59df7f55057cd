// SPDX-License-Identifier: BSD-2-Clause

// Invocations of scheduling contexts. A thread that is blocked is given only a context with budget
// now: it might be woken by a message at any time, and nothing asks for its budget then.

#include "internal.h"

static enum sel4_error bind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
    if (sc->tcb != NULL || tcb->sc != NULL) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (tcb_blocked(tcb) && !schedcontext_released(k, sc)) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    schedcontext_bind(k, sc, tcb);
    return SEL4_ERROR_NONE;
}

static enum sel4_error bind(struct kernel *k, struct invocation *inv, struct sched_context *sc)
{
    const struct cap *cap = invocation_extra(inv, 0);
    if (cap_is(cap, SEL4_CAP_TAG_TCB)) {
        return bind_tcb(k, sc, cap_object(k, cap));
    }
    if (!cap_is(cap, SEL4_CAP_TAG_NOTIFICATION)) {
        return invocation_capability(inv, 1);
    }
    struct notification *ntfn = cap_object(k, cap);
    if (sc->notification != NULL || ntfn->sc != NULL) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    schedcontext_bind_notification(sc, ntfn);
    return SEL4_ERROR_NONE;
}

static enum sel4_error unbind_object(struct kernel *k, struct invocation *inv,
                                     struct sched_context *sc)
{
    const struct cap *cap = invocation_extra(inv, 0);
    const void *object = cap_object(k, cap);
    if (cap_is(cap, SEL4_CAP_TAG_TCB)) {
        if (sc->tcb != object || sc->tcb == inv->caller) {
            return SEL4_ERROR_ILLEGAL_OPERATION;
        }
        schedcontext_unbind(k, sc);
        return SEL4_ERROR_NONE;
    }
    if (!cap_is(cap, SEL4_CAP_TAG_NOTIFICATION)) {
        return invocation_capability(inv, 1);
    }
    if (sc->notification != object) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    schedcontext_unbind_notification(sc);
    return SEL4_ERROR_NONE;
}

static enum sel4_error unbind(struct kernel *k, const struct invocation *inv,
                              struct sched_context *sc)
{
    if (sc->tcb == inv->caller) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    schedcontext_unbind(k, sc);
    schedcontext_unbind_notification(sc);
    return SEL4_ERROR_NONE;
}

static enum sel4_error consumed(struct kernel *k, struct invocation *inv, struct sched_context *sc)
{
    inv->result[0] = schedcontext_take_consumed(k, sc);
    inv->result_len = 1;
    return SEL4_ERROR_NONE;
}

// Where the other thread can run above the caller's priority or at it, it does; the caller stands
// behind it and is answered when it runs again. Else there is nothing to wait for.
static enum sel4_error yield_to(struct kernel *k, struct invocation *inv, struct sched_context *sc)
{
    struct tcb *caller = inv->caller;
    struct tcb *to = sc->tcb;
    if (to == NULL || to == caller || to->priority > caller->mcp || caller->yield_to != NULL) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (sc->yield_from != NULL) {
        schedcontext_end_yield(k, sc->yield_from);
    }
    schedcontext_resume(k, sc);
    if (!schedule_runnable(to)) {
        return consumed(k, inv, sc);
    }
    schedule_remove(k, to);
    if (to->priority < caller->priority) {
        schedule_enqueue(k, to);
        return consumed(k, inv, sc);
    }
    caller->yield_to = sc;
    caller->yield_call = inv->call;
    sc->yield_from = caller;
    schedule_enqueue(k, caller);
    schedule_enqueue(k, to);
    schedule_choose(k);
    return SEL4_ERROR_NONE;
}

enum sel4_error schedcontext_decode(struct kernel *k, struct invocation *inv)
{
    struct sched_context *sc = cap_object(k, &inv->slot->cap);
    bool bound = inv->operation == SEL4_INVOCATION_SCHED_CONTEXT_BIND ||
                 inv->operation == SEL4_INVOCATION_SCHED_CONTEXT_UNBIND_OBJECT;
    if (bound && !invocation_has(inv, 0, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    switch (inv->operation) {
    case SEL4_INVOCATION_SCHED_CONTEXT_BIND:
        return bind(k, inv, sc);
    case SEL4_INVOCATION_SCHED_CONTEXT_UNBIND:
        return unbind(k, inv, sc);
    case SEL4_INVOCATION_SCHED_CONTEXT_UNBIND_OBJECT:
        return unbind_object(k, inv, sc);
    case SEL4_INVOCATION_SCHED_CONTEXT_CONSUMED:
        return consumed(k, inv, sc);
    case SEL4_INVOCATION_SCHED_CONTEXT_YIELD_TO:
        return yield_to(k, inv, sc);
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}
