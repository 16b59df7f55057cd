// SPDX-License-Identifier: BSD-2-Clause
#include "bare.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

// The machine's timer may interrupt.
static void wait_for(pid_t pid)
{
    int status;
    pid_t got;
    do {
        got = waitpid(pid, &status, __WALL);
    } while (got < 0 && errno == EINTR);
    must(got == pid);
}

pid_t bare_start(void)
{
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        must(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0);
        for (;;) {
            (void)syscall(SYS_getpid);
        }
    }
    wait_for(pid);
    must(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL) == 0);
    return pid;
}

void bare_trap(pid_t pid)
{
    struct user_regs_struct regs;
    must(ptrace(PTRACE_SYSEMU, pid, NULL, NULL) == 0);
    wait_for(pid);
    must(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
    must(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0);
}

void bare_stop(pid_t pid)
{
    must(kill(pid, SIGKILL) == 0);
    wait_for(pid);
}
