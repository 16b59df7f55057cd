// SPDX-License-Identifier: BSD-2-Clause

// The loop of the kernel half: choose a thread, run it until a trap, charge its time, handle the
// trap. There is one event at a time and no concurrency; the machine's `run` is where time passes.
//
// A thread whose budget ended is not served: its registers say "restart", and it makes the same
// trap again when it has budget. Work that takes long asks `kernel_interrupted` now and then; once
// that says yes, everything returns without further change and the call is repeated in the same
// way.

#include "internal.h"

enum { VECTOR_DEBUG = 1, VECTOR_BREAKPOINT = 3, VECTOR_PROTECTION = 13 };
enum { FIRST_TRAP_VECTOR = 158, SPURIOUS_VECTOR = 255, TRAP_BYTES = 2 };
enum { FSR_USER = 4, FLAG_TRAP = 0x100 };
enum { WORK_LIMIT = 100 }; // units of work between two questions for what waits

// What the thread's registers are when it runs next.
// After `syscall` the processor leaves the return address in RCX and the flags in R11, and seL4
// does not give RSP back: user code must not depend on what the kernel half shows here.
static struct registers registers_to_run(const struct tcb *tcb)
{
    struct registers registers = tcb->registers;
    if (tcb->by_syscall) {
        registers.word[REG_RSP] = 0;
        registers.word[REG_RCX] = registers.word[REG_RIP];
        registers.word[REG_R11] = registers.word[REG_RFLAGS];
    }
    if (tcb_debug_steps(tcb)) {
        registers.word[REG_RFLAGS] |= FLAG_TRAP;
    }
    return registers;
}

// A system call does not save RSP, RCX and R11: the old values stay. RIP goes behind the
// instruction; restart_ip keeps the place from which a repeated call starts.
static void keep_registers(struct tcb *tcb, const struct registers *ran, bool by_syscall)
{
    struct registers old = tcb->registers;
    tcb->registers = *ran;
    tcb->restart_ip = ran->word[REG_RIP];
    tcb->by_syscall = by_syscall;
    if (tcb_debug_steps(tcb)) {
        tcb->registers.word[REG_RFLAGS] &= ~(uint64_t)FLAG_TRAP;
    }
    if (by_syscall) {
        tcb->registers.word[REG_RSP] = old.word[REG_RSP];
        tcb->registers.word[REG_RCX] = old.word[REG_RCX];
        tcb->registers.word[REG_R11] = old.word[REG_R11];
        tcb->registers.word[REG_RIP] += TRAP_BYTES;
    }
}

static void activate(struct kernel *k, struct tcb *tcb)
{
    if (tcb->yield_to != NULL) {
        schedcontext_end_yield(k, tcb);
    }
    if (tcb->state == THREAD_RESTART) {
        tcb->registers.word[REG_RIP] = tcb->restart_ip;
        tcb->state = THREAD_RUNNING;
    }
}

// A thread without address space faults on its next instruction.
static struct machine_event run_user(struct kernel *k, struct tcb *tcb)
{
    struct machine *m = k->machine;
    uint64_t root = vspace_root_of(k, tcb);
    activate(k, tcb);
    if (root == 0) {
        tcb->restart_ip = tcb->registers.word[REG_RIP];
        return (struct machine_event){
            .kind = MACHINE_PAGE_FAULT, .address = tcb->registers.word[REG_RIP], .code = FSR_USER};
    }
    if (tcb_debug_stands(tcb)) {
        tcb->restart_ip = tcb->registers.word[REG_RIP];
        return (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = VECTOR_DEBUG};
    }
    struct registers registers = registers_to_run(tcb);
    struct machine_fpu *fpu = (tcb->flags & SEL4_TCB_FLAG_FPU_DISABLED) == 0 ? &tcb->fpu : NULL;
    struct machine_event event = m->operations->run(m, root, &registers, fpu, schedule_deadline(k));
    if (event.kind != MACHINE_STOP) {
        keep_registers(tcb, &registers, event.kind == MACHINE_SYSCALL);
    }
    return event;
}

static void raise_exception(struct kernel *k, struct tcb *tcb, uint64_t vector, uint64_t code)
{
    bool debug = k->config.abi.hardware_debug;
    struct fault fault = {.kind = SEL4_FAULT_USER_EXCEPTION, .word = vector, .code = code};
    if (vector == VECTOR_DEBUG && tcb_debug_steps(tcb)) {
        if (!tcb_debug_trap(tcb, &fault)) {
            return;
        }
    } else if (debug && (vector == VECTOR_DEBUG || vector == VECTOR_BREAKPOINT)) {
        fault = (struct fault){.kind = SEL4_FAULT_DEBUG_EXCEPTION,
                               .word = vector == VECTOR_DEBUG ? SEL4_DEBUG_REASON_STEP
                                                              : SEL4_DEBUG_REASON_SOFTWARE};
    }
    fault_raise(k, tcb, fault);
}

// `int N`: the open vectors are unknown system calls with a number made of vector and EAX.
static void software_interrupt(struct kernel *k, struct tcb *tcb, uint64_t vector)
{
    if (vector == SPURIOUS_VECTOR) {
        tcb->registers.word[REG_RIP] += TRAP_BYTES;
    } else if (vector >= FIRST_TRAP_VECTOR) {
        uint64_t low = vector << 24 | (tcb->registers.word[REG_RAX] & 0xffffff);
        uint64_t number = (uint64_t)(int64_t)(int32_t)(uint32_t)low;
        fault_raise(k, tcb, (struct fault){.kind = SEL4_FAULT_UNKNOWN_SYSCALL, .word = number});
    } else {
        raise_exception(k, tcb, VECTOR_PROTECTION, vector * 8 + 2);
    }
}

// The system call was interrupted: what waited is taken, the thread repeats the call.
static void interrupt_syscall(struct kernel *k)
{
    k->interrupted = false;
    schedule_enter(k);
    (void)schedule_check_budget(k);
    irq_pending(k);
}

static void handle_trap(struct kernel *k, const struct machine_event *event)
{
    struct tcb *tcb = k->current;
    switch (event->kind) {
    case MACHINE_SYSCALL:
        syscall_run(k);
        if (k->interrupted) {
            interrupt_syscall(k);
        }
        break;
    case MACHINE_PAGE_FAULT:
        fault_raise(
            k, tcb,
            (struct fault){.kind = SEL4_FAULT_VM, .word = event->address, .code = event->code});
        break;
    case MACHINE_EXCEPTION:
        raise_exception(k, tcb, event->vector, event->code);
        break;
    case MACHINE_SOFTINT:
        software_interrupt(k, tcb, event->vector);
        break;
    case MACHINE_DEADLINE:
    case MACHINE_INTERRUPT:
    case MACHINE_STOP:
        break;
    }
}

// A trap of a thread whose budget is used up is not handled now: the thread repeats it when it has
// budget again.
static void handle(struct kernel *k, const struct machine_event *event)
{
    struct tcb *tcb = k->current;
    bool has_budget = schedule_check_budget(k);
    if (event->kind == MACHINE_INTERRUPT) {
        irq_pending(k);
    } else if (has_budget && tcb != NULL) {
        handle_trap(k, event);
    } else if (tcb != NULL && tcb->state == THREAD_RUNNING) {
        tcb->state = THREAD_RESTART;
    }
}

void kernel_unsupported(struct kernel *k, const char *what)
{
    if (k->unsupported != NULL) {
        k->unsupported(k, what);
    }
}

bool kernel_interrupted(struct kernel *k)
{
    k->work++;
    if (k->work >= WORK_LIMIT) {
        k->work = 0;
        k->interrupted = k->machine->operations->waiting(k->machine, schedule_deadline(k));
    }
    return k->interrupted;
}

enum kernel_end kernel_run(struct kernel *k)
{
    for (;;) {
        schedule_run(k);
        uint64_t deadline = schedule_deadline(k);
        if (k->current == NULL && deadline == UINT64_MAX && !irq_can_wake(k)) {
            return KERNEL_IDLE_FOREVER;
        }
        struct machine_event event = k->current == NULL
                                         ? k->machine->operations->idle(k->machine, deadline)
                                         : run_user(k, k->current);
        if (event.kind == MACHINE_STOP) {
            return KERNEL_STOPPED;
        }
        schedule_enter(k);
        handle(k, &event);
        if (k->halted) {
            return KERNEL_HALTED;
        }
    }
}
