// SPDX-License-Identifier: BSD-2-Clause

// One thread of user code, from its resume to what the kernel half must see. The stub runs under
// PTRACE_SYSEMU: its system calls stop before Linux looks at them, so a `syscall` instruction is
// seL4's and never the host's. Exceptions come as signals, of which only those with si_code > 0 are
// made by the processor; the others are sent by processes of the host and dropped.
//
// What a stop reports is read in one order: registers first (a stop may be the entry to 32-bit
// mode), then the kind of stop. User code controls every register and all memory below HIDDEN; a
// value of it decides which event the guest's kernel sees, never what the monitor does with its own
// state.

#include "trap.h"

#include "hidden.h"
#include "monitor.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum {
    SYSCALL_STOP = SIGTRAP | 0x80,
    CODE_STEP = 2, // TRAP_TRACE, which <signal.h> shows only with register names like ours
    PAGE_FAULT_PRESENT = 1,
    PAGE_FAULT_WRITE = 2,
    PAGE_FAULT_USER = 4,
    VECTOR_NO_FPU = 7,
    VECTOR_GENERAL_PROTECTION = 13,
};

// One run of one thread.
struct run {
    struct monitor *monitor;
    struct space *space;
    struct registers *regs;
    struct machine_fpu *fpu; // NULL = the thread has none: it is stepped
    uint64_t deadline;
    bool signal_waits; // an exception is still to be told: the next stop is near
    bool done;         // `event` is to be returned
    struct machine_event event;
};

static struct machine_event over(void)
{
    return (struct machine_event){.kind = MACHINE_STOP};
}

static void finish(struct run *r, struct machine_event event)
{
    r->event = event;
    r->done = true;
}

// The host took the stub or its memory.
static void lost(struct run *r)
{
    r->monitor->end = MACHINE_END_HOST;
    finish(r, over());
}

bool trap_is_over(struct monitor *monitor)
{
    if (monitor->end == MACHINE_END_NONE) {
        if (monitor->options.stop != NULL && *monitor->options.stop != 0) {
            monitor->end = MACHINE_END_STOPPED;
        } else if (ticks_now(&monitor->ticks) >= monitor->limit) {
            monitor->end = MACHINE_END_TIME;
        }
    }
    return monitor->end != MACHINE_END_NONE;
}

uint64_t trap_deadline(const struct monitor *monitor, uint64_t deadline, bool idle)
{
    uint64_t device = board_device_deadline(&monitor->board, idle);
    uint64_t first = device < monitor->limit ? device : monitor->limit;
    return first < deadline ? first : deadline;
}

// Bytes of user memory at `vaddr`, as far as they can be read, zeroes after. The walk decides, not
// the stub: an address that the guest may not read yields nothing, and none leaves the backing.
static void fetch(const struct run *r, uint64_t vaddr, uint8_t *to, size_t len)
{
    const struct monitor *monitor = r->monitor;
    memset(to, 0, len);
    for (size_t i = 0; i < len; i++) {
        struct machine_page page;
        if (!machine_walk(&monitor->base, r->space->root, vaddr + i, &page) || !page.readable) {
            return;
        }
        uint64_t paddr = page.paddr + (vaddr + i - page.vaddr);
        if (paddr >= monitor->backing_size) {
            return;
        }
        to[i] = monitor->base.memory[paddr];
    }
}

static bool in_hidden(uint64_t vaddr)
{
    return vaddr >= HIDDEN && vaddr < HIDDEN_END;
}

// To user code the hidden area does not exist.
static void hidden_entered(struct run *r, uint64_t vaddr)
{
    r->regs->word[REG_RIP] = vaddr;
    finish(r, (struct machine_event){
                  .kind = MACHINE_PAGE_FAULT, .code = PAGE_FAULT_USER, .address = vaddr});
}

static void on_syscall(struct run *r)
{
    uint8_t instruction[2];
    uint64_t vaddr = r->regs->word[REG_RIP] - sizeof instruction;
    fetch(r, vaddr, instruction, sizeof instruction);
    struct machine_event event = arch_syscall_event(&r->space->frame, instruction, r->regs);
    if (in_hidden(vaddr)) {
        hidden_entered(r, vaddr);
    } else {
        finish(r, event);
    }
}

// An exception that the kernel half gets to see. `translated` says that its page tables have a
// translation for the address of a page fault.
static void on_exception(struct run *r, int signal, bool translated)
{
    struct arch_fault fault;
    uint8_t instruction[4];
    // Linux gives a handler a fresh FPU.
    if (!space_fpu_save(r->space) || !arch_fault_read(r->space->pid, signal, &fault) ||
        !arch_frame_read(r->space->pid, &r->space->frame)) {
        lost(r);
        return;
    }
    fetch(r, r->regs->word[REG_RIP], instruction, sizeof instruction);
    struct machine_event event = arch_exception_event(&fault, instruction, r->regs);
    // Linux's error code tells of the stub's mappings, which are only a cache: presence is the
    // tables' own.
    if (event.kind == MACHINE_PAGE_FAULT) {
        event.code = PAGE_FAULT_USER | (event.code & PAGE_FAULT_WRITE) |
                     (translated ? PAGE_FAULT_PRESENT : 0);
    }
    if (in_hidden(r->regs->word[REG_RIP])) {
        hidden_entered(r, r->regs->word[REG_RIP]);
    } else {
        finish(r, event);
    }
}

static void on_miss(struct run *r, const siginfo_t *info)
{
    uint64_t vaddr = (uint64_t)(uintptr_t)info->si_addr;
    bool protection = info->si_code == SEGV_ACCERR;
    switch (space_fill(r->space, &r->monitor->base, r->monitor->backing_size, vaddr, protection)) {
    case SPACE_FILLED:
        return;
    case SPACE_ABSENT:
        on_exception(r, SIGSEGV, false);
        return;
    case SPACE_DENIED:
        on_exception(r, SIGSEGV, true);
        return;
    case SPACE_LOST:
        lost(r);
        return;
    }
}

// General protection: in virtual time a read of the tick counter, else an exception.
static void on_protection(struct run *r)
{
    uint8_t instruction[4];
    fetch(r, r->regs->word[REG_RIP], instruction, sizeof instruction);
    if (!r->monitor->ticks.is_virtual ||
        !arch_emulate_ticks(instruction, ticks_now(&r->monitor->ticks), r->regs)) {
        on_exception(r, SIGSEGV, false);
        return;
    }
    ticks_trap(&r->monitor->ticks);
    if (ticks_now(&r->monitor->ticks) >= r->deadline) {
        finish(r, (struct machine_event){.kind = MACHINE_DEADLINE});
    } else if (!arch_registers_load(r->space->pid, &r->space->frame, r->regs)) {
        lost(r);
    }
}

static void on_signal(struct run *r, int signal)
{
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, r->space->pid, NULL, &info) != 0) {
        lost(r);
        return;
    }
    if (info.si_code <= 0) {
        return; // sent by a process of the host: not ours to answer
    }
    switch (signal) {
    case SIGSEGV:
        if (info.si_code == SEGV_MAPERR || info.si_code == SEGV_ACCERR) {
            on_miss(r, &info);
        } else {
            on_protection(r);
        }
        return;
    case SIGBUS:
        if (info.si_code == BUS_ADRERR) {
            lost(r); // no memory left for a page of the memory file
            return;
        }
        on_exception(r, signal, false);
        return;
    case SIGSYS:
        if (!arch_refused_entry((uint64_t)(uintptr_t)info.si_call_addr, r->regs)) {
            lost(r); // a call that passed ptrace was refused by the filter
            return;
        }
        finish(r, (struct machine_event){.kind = MACHINE_PAGE_FAULT,
                                         .code = PAGE_FAULT_USER,
                                         .address = r->regs->word[REG_RIP]});
        return;
    case SIGTRAP:
        if (r->fpu == NULL && info.si_code == CODE_STEP && !arch_is_stepping(r->regs)) {
            return; // the machine's own step
        }
        on_exception(r, signal, false);
        return;
    case SIGFPE:
    case SIGILL:
        on_exception(r, signal, false);
        return;
    default:
        return;
    }
}

// Needs Linux 3.10; where it fails, the worst is a deadline that is told before the exception.
static bool has_signal(pid_t pid)
{
    struct __ptrace_peeksiginfo_args first = {.nr = 1};
    siginfo_t info;
    return ptrace(PTRACE_PEEKSIGINFO, pid, &first, &info) > 0;
}

// The stub was pulled out of user code. An exception that it had just raised is told first: it
// would stay with the stub, and hit the machine's own calls or the next thread.
static void on_interrupt(struct run *r)
{
    if (trap_is_over(r->monitor)) {
        finish(r, over());
    } else if (has_signal(r->space->pid)) {
        r->signal_waits = true;
    } else if (ticks_expired(&r->monitor->ticks, r->deadline)) {
        finish(r, (struct machine_event){.kind = MACHINE_DEADLINE});
    }
}

// The stub has stopped; decides whether user code goes on.
static void on_stop(struct run *r, int status)
{
    if (!arch_frame_read(r->space->pid, &r->space->frame)) {
        lost(r);
        return;
    }
    arch_registers_read(&r->space->frame, r->regs);
    if (arch_leave_other_mode(r->space->pid, &r->space->frame)) {
        finish(r, (struct machine_event){.kind = MACHINE_EXCEPTION,
                                         .vector = VECTOR_GENERAL_PROTECTION});
    } else if (WSTOPSIG(status) == SYSCALL_STOP) {
        on_syscall(r);
    } else if (status >> 16 != 0) {
        on_interrupt(r);
    } else {
        on_signal(r, WSTOPSIG(status));
    }
}

// Lets user code go on until the next stop. A thread without FPU goes one instruction at a time.
static void go_on(struct run *r)
{
    enum __ptrace_request how = PTRACE_SYSEMU;
    if (r->fpu == NULL) {
        uint8_t instruction[ARCH_INSTRUCTION];
        fetch(r, r->regs->word[REG_RIP], instruction, sizeof instruction);
        if (arch_uses_fpu(instruction)) {
            finish(r, (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = VECTOR_NO_FPU});
            return;
        }
        how = PTRACE_SYSEMU_SINGLESTEP;
    }
    int status;
    // A timer that is late fires before the stub can take a signal, each time.
    if (!r->signal_waits) {
        ticks_watch(&r->monitor->ticks, r->deadline);
    }
    r->signal_waits = false;
    if (ptrace(how, r->space->pid, NULL, NULL) != 0 || !stub_wait(r->space->pid, &status)) {
        lost(r);
    } else {
        on_stop(r, status);
    }
}

// A new stub gets the first instruction and the top of the stack, which spares their misses.
static bool prepare(struct run *r)
{
    const uint64_t touched[] = {r->regs->word[REG_RIP], r->regs->word[REG_RSP] - 1};
    bool alive = true;
    for (size_t i = 0; r->space->is_new && i < sizeof touched / sizeof touched[0]; i++) {
        alive = alive && space_fill(r->space, &r->monitor->base, r->monitor->backing_size,
                                    touched[i], false) != SPACE_LOST;
    }
    r->space->is_new = false;
    return alive && space_settle(r->space, &r->monitor->base, r->monitor->backing_size);
}

static void run_until_event(struct run *r)
{
    pid_t pid = r->space->pid;
    if (!prepare(r) || !space_fpu_load(&r->monitor->spaces, r->space, r->fpu) ||
        !arch_registers_load(pid, &r->space->frame, r->regs)) {
        lost(r);
        return;
    }
    ticks_enter(&r->monitor->ticks, pid);
    while (!r->done) {
        go_on(r);
    }
    ticks_leave(&r->monitor->ticks);
    r->monitor->traps++;
    ticks_trap(&r->monitor->ticks);
}

struct machine_event trap_run(struct monitor *monitor, uint64_t root, struct registers *regs,
                              struct machine_fpu *fpu, uint64_t deadline)
{
    if (trap_is_over(monitor)) {
        return over();
    }
    uint64_t now = ticks_now(&monitor->ticks);
    if (board_device_advance(&monitor->board, now, false)) {
        return (struct machine_event){.kind = MACHINE_INTERRUPT};
    }
    if (now >= deadline) {
        return (struct machine_event){.kind = MACHINE_DEADLINE};
    }
    struct run r = {.monitor = monitor,
                    .space = space_get(&monitor->spaces, &monitor->seed, root),
                    .regs = regs,
                    .fpu = fpu,
                    .deadline = trap_deadline(monitor, deadline, false)};
    if (r.space == NULL) {
        lost(&r);
    } else {
        run_until_event(&r);
    }
    // An interrupt that was due before a system call comes before it: the call is made again.
    if (r.event.kind == MACHINE_SYSCALL &&
        board_device_advance(&monitor->board, ticks_now(&monitor->ticks), false)) {
        r.event.kind = MACHINE_INTERRUPT;
    }
    return r.event;
}
