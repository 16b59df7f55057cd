// SPDX-License-Identifier: BSD-2-Clause

// Priorities, scheduling context, fault handler and bound notification of a thread (seL4
// manual, 6.1 and 5.3). All arguments are checked before the first is set: a refused call changes
// nothing.

#include "internal.h"

// The authority's MCP bounds every priority that is set with it.
static enum sel4_error check_priority(struct kernel *k, struct invocation *inv, unsigned word)
{
    if (!cap_is(invocation_extra(inv, 0), SEL4_CAP_TAG_TCB)) {
        return invocation_capability(inv, 1);
    }
    const struct tcb *authority = cap_object(k, invocation_extra(inv, 0));
    return invocation_word(k, inv, word) > authority->mcp ? invocation_range(inv, 0, authority->mcp)
                                                          : SEL4_ERROR_NONE;
}

static enum sel4_error set_one(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 1, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = check_priority(k, inv, 0);
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    uint8_t value = (uint8_t)invocation_word(k, inv, 0);
    if (inv->operation == SEL4_INVOCATION_TCB_SET_MC_PRIORITY) {
        tcb->mcp = value;
    } else {
        tcb_set_priority(k, tcb, value);
    }
    return SEL4_ERROR_NONE;
}

// A thread may not take its own scheduling context away: it would run on without one. One that
// waits for its time cannot be given to a thread that waits for a message .
static enum sel4_error check_sc(struct kernel *k, struct invocation *inv, const struct tcb *tcb,
                                struct sched_context **sc)
{
    const struct cap *cap = invocation_extra(inv, 1);
    *sc = NULL;
    if (cap_is(cap, SEL4_CAP_TAG_NULL)) {
        return tcb == inv->caller ? SEL4_ERROR_ILLEGAL_OPERATION : SEL4_ERROR_NONE;
    }
    if (!cap_is(cap, SEL4_CAP_TAG_SCHED_CONTEXT)) {
        return invocation_capability(inv, 2);
    }
    *sc = cap_object(k, cap);
    if (tcb->sc == *sc) {
        return SEL4_ERROR_NONE;
    }
    bool taken = tcb->sc != NULL || (*sc)->tcb != NULL;
    bool would_run_late = tcb_blocked(tcb) && !schedcontext_released(k, *sc);
    return taken || would_run_late ? SEL4_ERROR_ILLEGAL_OPERATION : SEL4_ERROR_NONE;
}

static enum sel4_error check_handler(struct invocation *inv)
{
    const struct cap *cap = invocation_extra(inv, 2);
    return cap_is(cap, SEL4_CAP_TAG_NULL) || cap_takes_faults(cap) ? SEL4_ERROR_NONE
                                                                   : invocation_capability(inv, 3);
}

static enum sel4_error set_params(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    struct sched_context *sc = NULL;
    if (!invocation_has(inv, 2, 3)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    enum sel4_error error = check_priority(k, inv, 0);
    if (error == SEL4_ERROR_NONE) {
        error = check_priority(k, inv, 1);
    }
    if (error == SEL4_ERROR_NONE) {
        error = check_sc(k, inv, tcb, &sc);
    }
    if (error == SEL4_ERROR_NONE) {
        error = check_handler(inv);
    }
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    tcb->mcp = (uint8_t)invocation_word(k, inv, 0);
    tcb_set_priority(k, tcb, (uint8_t)invocation_word(k, inv, 1));
    tcb_space_set_handler(k, inv, tcb, 2);
    if (sc == NULL && tcb->sc != NULL) {
        schedcontext_unbind(k, tcb->sc);
    } else if (sc != NULL && tcb->sc == NULL) {
        schedcontext_bind(k, sc, tcb);
    }
    return SEL4_ERROR_NONE;
}

static enum sel4_error bind(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 0, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    const struct cap *cap = invocation_extra(inv, 0);
    if (tcb->bound != NULL || !cap_is(cap, SEL4_CAP_TAG_NOTIFICATION) ||
        !cap_allows(cap, SEL4_RIGHT_READ)) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    struct notification *ntfn = cap_object(k, cap);
    if (ntfn->bound != NULL || ntfn->queue.head != NULL) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    tcb_bind(tcb, ntfn);
    return SEL4_ERROR_NONE;
}

enum sel4_error tcb_sched_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    switch (inv->operation) {
    case SEL4_INVOCATION_TCB_SET_SCHED_PARAMS:
        return set_params(k, inv, tcb);
    case SEL4_INVOCATION_TCB_BIND_NOTIFICATION:
        return bind(k, inv, tcb);
    case SEL4_INVOCATION_TCB_UNBIND_NOTIFICATION:
        if (tcb->bound == NULL) {
            return SEL4_ERROR_ILLEGAL_OPERATION;
        }
        tcb_unbind(tcb->bound);
        return SEL4_ERROR_NONE;
    default:
        return set_one(k, inv, tcb);
    }
}
