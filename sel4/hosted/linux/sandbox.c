// SPDX-License-Identifier: BSD-2-Clause

// The order of sandbox_enter is what makes it safe, and each step needs what a later one takes
// away:
//
// 1. files: only memory and control stay, so that nothing below can leak one of the monitor's;
// 2. a byte from the parent, which is the tracer now and, as root, wrote the maps of users;
// 3. namespaces, then chroot, then the user: the first two need privileges of the third;
// 4. capabilities and no_new_privs, without which the filter could not be set by an ordinary user;
// 5. what a change of user resets: that it may be traced, and that it dies with the monitor;
// 6. signals and the hidden area, from which all that runs later is entered;
// 7. the report, then the filter (hidden_enter): it allows nothing that C code here would need.
//
// A step that the host refuses ends the child, but for those that an ordinary user's host may lack:
// they become notes, and the machine tells of them.

#define _GNU_SOURCE
#include "sandbox.h"

#include "hidden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Where the files stand afterwards; both are first copied out of the way, for either may stand at
// the other's number.
enum { FILE_MEMORY = 0, FILE_CONTROL = 1, FIRST_OTHER_FILE = 2, FILE_ASIDE = 16 };

pid_t sandbox_clone(uint32_t *notes)
{
    unsigned long spaces = CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD;
    pid_t pid = (pid_t)syscall(SYS_clone, spaces, NULL, NULL, NULL, NULL);
    if (pid < 0) {
        *notes |= SANDBOX_NO_NAMESPACES;
        pid = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL);
    }
    return pid;
}

static bool keep_two_files(const struct sandbox *box)
{
    int memory = fcntl(box->memory, F_DUPFD, FILE_ASIDE);
    int control = fcntl(box->control, F_DUPFD, FILE_ASIDE);
    return memory >= 0 && control >= 0 && dup2(memory, FILE_MEMORY) == FILE_MEMORY &&
           dup2(control, FILE_CONTROL) == FILE_CONTROL &&
           syscall(SYS_close_range, FIRST_OTHER_FILE, ~0U, 0) == 0;
}

// The other namespaces: making them takes longer than all else here, and keeps only the child busy.
static bool leave_namespaces(void)
{
    return unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP) == 0;
}

// Group first: after the user is left, no group can be.
static bool leave_user(const struct sandbox *box)
{
    return syscall(SYS_setgroups, 0, NULL) == 0 &&
           syscall(SYS_setresgid, box->user, box->user, box->user) == 0 &&
           syscall(SYS_setresuid, box->user, box->user, box->user) == 0;
}

static bool drop_privileges(void)
{
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        // Refused without CAP_SETPCAP; the sets below and no_new_privs do not depend on it.
        (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};
    return syscall(SYS_capset, &header, none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// What a stub could take from the host without any system call of its own: dumps, locked pages,
// queued signals. Its memory is the one file, whose size is sealed.
static bool limit_resources(void)
{
    static const int none_of[] = {RLIMIT_CORE,     RLIMIT_FSIZE,      RLIMIT_MEMLOCK,
                                  RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING, RLIMIT_RTPRIO};
    for (size_t i = 0; i < sizeof none_of / sizeof none_of[0]; i++) {
        struct rlimit none = {0, 0};
        if (setrlimit((__rlimit_resource_t)none_of[i], &none) != 0) {
            return false;
        }
    }
    return true;
}

// The kernel's own form of a signal action; libc would add a return path into code that will be
// gone.
struct kernel_action {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

static bool set_action(int signal, uint64_t handler, uint64_t flags)
{
    const uint64_t has_restorer = 0x04000000;
    struct kernel_action action = {handler, flags | has_restorer, HIDDEN_TRAP, 0};
    return syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof action.mask) == 0;
}

static bool set_signals(void)
{
    for (int signal = 1; signal <= SIGRTMAX; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP && !set_action(signal, 0, 0)) {
            return false;
        }
    }
    // Exceptions go to the hidden area, where the machine reads the frame and nothing runs.
    static const int exceptions[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        if (!set_action(exceptions[i], HIDDEN_TRAP, SA_SIGINFO | SA_ONSTACK | SA_NODEFER)) {
            return false;
        }
    }
    uint64_t nothing = 0;
    return set_action(SIGCHLD, (uint64_t)(uintptr_t)SIG_IGN, 0) && // stubs are reaped unseen
           syscall(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, NULL, sizeof nothing) == 0;
}

static bool map_hidden(void)
{
    void *want = (void *)HIDDEN;
    uint8_t *at = mmap(want, HIDDEN_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != want) {
        return false;
    }
    stack_t stack = {.ss_sp = at + HIDDEN_STACK, .ss_size = HIDDEN_SIZE - HIDDEN_STACK};
    hidden_fill(at);
    return mprotect(at, HIDDEN_STACK, PROT_READ | PROT_EXEC) == 0 &&
           syscall(SYS_sigaltstack, &stack, NULL) == 0;
}

_Noreturn static void report_and_exit(struct sandbox_report report)
{
    (void)!write(FILE_CONTROL, &report, sizeof report);
    _exit(1);
}

// The line number names the step to who reads the report; there is no errno that a caller could act
// on.
#define STEP(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            report.failed = __LINE__;                                                              \
            report_and_exit(report);                                                               \
        }                                                                                          \
    } while (0)

void sandbox_enter(struct sandbox *box, uint32_t notes)
{
    struct sandbox_report report = {.notes = notes};
    char go;
    if (!keep_two_files(box)) {
        _exit(1); // what stands at FILE_CONTROL may be somebody else's file
    }
    STEP(read(FILE_CONTROL, &go, 1) == 1);
    STEP(setsid() > 0);
    if ((notes & SANDBOX_NO_NAMESPACES) == 0 && !leave_namespaces()) {
        report.notes |= SANDBOX_NO_NAMESPACES;
    }
    // A folder that is always there, empties itself with this process and in which nothing can be
    // made.
    if (chroot("/proc/self/fdinfo") != 0 || chdir("/") != 0) {
        report.notes |= SANDBOX_NO_ROOT_CHANGE;
    }
    if (!box->was_root || !leave_user(box)) {
        report.notes |= SANDBOX_SAME_USER;
    }
    STEP(drop_privileges());
    STEP(limit_resources());
    STEP(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0); // the tracer reads signal frames
    STEP(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0);
    // With virtual time a stub that reads the tick counter faults, and the machine answers for it.
    STEP(!box->trap_ticks || prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) == 0);
    STEP(set_signals());
    STEP(map_hidden());
    STEP(write(FILE_CONTROL, &report, sizeof report) == sizeof report);
    STEP(close(FILE_CONTROL) == 0);
    host_pin(&box->affinity); // at last: the processor is the machine's
    hidden_enter(box->secret);
    _exit(1);
}
