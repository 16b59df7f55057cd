// SPDX-License-Identifier: BSD-2-Clause

// One POSIX timer that signals the monitor's own thread (SIGEV_THREAD_ID), for only a stub's tracer
// may interrupt it. The handler does two things that are safe at any point: one store and one
// ptrace call. It races with nothing that matters: a stub that stopped by itself ignores the
// interrupt, and one that comes too early costs a needless stop.
//
// Virtual time has no use for a deadline in real time, but for one case: a loop without any trap
// would never end. There the timer is periodic, and after ENDLESS_NS of the stub's own processor
// time (not of the clock on the wall, so that a busy host changes nothing) time jumps to the
// deadline.

#define _GNU_SOURCE
#include "ticks.h"

#include "arch_ticks.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NS_PER_S       UINT64_C(1000000000)
#define CALIBRATION_NS UINT64_C(200000) // a part in some thousand, as whole ticks are
// Also how late a stop by the user is noticed at most.
#define LONGEST_WAIT_US UINT64_C(100000)

// Virtual time: a gigahertz processor on which a trap takes a microsecond.
#define VIRTUAL_PER_US 1000
#define VIRTUAL_TRAP   1000
// The timer's period in virtual time, and the processor time after which a loop counts as endless.
#define WATCH_PERIOD_NS UINT64_C(20000000)
#define ENDLESS_NS      UINT64_C(100000000)

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static struct timespec timespec_ns(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

struct ticks_mark ticks_mark(void)
{
    return (struct ticks_mark){.ticks = arch_ticks(), .ns = clock_ns(CLOCK_MONOTONIC_RAW)};
}

// Against CLOCK_MONOTONIC_RAW, which no time daemon slews.
static uint32_t measure_per_us(struct ticks_mark since)
{
    struct ticks_mark now = ticks_mark();
    if (now.ns - since.ns < CALIBRATION_NS) {
        struct timespec pause = timespec_ns(CALIBRATION_NS - (now.ns - since.ns));
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
        now = ticks_mark();
    }
    uint64_t ns = now.ns - since.ns;
    return (uint32_t)(((now.ticks - since.ticks) * 1000 + ns / 2) / ns);
}

// Runs in the monitor's thread, the tracer of all stubs. An interrupt that comes before the stub
// runs is kept by Linux and stops it at once.
static void on_timer(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    struct ticks *t = info->si_value.sival_ptr;
    int saved = errno;
    if (t != NULL) {
        t->armed = 0; // it may have fired a little before the ticks say so, with nothing running
        if (t->running != 0) {
            (void)ptrace(PTRACE_INTERRUPT, t->running, NULL, NULL);
        }
    }
    errno = saved;
}

static void arm(struct ticks *t, uint64_t first_ns, uint64_t period_ns)
{
    struct itimerspec when = {.it_value = timespec_ns(first_ns),
                              .it_interval = timespec_ns(period_ns)};
    (void)timer_settime(t->timer, 0, &when, NULL);
}

enum status ticks_start(struct ticks *t, bool is_virtual, struct ticks_mark since,
                        struct diag *diag)
{
    *t = (struct ticks){.is_virtual = is_virtual};
    t->per_us = is_virtual ? VIRTUAL_PER_US : measure_per_us(since);

    // The timer may fire while this thread writes output: to a pipe whose reader is slow, that
    // would cut the write short, and stdio takes it for an error.
    struct sigaction action = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN};
    event.sigev_value.sival_ptr = t;
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &t->timer) != 0) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "timer", (uint64_t)errno);
    }
    (void)sigaction(SIGRTMIN, &action, &t->previous);
    t->has_timer = true;
    if (is_virtual) {
        arm(t, WATCH_PERIOD_NS, WATCH_PERIOD_NS);
    }
    return STATUS_OK;
}

void ticks_finish(struct ticks *t)
{
    if (t->has_timer) {
        (void)timer_delete(t->timer);
        (void)sigaction(SIGRTMIN, &t->previous, NULL);
        t->has_timer = false;
    }
}

uint64_t ticks_now(const struct ticks *t)
{
    return t->is_virtual ? t->virtual_now : arch_ticks();
}

void ticks_trap(struct ticks *t)
{
    t->virtual_now += t->is_virtual ? VIRTUAL_TRAP : 0;
}

// Ticks until `deadline`, at most the longest wait.
static uint64_t wait_ticks(const struct ticks *t, uint64_t now, uint64_t deadline)
{
    uint64_t longest = LONGEST_WAIT_US * t->per_us;
    uint64_t ticks = deadline > now ? deadline - now : 0;
    return ticks < longest ? ticks : longest;
}

// At least that many nanoseconds; never none, which would disarm a timer.
static uint64_t ns_of(const struct ticks *t, uint64_t ticks)
{
    return ticks * 1000 / t->per_us + 1;
}

void ticks_enter(struct ticks *t, pid_t pid)
{
    t->running = pid;
    t->cpu_mark_ns = 0;
}

// A timer that fires too early costs one needless stop, so it is left alone unless it is late.
void ticks_watch(struct ticks *t, uint64_t deadline)
{
    if (t->is_virtual) {
        return; // the timer is periodic
    }
    uint64_t now = arch_ticks();
    if (deadline < t->armed || t->armed <= now) {
        uint64_t wait = wait_ticks(t, now, deadline);
        t->armed = now + wait;
        arm(t, ns_of(t, wait), 0);
    }
}

void ticks_leave(struct ticks *t)
{
    t->running = 0;
}

static bool is_endless(struct ticks *t)
{
    clockid_t clock;
    if (clock_getcpuclockid(t->running, &clock) != 0) {
        return true;
    }
    uint64_t used = clock_ns(clock) + 1;
    if (t->cpu_mark_ns == 0) {
        t->cpu_mark_ns = used;
    }
    return used - t->cpu_mark_ns >= ENDLESS_NS;
}

bool ticks_expired(struct ticks *t, uint64_t deadline)
{
    if (!t->is_virtual) {
        return arch_ticks() >= deadline;
    }
    if (deadline == TICKS_NEVER || !is_endless(t)) {
        return false;
    }
    t->virtual_now = deadline > t->virtual_now ? deadline : t->virtual_now;
    return true;
}

void ticks_sleep(struct ticks *t, uint64_t deadline)
{
    if (t->is_virtual) {
        t->virtual_now = deadline > t->virtual_now ? deadline : t->virtual_now;
        return;
    }
    struct timespec pause = timespec_ns(ns_of(t, wait_ticks(t, arch_ticks(), deadline)));
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}
