// SPDX-License-Identifier: BSD-2-Clause

// A file that is filled over several runs. Its name is known to others, so what is opened is
// checked by descriptor: a regular file, this user's, with one name and no link followed. The lock
// says that one process is at it; the lock dies with the process, the file stays for the next try.

#include "partial.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// The process that had the lock before may have given the file another name since.
static bool is_still_there(const struct partial *partial)
{
    struct stat by_fd, by_path;
    return fstat(partial->fd, &by_fd) == 0 && stat(partial->path, &by_path) == 0 &&
           by_fd.st_ino == by_path.st_ino && by_fd.st_dev == by_path.st_dev;
}

// A file that somebody else can change under another name or as its owner would not stay what was
// judged.
static bool is_ours_alone(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           info.st_nlink == 1;
}

enum status partial_open(struct partial *out, const char *path, const char *suffix, mode_t mode,
                         struct diag *diag)
{
    struct partial partial;
    if (asprintf(&partial.path, "%s%s", path, suffix) < 0) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    // O_NONBLOCK: a pipe of that name must not hold us.
    partial.fd = open(partial.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
    if (partial.fd < 0) {
        enum status status = file_trouble(partial.path, diag);
        free(partial.path);
        return status;
    }
    enum status status = STATUS_OK;
    if (!is_ours_alone(partial.fd)) {
        status = diag_fail(diag, STATUS_IO, "not a regular file of this user alone", 0);
    } else if (flock(partial.fd, LOCK_EX | LOCK_NB) != 0 || !is_still_there(&partial)) {
        status = diag_fail(diag, STATUS_IO, "another process is at it", 0);
    }
    if (status != STATUS_OK) {
        diag_subject(diag, bytes_text(partial.path));
        (void)close(partial.fd);
        free(partial.path);
        return status;
    }
    *out = partial;
    return STATUS_OK;
}

enum status partial_publish(const struct partial *partial, const char *path, struct diag *diag)
{
    // The bytes first, then the name.
    if (fsync(partial->fd) != 0 || rename(partial->path, path) != 0) {
        return file_trouble(path, diag);
    }
    return STATUS_OK;
}

void partial_remove(const struct partial *partial)
{
    (void)unlink(partial->path);
}

void partial_close(struct partial *partial)
{
    struct stat info;
    if (fstat(partial->fd, &info) == 0 && info.st_size == 0 && is_still_there(partial)) {
        (void)unlink(partial->path);
    }
    (void)close(partial->fd);
    free(partial->path);
}
