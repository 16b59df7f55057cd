// SPDX-License-Identifier: BSD-2-Clause
#include "stubs.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *open_proc(pid_t pid, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        perror(path);
        abort();
    }
    return file;
}

static bool is_child(const struct dirent *entry, pid_t parent)
{
    char path[64];
    char line[256];
    bool is = false;
    (void)snprintf(path, sizeof path, "/proc/%ld/status", strtol(entry->d_name, NULL, 10));
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        is = is || (strncmp(line, "PPid:", 5) == 0 && strtol(line + 5, NULL, 10) == parent);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return is;
}

// /proc/PID/task/PID/children is not in every kernel: look at every process's parent instead.
static size_t find_children(pid_t parent, pid_t *last)
{
    size_t count = 0;
    DIR *dir = opendir("/proc");
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (is_child(entry, parent)) {
            *last = (pid_t)strtol(entry->d_name, NULL, 10);
            count++;
        }
    }
    (void)closedir(dir);
    return count;
}

pid_t stubs_child(pid_t parent)
{
    pid_t child = 0;
    (void)find_children(parent, &child);
    return child;
}

size_t stubs_children(pid_t parent)
{
    pid_t last;
    return find_children(parent, &last);
}

void stubs_status(pid_t pid, const char *field, char *value, size_t size)
{
    FILE *file = open_proc(pid, "status");
    char line[256];
    size_t len = strlen(field);
    value[0] = '\0';
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, field, len) == 0 && line[len] == ':') {
            const char *text = line + len + 1 + strspn(line + len + 1, " \t");
            (void)snprintf(value, size, "%.*s", (int)strcspn(text, "\n"), text);
        }
    }
    (void)fclose(file);
}

bool stubs_one_file(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    bool zero = false;
    size_t others = 0;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, "0") == 0) {
            zero = true;
        } else if (entry->d_name[0] != '.') {
            others++;
        }
    }
    (void)closedir(dir);
    return zero && others == 0;
}

uint64_t stubs_mapped(pid_t pid, uint64_t keep_from, uint64_t keep_to)
{
    FILE *file = open_proc(pid, "maps");
    char line[512];
    uint64_t total = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest;
        uint64_t from = strtoull(line, &rest, 16);
        uint64_t to = strtoull(rest + 1, NULL, 16);
        if (strstr(line, "[vsyscall]") == NULL && (from < keep_from || to > keep_to)) {
            total += to - from;
        }
    }
    (void)fclose(file);
    return total;
}

bool stubs_other_namespace(pid_t pid, const char *what)
{
    char theirs[64];
    char ours[64];
    char their_name[64] = "";
    char our_name[64] = "";
    (void)snprintf(theirs, sizeof theirs, "/proc/%d/ns/%s", (int)pid, what);
    (void)snprintf(ours, sizeof ours, "/proc/self/ns/%s", what);
    if (readlink(theirs, their_name, sizeof their_name - 1) <= 0 ||
        readlink(ours, our_name, sizeof our_name - 1) <= 0) {
        abort();
    }
    return strcmp(their_name, our_name) != 0;
}

// The machine's timer may interrupt.
static bool wait_for(pid_t pid, int *status)
{
    pid_t got;
    do {
        got = waitpid(pid, status, __WALL);
    } while (got < 0 && errno == EINTR);
    return got == pid;
}

int stubs_execute(pid_t pid, uint64_t rip, uint64_t rax, const uint64_t argument[6])
{
    struct user_regs_struct regs;
    int status;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0) {
        abort();
    }
    regs.rip = rip;
    regs.rax = rax;
    regs.orig_rax = UINT64_MAX;
    regs.rdi = argument[0];
    regs.rsi = argument[1];
    regs.rdx = argument[2];
    regs.r10 = argument[3];
    regs.r8 = argument[4];
    regs.r9 = argument[5];
    if (ptrace(PTRACE_SETREGS, pid, NULL, &regs) != 0 ||
        ptrace(PTRACE_CONT, pid, NULL, NULL) != 0 || !wait_for(pid, &status)) {
        abort();
    }
    return WIFSTOPPED(status) ? WSTOPSIG(status) : WTERMSIG(status);
}

uint64_t stubs_vectors(pid_t pid)
{
    enum { HEADER = 512, PROTECTION_KEYS = 1 << 9 };
    uint8_t state[16384];
    struct iovec part = {.iov_base = state, .iov_len = sizeof state};
    uint64_t used = 0;
    if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &part) == 0) {
        memcpy(&used, state + HEADER, sizeof used);
    } else if (errno != ENODEV) {
        abort();
    }
    return used & ~(uint64_t)PROTECTION_KEYS;
}

void stubs_signal(pid_t pid, int number)
{
    (void)kill(pid, number);
}

void stubs_kill(pid_t pid)
{
    stubs_signal(pid, SIGKILL);
}

bool stubs_gone(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) {
        return errno == ESRCH;
    }
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    bool gone = poll(&poll_fd, 1, 1000) == 1;
    (void)close(fd);
    return gone;
}
