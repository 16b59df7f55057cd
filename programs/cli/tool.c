// SPDX-License-Identifier: BSD-2-Clause

// Other programs, without a shell: words go to execv as they are, and descriptors are placed by
// number. A child dies with its parent (PDEATHSIG, and a look at the parent in case it died
// before), and it inherits nothing but what is CLOEXEC-free by intent.

#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_STARTED = 127 };

bool tool_find(char path[static PATH_MAX], const char *name)
{
    const char *folders = getenv("PATH");
    while (folders != NULL && folders[0] != '\0') {
        size_t len = strcspn(folders, ":");
        int made = snprintf(path, PATH_MAX, "%.*s/%s", (int)len, folders, name);
        if (len > 0 && made < PATH_MAX && access(path, X_OK) == 0) {
            return true;
        }
        folders += len + (folders[len] == ':');
    }
    return false;
}

bool tool_find_own(char path[static PATH_MAX], const char *name)
{
    static const char *const folders[] = {"../libexec/kpkg", "libexec/kpkg"};
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL) {
        return false;
    }
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (snprintf(path, PATH_MAX, "%s%s/%s", self, folders[i], name) < PATH_MAX &&
            access(path, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

// Moves them to 0 and up; out of each other's way first. dup2 clears CLOEXEC, and only there.
static bool place_files(struct tool_files files)
{
    int aside[TOOL_FILES];
    for (size_t i = 0; i < files.count; i++) {
        aside[i] = fcntl(files.at[i], F_DUPFD_CLOEXEC, TOOL_FILES);
    }
    for (size_t i = 0; i < files.count; i++) {
        if (aside[i] < 0 || dup2(aside[i], (int)i) < 0) {
            return false;
        }
    }
    return true;
}

// Between fork and exec: system calls only.
static _Noreturn void become(const char *path, const char *const *words, struct tool_files files,
                             pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && place_files(files) &&
        sigprocmask(SIG_SETMASK, &none, NULL) == 0) {
        execv(path, (char *const *)words);
    }
    _exit(EXIT_NOT_STARTED);
}

enum status tool_spawn(pid_t *out, const char *path, const char *const *words,
                       struct tool_files files, struct diag *diag)
{
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        return diag_fail(diag, STATUS_TOOL, strerrordesc_np(errno), 0);
    }
    if (child == 0) {
        become(path, words, files, parent);
    }
    *out = child;
    return STATUS_OK;
}

bool tool_wait(pid_t child)
{
    int how = 0;
    pid_t got;
    do {
        got = waitpid(child, &how, 0);
    } while (got < 0 && errno == EINTR);
    return got == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

enum status tool_start(pid_t *out, const char *const *words, const int outputs[2],
                       const char *package, struct diag *diag)
{
    char path[PATH_MAX];
    if (!tool_find(path, words[0])) {
        char text[DIAG_SUBJECT];
        snprintf(text, sizeof(text), "%s: apt-get install %s", words[0], package);
        diag_fail(diag, STATUS_TOOL, "missing", 0);
        diag_subject(diag, bytes_text(text));
        return STATUS_TOOL;
    }
    int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (empty < 0) {
        return diag_fail(diag, STATUS_TOOL, strerrordesc_np(errno), 0);
    }
    const int files[] = {empty, outputs[0], outputs[1]};
    enum status status = tool_spawn(out, path, words, (struct tool_files){3, files}, diag);
    close(empty);
    return status;
}

// Reads to the end and keeps the last bytes, which say what went wrong.
static size_t read_tail(char *tail, size_t size, int from)
{
    size_t len = 0;
    char part[512];
    for (;;) {
        ssize_t got = read(from, part, sizeof(part));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return len;
        }
        size_t keep = (size_t)got < size ? (size_t)got : size;
        size_t old = len < size - keep ? len : size - keep;
        memmove(tail, tail + len - old, old);
        memcpy(tail + old, part + got - keep, keep);
        len = old + keep;
    }
}

enum status tool_run(const char *const *words, const char *package, struct diag *diag)
{
    int ends[2];
    pid_t child = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return diag_fail(diag, STATUS_TOOL, strerrordesc_np(errno), 0);
    }
    const int outputs[2] = {ends[1], ends[1]};
    enum status status = tool_start(&child, words, outputs, package, diag);
    close(ends[1]);
    if (status == STATUS_OK) {
        char tail[DIAG_SUBJECT];
        size_t len = read_tail(tail, sizeof(tail), ends[0]);
        if (!tool_wait(child)) {
            status = diag_fail(diag, STATUS_TOOL, "failed", 0);
            diag_subject(diag, (struct bytes){(const uint8_t *)tail, len});
        }
    }
    close(ends[0]);
    return status;
}
