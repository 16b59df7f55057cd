// SPDX-License-Identifier: BSD-2-Clause
// What a stop means in terms of the processor. Linux does not tell a tracer the vector and error
// code of an exception, but it writes them into signal frames: so the signal is delivered into the
// hidden area, stopped before the handler's first instruction, and the frame is read. That costs
// one round trip and only for faults that seL4 gets to see.
#include "arch.h"

#include "hidden.h"
#include "stub.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <ucontext.h>

enum {
    VECTOR_DEBUG = 1,
    VECTOR_BREAKPOINT = 3,
    VECTOR_OVERFLOW = 4,
    VECTOR_GENERAL_PROTECTION = 13,
    VECTOR_PAGE_FAULT = 14,

    FIRST_OPEN_VECTOR = 158, // `int N` from here on reaches seL4 (one core)
    LAST_OPEN_VECTOR = 255,

    ERROR_IS_GATE = 2, // error code: the index is a gate, shifted by 3
    LINUX_GATE = 0x80,
};

// Indices of gregs; the names in <sys/ucontext.h> are those of seL4's context in our headers.
enum { FRAME_ERROR = 19, FRAME_VECTOR = 20, FRAME_ADDRESS = 22 };

static bool peek(pid_t pid, uint64_t at, uint64_t *value)
{
    errno = 0;
    *value = (uint64_t)ptrace(PTRACE_PEEKDATA, pid, (void *)at, NULL);
    return errno == 0;
}

bool arch_fault_read(pid_t pid, int signal, struct arch_fault *fault)
{
    // A stack pointer inside the hidden area would make Linux append to a frame that user code
    // wrote.
    if (ptrace(PTRACE_POKEUSER, pid, (void *)offsetof(struct user_regs_struct, rsp), NULL) != 0 ||
        ptrace(PTRACE_SINGLESTEP, pid, NULL, (void *)(intptr_t)signal) != 0) {
        return false;
    }
    int status;
    struct user_regs_struct user;
    if (!stub_wait(pid, &status) || ptrace(PTRACE_GETREGS, pid, NULL, &user) != 0 ||
        user.rip != HIDDEN_TRAP) {
        return false;
    }
    // The handler's third argument is the context that the frame holds.
    uint64_t registers = user.rdx + offsetof(ucontext_t, uc_mcontext.gregs);
    return peek(pid, registers + 8 * FRAME_VECTOR, &fault->vector) &&
           peek(pid, registers + 8 * FRAME_ERROR, &fault->code) &&
           peek(pid, registers + 8 * FRAME_ADDRESS, &fault->address);
}

static struct machine_event exception(uint64_t vector, uint64_t code)
{
    return (struct machine_event){.kind = MACHINE_EXCEPTION, .vector = vector, .code = code};
}

// A gate that seL4 keeps closed to user code.
static struct machine_event closed_gate(uint64_t gate)
{
    return exception(VECTOR_GENERAL_PROTECTION, gate * 8 + ERROR_IS_GATE);
}

struct machine_event arch_syscall_event(const struct arch_frame *frame,
                                        const uint8_t instruction[static 2], struct registers *regs)
{
    regs->word[REG_RIP] -= 2;
    regs->word[REG_RAX] = frame->user.orig_rax;
    if (instruction[0] == 0x0f && instruction[1] == 0x05) {
        return (struct machine_event){.kind = MACHINE_SYSCALL};
    }
    return closed_gate(LINUX_GATE);
}

struct machine_event arch_exception_event(const struct arch_fault *fault,
                                          const uint8_t instruction[static 4],
                                          struct registers *regs)
{
    uint64_t gate = fault->code >> 3;
    switch (fault->vector) {
    case VECTOR_PAGE_FAULT:
        return (struct machine_event){
            .kind = MACHINE_PAGE_FAULT, .code = fault->code, .address = fault->address};
    case VECTOR_OVERFLOW: // only `int 4` raises it in 64-bit mode, where Linux leaves the gate open
        regs->word[REG_RIP] -= 2;
        return closed_gate(VECTOR_OVERFLOW);
    case VECTOR_GENERAL_PROTECTION:
        if ((fault->code & 7) == ERROR_IS_GATE && gate >= FIRST_OPEN_VECTOR &&
            gate <= LAST_OPEN_VECTOR && instruction[0] == 0xcd && instruction[1] == gate) {
            return (struct machine_event){.kind = MACHINE_SOFTINT, .vector = gate};
        }
        return exception(fault->vector, fault->code);
    default:
        return exception(fault->vector, fault->code);
    }
}

#define FLAG_TRAP UINT64_C(0x100)

bool arch_is_stepping(const struct registers *regs)
{
    return (regs->word[REG_RFLAGS] & FLAG_TRAP) != 0;
}

#define VSYSCALL_START UINT64_C(0xffffffffff600000)
#define VSYSCALL_END   UINT64_C(0xffffffffff601000)

bool arch_refused_entry(uint64_t address, struct registers *regs)
{
    if (address < VSYSCALL_START || address >= VSYSCALL_END) {
        return false;
    }
    // Linux has returned to the caller as if the call had been made; the return address is still
    // below the stack pointer. RAX is lost.
    regs->word[REG_RIP] = address;
    regs->word[REG_RSP] -= 8;
    return true;
}
