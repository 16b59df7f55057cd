// SPDX-License-Identifier: BSD-2-Clause

// Which file answers a TCB invocation (seL4 manual, chapters 6 and 10): registers, spaces,
// scheduling, breakpoints.

#include "internal.h"

enum sel4_error tcb_decode(struct kernel *k, struct invocation *inv)
{
    struct tcb *tcb = cap_object(k, &inv->slot->cap);
    switch (inv->operation) {
    case SEL4_INVOCATION_TCB_READ_REGISTERS:
    case SEL4_INVOCATION_TCB_WRITE_REGISTERS:
    case SEL4_INVOCATION_TCB_COPY_REGISTERS:
    case SEL4_INVOCATION_TCB_SET_TLS_BASE:
    case SEL4_INVOCATION_TCB_SET_FLAGS:
        return tcb_registers_decode(k, inv, tcb);
    case SEL4_INVOCATION_TCB_CONFIGURE:
    case SEL4_INVOCATION_TCB_SET_TIMEOUT_ENDPOINT:
    case SEL4_INVOCATION_TCB_SET_IPC_BUFFER:
    case SEL4_INVOCATION_TCB_SET_SPACE:
        return tcb_space_decode(k, inv, tcb);
    case SEL4_INVOCATION_TCB_SET_PRIORITY:
    case SEL4_INVOCATION_TCB_SET_MC_PRIORITY:
    case SEL4_INVOCATION_TCB_SET_SCHED_PARAMS:
    case SEL4_INVOCATION_TCB_BIND_NOTIFICATION:
    case SEL4_INVOCATION_TCB_UNBIND_NOTIFICATION:
        return tcb_sched_decode(k, inv, tcb);
    case SEL4_INVOCATION_TCB_SET_BREAKPOINT:
    case SEL4_INVOCATION_TCB_GET_BREAKPOINT:
    case SEL4_INVOCATION_TCB_UNSET_BREAKPOINT:
    case SEL4_INVOCATION_TCB_CONFIGURE_SINGLE_STEPPING:
        return tcb_debug_decode(k, inv, tcb);
    case SEL4_INVOCATION_TCB_SUSPEND:
        tcb_suspend(k, tcb);
        return SEL4_ERROR_NONE;
    case SEL4_INVOCATION_TCB_RESUME:
        tcb_resume(k, tcb);
        return SEL4_ERROR_NONE;
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}
