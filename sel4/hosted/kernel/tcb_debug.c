// SPDX-License-Identifier: BSD-2-Clause

// Breakpoints and single stepping. The machine below has no debug registers, but it can trap after
// each instruction: so a thread with a breakpoint for instructions runs step by step, which is
// slow. Breakpoints for data are only checked, kept and told back (docs/limits.md).

#include "internal.h"

enum { BREAKPOINTS = 4, TYPE_DATA = 0, TYPE_INSTRUCTION = 1 };
// Words of a breakpoint in the TCB, in the order of the message that sets it.
enum { BP_ADDRESS, BP_TYPE, BP_SIZE, BP_ACCESS_AND_ENABLED };
enum { ENABLED = 4, MAX_ACCESS = 2 };

static enum sel4_error check_size(struct invocation *inv, uint64_t type, uint64_t size,
                                  uint64_t address)
{
    if (type == TYPE_INSTRUCTION) {
        return size == 0 ? SEL4_ERROR_NONE : invocation_argument(inv, 3);
    }
    if (size != 1 && size != 2 && size != 4) {
        return invocation_argument(inv, 3);
    }
    return (address & (size - 1)) == 0 ? SEL4_ERROR_NONE : SEL4_ERROR_ALIGNMENT_ERROR;
}

static enum sel4_error set(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    if (!invocation_has(inv, 5, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t number = invocation_word(k, inv, 0) & 0xffff;
    uint64_t type = invocation_word(k, inv, 2);
    uint64_t access = invocation_word(k, inv, 4);
    if (number >= BREAKPOINTS) {
        return invocation_range(inv, 0, BREAKPOINTS - 1);
    }
    if (type != TYPE_DATA && type != TYPE_INSTRUCTION) {
        return invocation_argument(inv, 2);
    }
    enum sel4_error error =
        check_size(inv, type, invocation_word(k, inv, 3), invocation_word(k, inv, 1));
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    if (access > MAX_ACCESS || (type == TYPE_INSTRUCTION && access != 0)) {
        return invocation_argument(inv, 4);
    }
    for (unsigned i = 0; i < BP_ACCESS_AND_ENABLED; i++) {
        tcb->breakpoint[number][i] = invocation_word(k, inv, i + 1);
    }
    tcb->breakpoint[number][BP_ACCESS_AND_ENABLED] = access | ENABLED;
    if (type == TYPE_DATA) {
        kernel_unsupported(k, "breakpoints for data: they are never hit");
    }
    return SEL4_ERROR_NONE;
}

static enum sel4_error get(struct invocation *inv, const uint64_t *breakpoint)
{
    for (unsigned i = 0; i < BP_ACCESS_AND_ENABLED; i++) {
        inv->result[i] = breakpoint[i];
    }
    inv->result[3] = breakpoint[BP_ACCESS_AND_ENABLED] & ~(uint64_t)ENABLED;
    inv->result[4] = (breakpoint[BP_ACCESS_AND_ENABLED] & ENABLED) != 0 ? 1 : 0;
    inv->result_len = 5;
    return SEL4_ERROR_NONE;
}

static bool is_instruction(const uint64_t *breakpoint)
{
    return (breakpoint[BP_ACCESS_AND_ENABLED] & ENABLED) != 0 &&
           breakpoint[BP_TYPE] == TYPE_INSTRUCTION;
}

// The breakpoint at the thread's instruction pointer; BREAKPOINTS = none.
static unsigned find_hit(const struct tcb *tcb)
{
    unsigned i = 0;
    while (i < BREAKPOINTS && !(is_instruction(tcb->breakpoint[i]) &&
                                tcb->breakpoint[i][BP_ADDRESS] == tcb->registers.word[REG_RIP])) {
        i++;
    }
    return i;
}

bool tcb_debug_steps(const struct tcb *tcb)
{
    bool steps = tcb->stepping;
    for (unsigned i = 0; i < BREAKPOINTS; i++) {
        steps = steps || is_instruction(tcb->breakpoint[i]);
    }
    return steps;
}

// A thread that stands on its breakpoint traps before the instruction, once: the handler that lets
// it go on means the instruction to run.
bool tcb_debug_stands(const struct tcb *tcb)
{
    return !tcb->over_breakpoint && find_hit(tcb) < BREAKPOINTS;
}

bool tcb_debug_trap(struct tcb *tcb, struct fault *fault)
{
    unsigned number = find_hit(tcb);
    *fault = (struct fault){.kind = SEL4_FAULT_DEBUG_EXCEPTION};
    tcb->over_breakpoint = number < BREAKPOINTS;
    if (tcb->over_breakpoint) {
        fault->word = SEL4_DEBUG_REASON_INSTRUCTION;
        fault->code = number;
        return true;
    }
    fault->word = SEL4_DEBUG_REASON_STEP;
    bool ends = tcb->stepping && --tcb->steps == 0;
    tcb->stepping = tcb->stepping && !ends;
    return ends;
}

void tcb_debug_continue(struct tcb *tcb, uint64_t steps)
{
    tcb->steps = steps;
    tcb->stepping = steps > 0;
}

enum sel4_error tcb_debug_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb)
{
    bool stepping = inv->operation == SEL4_INVOCATION_TCB_CONFIGURE_SINGLE_STEPPING;
    if (inv->operation == SEL4_INVOCATION_TCB_SET_BREAKPOINT) {
        return set(k, inv, tcb);
    }
    if (!invocation_has(inv, stepping ? 2 : 1, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    if (stepping) {
        tcb_debug_continue(tcb, invocation_word(k, inv, 1));
        inv->result[0] = 0;
        inv->result_len = 1;
        return SEL4_ERROR_NONE;
    }
    uint64_t number = invocation_word(k, inv, 0) & 0xffff;
    if (number >= BREAKPOINTS) {
        return invocation_range(inv, 0, BREAKPOINTS - 1);
    }
    if (inv->operation == SEL4_INVOCATION_TCB_GET_BREAKPOINT) {
        return get(inv, tcb->breakpoint[number]);
    }
    memset(tcb->breakpoint[number], 0, sizeof(tcb->breakpoint[number]));
    return SEL4_ERROR_NONE;
}
