// SPDX-License-Identifier: BSD-2-Clause
// Registers between seL4's context and Linux's. The bases of fs and gs are written one by one and
// only when they change: Linux refuses to set a kernel address there, though the instruction
// wrfsbase may.
#include "arch.h"

#include "hidden.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

enum {
    USER_CODE_SELECTOR = 0x33,
    USER_DATA_SELECTOR = 0x2b,
};

#define NO_SYSCALL UINT64_MAX // orig_rax: nothing for Linux to restart
// RFLAGS.RF: hardware sets it in what a fault saves, QEMU does not; it matters to breakpoints only.
#define FLAG_RESUME UINT64_C(0x10000)

// Everything before fs_base in the register set.
#define FRAME_PART offsetof(struct user_regs_struct, fs_base)

bool arch_frame_read(pid_t pid, struct arch_frame *frame)
{
    return ptrace(PTRACE_GETREGS, pid, NULL, &frame->user) == 0;
}

bool arch_frame_write(pid_t pid, const struct arch_frame *frame)
{
    struct user_regs_struct copy = frame->user;
    struct iovec part = {.iov_base = &copy, .iov_len = FRAME_PART};
    return ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &part) == 0;
}

void arch_frame_call(struct arch_frame *frame, const struct arch_call *call)
{
    frame->user.rip = HIDDEN_CALL;
    frame->user.rax = (uint64_t)call->number;
    frame->user.rdi = call->argument[0];
    frame->user.rsi = call->argument[1];
    frame->user.rdx = call->argument[2];
    frame->user.r10 = call->argument[3];
    frame->user.r8 = call->argument[4];
    frame->user.r9 = call->argument[5];
    frame->user.orig_rax = NO_SYSCALL;
    frame->user.eflags = 0x202;
    frame->user.cs = USER_CODE_SELECTOR;
    frame->user.ss = USER_DATA_SELECTOR;
}

int64_t arch_frame_result(const struct arch_frame *frame)
{
    return (int64_t)frame->user.rax;
}

static bool poke(pid_t pid, size_t offset, uint64_t value)
{
    return ptrace(PTRACE_POKEUSER, pid, (void *)offset, (void *)value) == 0;
}

// Selectors are no part of a seL4 context: whoever runs next finds them zero.
static bool clear_selectors(pid_t pid, struct user_regs_struct *user)
{
    if ((user->ds | user->es | user->fs | user->gs) == 0) {
        return true;
    }
    user->ds = user->es = user->fs = user->gs = 0;
    return poke(pid, offsetof(struct user_regs_struct, ds), 0) &&
           poke(pid, offsetof(struct user_regs_struct, es), 0) &&
           poke(pid, offsetof(struct user_regs_struct, fs), 0) &&
           poke(pid, offsetof(struct user_regs_struct, gs), 0);
}

// A base outside the addresses of user code cannot be restored; it reads as zero (docs/limits.md).
static bool load_base(pid_t pid, size_t offset, unsigned long long *held, uint64_t wanted)
{
    if (*held == wanted) {
        return true;
    }
    *held = wanted < USER_END ? wanted : 0;
    return poke(pid, offset, *held);
}

bool arch_registers_load(pid_t pid, struct arch_frame *frame, const struct registers *regs)
{
    struct user_regs_struct *user = &frame->user;
    const uint64_t *word = regs->word;
    user->rip = word[REG_RIP];
    user->rsp = word[REG_RSP];
    user->eflags = word[REG_RFLAGS];
    user->rax = word[REG_RAX];
    user->rbx = word[REG_RBX];
    user->rcx = word[REG_RCX];
    user->rdx = word[REG_RDX];
    user->rsi = word[REG_RSI];
    user->rdi = word[REG_RDI];
    user->rbp = word[REG_RBP];
    user->r8 = word[REG_R8];
    user->r9 = word[REG_R9];
    user->r10 = word[REG_R10];
    user->r11 = word[REG_R11];
    user->r12 = word[REG_R12];
    user->r13 = word[REG_R13];
    user->r14 = word[REG_R14];
    user->r15 = word[REG_R15];
    user->orig_rax = NO_SYSCALL;
    user->cs = USER_CODE_SELECTOR;
    user->ss = USER_DATA_SELECTOR;
    return clear_selectors(pid, user) &&
           load_base(pid, offsetof(struct user_regs_struct, fs_base), &user->fs_base,
                     word[REG_FS_BASE]) &&
           load_base(pid, offsetof(struct user_regs_struct, gs_base), &user->gs_base,
                     word[REG_GS_BASE]) &&
           arch_frame_write(pid, frame);
}

void arch_registers_read(const struct arch_frame *frame, struct registers *regs)
{
    const struct user_regs_struct *user = &frame->user;
    *regs = (struct registers){{
        [REG_RIP] = user->rip,
        [REG_RSP] = user->rsp,
        [REG_RFLAGS] = user->eflags & ~FLAG_RESUME,
        [REG_RAX] = user->rax,
        [REG_RBX] = user->rbx,
        [REG_RCX] = user->rcx,
        [REG_RDX] = user->rdx,
        [REG_RSI] = user->rsi,
        [REG_RDI] = user->rdi,
        [REG_RBP] = user->rbp,
        [REG_R8] = user->r8,
        [REG_R9] = user->r9,
        [REG_R10] = user->r10,
        [REG_R11] = user->r11,
        [REG_R12] = user->r12,
        [REG_R13] = user->r13,
        [REG_R14] = user->r14,
        [REG_R15] = user->r15,
        [REG_FS_BASE] = user->fs_base,
        [REG_GS_BASE] = user->gs_base,
    }};
}

bool arch_fpu_load(pid_t pid, const struct machine_fpu *fpu)
{
    struct machine_fpu copy = *fpu;
    return ptrace(PTRACE_SETFPREGS, pid, NULL, copy.fxsave) == 0;
}

bool arch_fpu_read(pid_t pid, struct machine_fpu *fpu)
{
    return ptrace(PTRACE_GETFPREGS, pid, NULL, fpu->fxsave) == 0;
}

// In an XSAVE area a component whose bit is clear is as after reset. Protection keys stay.
bool arch_vectors_reset(pid_t pid)
{
    enum { ROOM = 16384, HEADER = 512, PROTECTION_KEYS = 1 << 9 };
    uint8_t state[ROOM];
    struct iovec part = {.iov_base = state, .iov_len = sizeof state};
    if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &part) != 0) {
        return errno == ENODEV; // a processor without XSAVE
    }
    uint64_t present;
    memcpy(&present, state + HEADER, sizeof present);
    present &= PROTECTION_KEYS;
    memcpy(state + HEADER, &present, sizeof present);
    return ptrace(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, &part) == 0;
}

bool arch_leave_other_mode(pid_t pid, struct arch_frame *frame)
{
    if (frame->user.cs == USER_CODE_SELECTOR) {
        return false;
    }
    // First of all: Linux takes a register set in the layout of the mode that the process is in.
    frame->user.cs = USER_CODE_SELECTOR;
    (void)poke(pid, offsetof(struct user_regs_struct, cs), USER_CODE_SELECTOR);
    return true;
}
