// SPDX-License-Identifier: BSD-2-Clause
// The second wall. PTRACE_SYSEMU keeps every system call of user code from Linux before seccomp
// looks at it; this program judges what gets past it: the machine's own calls, made from the
// hidden area, and the vsyscall page, which Linux serves without asking the tracer. A refused call
// raises SIGSYS, which stops the stub; nothing is executed.
#include "filter.h"

#include "hidden.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

struct program {
    struct sock_filter *at;
    size_t len;
};

static void emit(struct program *p, struct sock_filter instruction)
{
    p->at[p->len++] = instruction;
}

static void load(struct program *p, size_t offset)
{
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void answer(struct program *p, uint32_t value)
{
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

// Goes on when the accumulator is `value`, else answers `refusal`.
static void require(struct program *p, uint32_t value, uint32_t refusal)
{
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
    answer(p, refusal);
}

static void require_word(struct program *p, size_t offset, uint64_t value, uint32_t refusal)
{
    load(p, offset);
    require(p, (uint32_t)value, refusal);
    load(p, offset + 4);
    require(p, (uint32_t)(value >> 32), refusal);
}

static size_t argument(unsigned index)
{
    return offsetof(struct seccomp_data, args) + 8 * (size_t)index;
}

// A call with any arguments.
static void allow(struct program *p, uint32_t number)
{
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    answer(p, SECCOMP_RET_ALLOW);
}

static void begin(struct program *p)
{
    load(p, offsetof(struct seccomp_data, arch));
    require(p, AUDIT_ARCH_X86_64, SECCOMP_RET_KILL_PROCESS);
    require_word(p, offsetof(struct seccomp_data, instruction_pointer), HIDDEN_TRAP,
                 SECCOMP_RET_TRAP);
}

// munmap of anything, and mmap of physical memory, which is file 0.
static void allow_mapping(struct program *p)
{
    enum { CHECKS = 7 }; // instructions that follow
    load(p, offsetof(struct seccomp_data, nr));
    allow(p, SYS_munmap);
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, CHECKS));
    load(p, argument(3));
    require(p, MAP_SHARED | MAP_FIXED, SECCOMP_RET_TRAP);
    load(p, argument(4));
    require(p, 0, SECCOMP_RET_TRAP);
    answer(p, SECCOMP_RET_ALLOW);
}

static void allow_seed(struct program *p, uint64_t secret)
{
    require_word(p, argument(FILTER_SECRET), secret, SECCOMP_RET_TRAP);
    load(p, offsetof(struct seccomp_data, nr));
    allow(p, SYS_rseq);
    require(p, SYS_clone, SECCOMP_RET_TRAP);
    load(p, argument(0));
    require(p, SIGCHLD, SECCOMP_RET_TRAP);
    answer(p, SECCOMP_RET_ALLOW);
}

size_t filter_make(struct sock_filter *at, uint64_t secret)
{
    struct program p = {at, 0};
    begin(&p);
    allow_mapping(&p);
    allow_seed(&p, secret);
    return p.len;
}
