// SPDX-License-Identifier: BSD-2-Clause

// A real seL4 kernel in QEMU's emulated PC. The serial line is a pipe, the image a file in memory
// that QEMU inherits, so that nothing is left behind however this ends. The image ends the machine
// through the debug-exit port: QEMU's exit status is then twice the value plus one.

#include "backend.h"
#include "kernel_find.h"
#include "serial_socket.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    BOOT_LIMIT_S = 60, // to the first event, which a healthy boot writes within a few seconds
    NANOSECONDS = 1000000000,
    RECORD_SEPARATOR = 0x1e,
    RESET_STATUS = 0, // QEMU's own failures are 1, which is also a debug exit with 0
};

// fsgsbase, xsave and pdpe1gb are what the kernel wants; QEMU 7.2 hangs at xsave without xsaveopt.
#define CPU       "qemu64,+fsgsbase,+xsave,+pdpe1gb,+xsaveopt"
#define HALT_LINE "halting...\n"

struct machine {
    const struct backend_request *request;
    pid_t pid;
    int serial, errors; // what comes out of it; -1 after the end
    bool spoke;         // anything came over the serial line
    bool begun;         // the first event did
    size_t halt_seen;   // bytes of HALT_LINE that the present line begins with
    bool line_start;
    char said[DIAG_SUBJECT]; // QEMU's own complaints
    size_t said_len;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

static enum status make_image(int *out, struct bytes image, struct diag *diag)
{
    int fd = memfd_create("kpkg-image", 0); // inherited
    size_t done = 0;
    while (fd >= 0 && done < image.len) {
        ssize_t wrote = write(fd, image.at + done, image.len - done);
        if (wrote < 0 && errno != EINTR) {
            close(fd);
            fd = -1;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    *out = fd;
    return fd >= 0 ? STATUS_OK : diag_fail(diag, STATUS_MACHINE_START, strerrordesc_np(errno), 0);
}

// `line` is the listening socket that QEMU inherits for the second serial line; -1 = none.
static enum status start_qemu(struct machine *machine, int image, int line, const int outputs[2],
                              struct diag *diag)
{
    char initrd[32], chardev[64];
    snprintf(initrd, sizeof(initrd), "/proc/self/fd/%d", image);
    snprintf(chardev, sizeof(chardev), "socket,id=com2,fd=%d,server=on,wait=off", line);
    const char *words[] = {"qemu-system-x86_64",
                           "-machine",
                           "q35",
                           "-accel",
                           "tcg",
                           "-cpu",
                           CPU,
                           "-m",
                           "512",
                           "-display",
                           "none",
                           "-monitor",
                           "none",
                           "-serial",
                           "stdio",
                           "-no-reboot",
                           "-nic",
                           "none",
                           "-device",
                           "isa-debug-exit,iobase=0xf4,iosize=4",
                           "-kernel",
                           machine->request->kernel->elf,
                           "-initrd",
                           initrd,
                           line >= 0 ? "-chardev" : NULL,
                           chardev,
                           "-serial",
                           "chardev:com2",
                           NULL};
    return tool_start(&machine->pid, words, outputs, "qemu-system-x86", diag);
}

static enum status start(struct machine *machine, struct diag *diag)
{
    const struct serial_socket *com2 = machine->request->com2;
    int serial[2] = {-1, -1}, errors[2] = {-1, -1}, image = -1, line = -1;
    enum status status = make_image(&image, machine->request->image, diag);
    if (status == STATUS_OK && (pipe2(serial, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0)) {
        status = diag_fail(diag, STATUS_MACHINE_START, strerrordesc_np(errno), 0);
    }
    if (status == STATUS_OK) {
        const int outputs[2] = {serial[1], errors[1]};
        line = com2 != NULL ? dup(com2->listening) : -1;
        status = com2 == NULL || line >= 0
                     ? start_qemu(machine, image, line, outputs, diag)
                     : diag_fail(diag, STATUS_MACHINE_START, strerrordesc_np(errno), 0);
    }
    const int given[] = {line, image, serial[1], errors[1]}; // QEMU's from here on
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        if (given[i] >= 0) {
            close(given[i]);
        }
    }
    machine->serial = serial[0];
    machine->errors = errors[0];
    return status;
}

// A kernel that prints says so when it stops for good.
static bool halts(struct machine *machine, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char c = (char)bytes.at[i];
        if (c == '\r') {
            continue;
        }
        if (c == HALT_LINE[machine->halt_seen] && (machine->halt_seen > 0 || machine->line_start)) {
            machine->halt_seen++;
        } else {
            machine->halt_seen = 0;
        }
        machine->line_start = c == '\n';
        if (machine->halt_seen == sizeof(HALT_LINE) - 1) {
            return true;
        }
    }
    return false;
}

// What ended the run, or NULL.
static const char *take_serial(struct machine *machine)
{
    uint8_t part[4096];
    ssize_t got = read(machine->serial, part, sizeof(part));
    if (got <= 0) {
        close(machine->serial);
        machine->serial = -1;
        return NULL;
    }
    struct bytes bytes = {part, (size_t)got};
    machine->spoke = true;
    machine->begun = machine->begun || memchr(part, RECORD_SEPARATOR, bytes.len) != NULL;
    machine->request->output(machine->request->context, bytes);
    bool halted = machine->request->kernel->config.printing && halts(machine, bytes);
    return halted ? "the kernel halted; what it said is in the console text" : NULL;
}

static void take_errors(struct machine *machine)
{
    char part[512];
    ssize_t got = read(machine->errors, part, sizeof(part));
    if (got <= 0) {
        close(machine->errors);
        machine->errors = -1;
        return;
    }
    size_t room = sizeof(machine->said) - machine->said_len;
    size_t keep = (size_t)got < room ? (size_t)got : room;
    memcpy(machine->said + machine->said_len, part, keep);
    machine->said_len += keep;
}

// The moment at which the wait ends without an event, and why; INT64_MAX = never.
static int64_t deadline(const char **why, const struct machine *machine, int64_t began)
{
    int64_t limit = INT64_MAX;
    if (machine->request->time_limit_us != 0) {
        limit = began + (int64_t)machine->request->time_limit_us * 1000;
        *why = "the time limit was reached";
    }
    int64_t boot = began + (int64_t)BOOT_LIMIT_S * NANOSECONDS;
    if (!machine->begun && boot < limit) {
        limit = boot;
        *why = "the boot died: no event within 60 seconds; a debug kernel says why";
    }
    return limit;
}

// Takes what comes until the machine is gone (NULL) or must end (why). Signals are let in only
// while it waits, so that none is missed between a look at `stop` and the wait.
static const char *serve(struct machine *machine, const sigset_t *outside)
{
    int64_t began = now_ns();
    const char *ending = NULL;
    while (machine->serial >= 0 && ending == NULL) {
        const char *why = NULL;
        int64_t left = deadline(&why, machine, began) - now_ns();
        struct timespec wait = {left / NANOSECONDS, left % NANOSECONDS};
        struct pollfd ends[2] = {{machine->serial, POLLIN, 0}, {machine->errors, POLLIN, 0}};
        if (*machine->request->stop) {
            return "the run was interrupted";
        }
        if (left <= 0) {
            return why;
        }
        if (ppoll(ends, 2, &wait, outside) <= 0) {
            continue;
        }
        if (ends[1].revents != 0) {
            take_errors(machine);
        }
        if (ends[0].revents != 0) {
            ending = take_serial(machine);
        }
    }
    return ending;
}

static void finish(struct machine *machine)
{
    while (machine->errors >= 0) {
        take_errors(machine);
    }
    if (machine->serial >= 0) {
        close(machine->serial);
    }
}

static enum status judge(struct backend_result *result, const struct machine *machine, int how,
                         struct diag *diag)
{
    int code = WIFEXITED(how) ? WEXITSTATUS(how) : RESET_STATUS;
    if (WIFSIGNALED(how)) {
        *result = (struct backend_result){.ending = "QEMU was killed"};
    } else if (code == RESET_STATUS) {
        *result = (struct backend_result){.ending = "the machine reset or switched itself off"};
    } else if (code % 2 == 1 && machine->spoke) {
        *result = (struct backend_result){.exited = true, .exit_value = (uint32_t)code / 2};
    } else {
        enum status status = diag_fail(diag, STATUS_MACHINE_START, "QEMU", (uint64_t)code);
        diag_subject(diag, (struct bytes){(const uint8_t *)machine->said, machine->said_len});
        return status;
    }
    return STATUS_OK;
}

static enum status boot(struct backend_result *result, struct machine *machine,
                        const sigset_t *outside, struct diag *diag)
{
    const char *ending = serve(machine, outside);
    int how = 0;
    if (ending != NULL) {
        kill(machine->pid, SIGKILL);
    }
    finish(machine);
    while (waitpid(machine->pid, &how, 0) < 0 && errno == EINTR) {
    }
    if (ending != NULL) {
        *result = (struct backend_result){.ending = ending};
        return STATUS_OK;
    }
    return judge(result, machine, how, diag);
}

static enum status run(struct backend_result *result, struct backend_machine *none,
                       const struct backend_request *request, struct diag *diag)
{
    (void)none;
    struct machine machine = {.request = request, .line_start = true};
    sigset_t blocked, outside;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &outside);
    enum status status = start(&machine, diag);
    if (status == STATUS_OK) {
        status = boot(result, &machine, &outside, diag);
    } else {
        finish(&machine);
    }
    sigprocmask(SIG_SETMASK, &outside, NULL);
    return status;
}

const struct backend backend_qemu = {.name = "sel4", .run = run};
