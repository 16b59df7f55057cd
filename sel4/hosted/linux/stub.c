// SPDX-License-Identifier: BSD-2-Clause

// How a stub comes to be, seen from its tracer, the monitor's thread:
//
//   clone     the child waits for a byte, still the monitor's program with its memory;
//   SEIZE     from here on the child dies with the tracer (EXITKILL) and its clones are traced too;
//   maps      root gives the child's user namespace its one user, which is nobody;
//   "go"      the child strips itself (sandbox.c), reports and enters the hidden area;
//   SIGTRAP   it has set its filter: the registers of this stop are those of every later call;
//   empty     all memory but the hidden area is unmapped. Now it is the seed, and can be cloned.
//
// A stub makes system calls only on the monitor's behalf: stub_call sets its registers to the
// trampoline in the hidden area, which makes one call and traps. User code that jumps there makes
// none: it runs under SYSEMU, and what gets past that, the filter judges (x86_64/filter.c).
//
// A stub can die at any moment (the host's OOM killer, a user with kill): every ptrace call may
// fail, and failing means that, never a program error. No stop but the awaited one is trusted to be
// it.

#include "stub.h"

#include "hidden.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 65534,
    EVENT_FORK = 1,   // PTRACE_EVENT_FORK
    EVENT_STOP = 128, // PTRACE_EVENT_STOP
    GET_RSEQ = 0x420f,
};

// From <linux/ptrace.h>, which cannot be included next to <sys/ptrace.h>.
struct rseq_configuration {
    uint64_t pointer;
    uint32_t size;
    uint32_t signature;
    uint32_t flags;
    uint32_t pad;
};

// __WALL: a clone's end need not be told with SIGCHLD.
bool stub_wait(pid_t pid, int *status)
{
    pid_t got;
    do {
        got = waitpid(pid, status, __WALL);
    } while (got < 0 && errno == EINTR);
    return got == pid && WIFSTOPPED(*status);
}

void stub_kill(pid_t pid)
{
    int status;
    // Whose end was reported before has no id any more, and Linux may have given it to another
    // process: only what can still be waited for is ours.
    pid_t ended = waitpid(pid, &status, WNOHANG | __WALL);
    if (ended < 0 || (ended == pid && !WIFSTOPPED(status))) {
        return;
    }
    (void)kill(pid, SIGKILL);
    while (stub_wait(pid, &status)) {
        // A stop that was under way; the next report is the end.
    }
}

// A signal from another process of the host, which is nothing to a stub.
static bool is_foreign(int signal)
{
    return signal != SIGTRAP && signal != SIGSEGV && signal != SIGBUS && signal != SIGILL &&
           signal != SIGFPE && signal != SIGSYS;
}

// Runs the trampoline until its trap. A clone is reported in `child`.
static bool run_call(pid_t pid, const struct arch_frame *frame, const struct arch_call *call,
                     pid_t *child)
{
    struct arch_frame copy = *frame;
    arch_frame_call(&copy, call);
    if (!arch_frame_write(pid, &copy)) {
        return false;
    }
    int status;
    int event;
    do {
        if (ptrace(PTRACE_CONT, pid, NULL, NULL) != 0 || !stub_wait(pid, &status)) {
            return false;
        }
        event = status >> 16;
        // The clone is a tracee of ours already, though run_call still waits for its parent.
        unsigned long message;
        if (event == EVENT_FORK && ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message) == 0) {
            *child = (pid_t)message;
        }
    } while (event != 0 || is_foreign(WSTOPSIG(status)));
    return WSTOPSIG(status) == SIGTRAP;
}

bool stub_call(pid_t pid, const struct arch_frame *frame, const struct arch_call *call,
               int64_t *result)
{
    pid_t child;
    struct arch_frame after;
    if (!run_call(pid, frame, call, &child) || !arch_frame_read(pid, &after)) {
        return false;
    }
    *result = arch_frame_result(&after);
    // What user code left in the registers is not here: it is loaded anew before it runs.
    return arch_frame_write(pid, frame);
}

static bool unmap(struct seed *seed, uint64_t from, uint64_t to, int64_t *result)
{
    struct arch_call call = {SYS_munmap, {from, to - from}};
    return stub_call(seed->pid, &seed->frame, &call, result);
}

// Mapping by mapping, for hosts that seal pages into every process and refuse any range with them.
static bool unmap_each(struct seed *seed)
{
    char name[32];
    (void)snprintf(name, sizeof name, "/proc/%d/maps", (int)seed->pid);
    FILE *maps = fopen(name, "re");
    if (maps == NULL) {
        return false;
    }
    char *line = NULL;
    size_t size = 0;
    bool alive = true;
    while (alive && getline(&line, &size, maps) > 0) {
        char *rest;
        uint64_t from = strtoull(line, &rest, 16);
        uint64_t to = *rest == '-' ? strtoull(rest + 1, NULL, 16) : 0;
        if (to <= from || to > USER_END || (from < HIDDEN_END && to > HIDDEN)) {
            continue;
        }
        int64_t result = 0;
        alive = unmap(seed, from, to, &result);
        seed->notes |= result == 0 ? 0 : SANDBOX_SEALED_PAGES;
    }
    free(line);
    (void)fclose(maps);
    return alive;
}

// Takes the monitor's memory out of the seed, and first what Linux would still write to there.
static bool empty(struct seed *seed)
{
    const uint64_t unregister = 1;
    struct rseq_configuration rseq = {0};
    int64_t result = 0;
    (void)ptrace((enum __ptrace_request)GET_RSEQ, seed->pid, sizeof rseq, &rseq);
    if (rseq.pointer != 0) {
        struct arch_call call = {
            SYS_rseq, {rseq.pointer, rseq.size, unregister, rseq.signature, 0, seed->secret}};
        if (!stub_call(seed->pid, &seed->frame, &call, &result) || result != 0) {
            return false;
        }
    }
    // One range on each side of the hidden area, in one call each, unless a page in it is sealed.
    int64_t above = 0;
    if (!unmap(seed, 0, HIDDEN, &result) || !unmap(seed, HIDDEN_END, USER_END, &above)) {
        return false;
    }
    return (result == 0 && above == 0) || unmap_each(seed);
}

static void write_map(pid_t pid, const char *which, unsigned id)
{
    char name[40];
    char line[40];
    (void)snprintf(name, sizeof name, "/proc/%d/%s", (int)pid, which);
    int len = snprintf(line, sizeof line, "%u %u 1\n", id, id);
    int file = open(name, O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)!write(file, line, (size_t)len); // refused: the sandbox reports that it kept its user
        (void)close(file);
    }
}

// The parent's side of sandbox_enter, up to where the child goes on alone.
static enum status release(const struct seed *seed, bool root, struct diag *diag)
{
    unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, seed->pid, NULL, options) != 0) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "ptrace", (uint64_t)errno);
    }
    if (root) {
        write_map(seed->pid, "uid_map", NOBODY);
        write_map(seed->pid, "gid_map", NOBODY);
    }
    return send(seed->control, "", 1, MSG_NOSIGNAL) == 1
               ? STATUS_OK
               : diag_fail(diag, STATUS_HOST_REFUSED, "sandbox", 0);
}

static enum status start(struct seed *seed, struct sandbox *box, struct diag *diag)
{
    uint32_t notes = 0;
    seed->pid = sandbox_clone(&notes);
    if (seed->pid == 0) {
        sandbox_enter(box, notes);
    }
    if (seed->pid < 0) {
        seed->pid = 0;
        return diag_fail(diag, STATUS_HOST_REFUSED, "clone", (uint64_t)errno);
    }
    return release(seed, box->was_root, diag);
}

enum status seed_start(struct seed *seed, const struct seed_options *options, struct diag *diag)
{
    int ends[2];
    *seed = (struct seed){.control = -1};
    if (getrandom(&seed->secret, sizeof seed->secret, 0) != sizeof seed->secret) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "random numbers", (uint64_t)errno);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "socket pair", (uint64_t)errno);
    }
    seed->control = ends[0];
    struct sandbox box = {.memory = options->memory,
                          .control = ends[1],
                          .was_root = geteuid() == 0,
                          .user = NOBODY,
                          .trap_ticks = options->trap_ticks,
                          .secret = seed->secret,
                          .affinity = *options->affinity};
    enum status status = start(seed, &box, diag);
    (void)close(ends[1]);
    if (status != STATUS_OK) {
        seed_finish(seed);
    }
    return status;
}

static bool read_report(struct sandbox_report *report, int control)
{
    ssize_t got;
    do {
        got = read(control, report, sizeof *report);
    } while (got < 0 && errno == EINTR); // the machine's timer
    return got == sizeof *report;
}

static void hang_up(struct seed *seed)
{
    if (seed->control >= 0) {
        (void)close(seed->control);
        seed->control = -1;
    }
}

enum status seed_ready(struct seed *seed, struct diag *diag)
{
    struct sandbox_report report;
    int status;
    bool told = read_report(&report, seed->control);
    hang_up(seed);
    if (!told) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "sandbox", 0);
    }
    seed->notes = report.notes;
    if (report.failed != 0) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "sandbox step (line)", (uint64_t)report.failed);
    }
    if (!stub_wait(seed->pid, &status) || WSTOPSIG(status) != SIGTRAP ||
        !arch_frame_read(seed->pid, &seed->frame) || !arch_vectors_reset(seed->pid) ||
        !empty(seed)) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "seed process", (uint64_t)errno);
    }
    return STATUS_OK;
}

void seed_finish(struct seed *seed)
{
    if (seed->pid > 0) {
        stub_kill(seed->pid);
        seed->pid = 0;
    }
    hang_up(seed);
}

pid_t seed_clone(struct seed *seed, struct arch_frame *frame)
{
    struct arch_call call = {SYS_clone, {SIGCHLD, 0, 0, 0, 0, seed->secret}};
    pid_t child = 0;
    bool alive = run_call(seed->pid, &seed->frame, &call, &child);
    if (child == 0) {
        return 0;
    }
    int status;
    if (!alive || !stub_wait(child, &status) || status >> 16 != EVENT_STOP ||
        !arch_frame_read(child, frame)) {
        stub_kill(child);
        return 0;
    }
    return child;
}
