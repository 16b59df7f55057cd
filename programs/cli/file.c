// SPDX-License-Identifier: BSD-2-Clause

// Whole files in and out. Reading: bounded, whatever the file's length says while it grows; pages
// aligned, for packages are verified in place. Writing: a file gets its name when its bytes are on
// the disk, so that who looks sees the old one or the new one and never a part; a process that dies
// leaves nothing (O_TMPFILE), or one file aside where the file system cannot do that.

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, FIRST_SIZE = 1 << 16 };

enum status file_trouble(const char *path, struct diag *diag)
{
    enum status status = diag_fail(diag, STATUS_IO, strerrordesc_np(errno), 0);
    diag_subject(diag, bytes_text(path));
    return status;
}

bool file_ends_with(const char *path, const char *ending)
{
    size_t len = strlen(path), tail = strlen(ending);
    return len > tail && strcmp(path + len - tail, ending) == 0;
}

struct bytes file_bytes(const struct file_content *content)
{
    return (struct bytes){content->at, content->len};
}

void file_free(struct file_content *content)
{
    free(content->at);
    *content = (struct file_content){0};
}

void file_wipe(struct file_content *content)
{
    if (content->at != NULL) {
        explicit_bzero(content->at, content->len);
    }
    file_free(content);
}

// Moves the content to memory of `size` bytes, a multiple of a page.
static bool grow(struct file_content *content, size_t size)
{
    uint8_t *larger = aligned_alloc(PAGE, size);
    if (larger == NULL) {
        return false;
    }
    if (content->len > 0) {
        memcpy(larger, content->at, content->len);
    }
    size_t len = content->len;
    // The old copy may be of a key.
    file_wipe(content);
    *content = (struct file_content){.at = larger, .len = len};
    return true;
}

// Reads to the end of the file; `size` is what `content` has room for.
static enum status read_all(struct file_content *content, int fd, size_t size, size_t max)
{
    for (;;) {
        if (content->len == size) {
            size *= 2;
            if (!grow(content, size)) {
                return STATUS_NO_MEMORY;
            }
        }
        ssize_t got = read(fd, content->at + content->len, size - content->len);
        if (got < 0 && errno != EINTR) {
            return STATUS_IO;
        }
        if (got == 0) {
            return STATUS_OK;
        }
        content->len += got > 0 ? (size_t)got : 0;
        if (content->len > max) {
            return STATUS_FILE_TOO_LARGE;
        }
    }
}

// Room for the file as it is now and for the read that finds its end.
static size_t first_size(const struct stat *info)
{
    return info->st_size < FIRST_SIZE ? FIRST_SIZE : ((size_t)info->st_size / PAGE + 2) * PAGE;
}

static enum status read_open(struct file_content *content, int fd, size_t max, mode_t *mode)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return STATUS_IO;
    }
    *mode = info.st_mode;
    size_t size = first_size(&info);
    if (size > max + 2 * PAGE + FIRST_SIZE) {
        return STATUS_FILE_TOO_LARGE;
    }
    return grow(content, size) ? read_all(content, fd, size, max) : STATUS_NO_MEMORY;
}

enum status file_read(struct file_content *out, const char *path, size_t max, struct diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return file_trouble(path, diag);
    }
    struct file_content content = {0};
    mode_t mode = 0;
    enum status status = read_open(&content, fd, max, &mode);
    int saved = errno;
    close(fd);
    if (status != STATUS_OK) {
        file_wipe(&content); // a part of a key, perhaps
        errno = saved;
        return status == STATUS_IO ? file_trouble(path, diag)
                                   : diag_fail(diag, status, "bytes allowed", max);
    }
    content.mode = mode;
    *out = content;
    return STATUS_OK;
}

static bool write_all(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t done = write(fd, content.at, content.len);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        size_t step = done > 0 ? (size_t)done : 0;
        content = bytes_part(content, step, content.len - step);
    }
    return true;
}

// The mask can only be read by setting it; there is one thread.
static mode_t mode_of(const char *path, enum file_kind kind)
{
    struct stat there;
    if (kind == FILE_SECRET || kind == FILE_SECRET_NEW) {
        return 0600;
    }
    if (kind == FILE_REPLACE && stat(path, &there) == 0) {
        return there.st_mode & 0777;
    }
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static bool replaces(enum file_kind kind)
{
    return kind == FILE_REPLACE || kind == FILE_SECRET;
}

// The file aside gets its name in one step: rename replaces, link does not.
static bool publish(const char *aside, const char *path, enum file_kind kind)
{
    if (replaces(kind)) {
        return rename(aside, path) == 0;
    }
    return link(aside, path) == 0 && unlink(aside) == 0;
}

static bool fill(int fd, struct bytes content, const char *path, enum file_kind kind)
{
    return fchmod(fd, mode_of(path, kind)) == 0 && write_all(fd, content) && fsync(fd) == 0;
}

// A file without a name, in the folder of `path`: whenever this process dies, nothing is left of
// it. -1 where the file system has no such thing.
static int open_nameless(const char *path)
{
    char *folder = file_beside(path, ".");
    int fd = -1;
    if (folder != NULL && access("/proc/self/fd", X_OK) == 0) {
        fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
    }
    free(folder);
    return fd;
}

static bool link_nameless(int fd, const char *path)
{
    char self[32];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

// At once where nothing has that name yet, else by way of a second one.
static bool give_name(int fd, const char *path, enum file_kind kind)
{
    char *aside = NULL;
    if (link_nameless(fd, path)) {
        return true;
    }
    if (errno != EEXIST || !replaces(kind) || asprintf(&aside, "%s.%d", path, (int)getpid()) < 0) {
        return false;
    }
    bool linked = link_nameless(fd, aside);
    bool named = linked && publish(aside, path, kind);
    if (linked && !named) {
        unlink(aside);
    }
    free(aside);
    return named;
}

// Where every file has a name from the start.
static enum status write_aside(const char *path, struct bytes content, enum file_kind kind,
                               struct diag *diag)
{
    char *aside = NULL;
    if (asprintf(&aside, "%s.XXXXXX", path) < 0) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    enum status status = STATUS_OK;
    int fd = mkostemp(aside, O_CLOEXEC);
    if (fd < 0) {
        status = file_trouble(path, diag);
        goto undo_name;
    }
    bool written = fill(fd, content, path, kind);
    if (close(fd) != 0 || !written || !publish(aside, path, kind)) {
        status = file_trouble(path, diag);
        unlink(aside);
    }
undo_name:
    free(aside);
    return status;
}

// A device or a pipe: to rename onto it would put a file in its place.
static bool is_stream(const struct stat *there)
{
    return !S_ISREG(there->st_mode) && !S_ISDIR(there->st_mode);
}

static enum status write_stream(const char *path, struct bytes content, struct diag *diag)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return file_trouble(path, diag);
    }
    enum status status = write_all(fd, content) ? STATUS_OK : file_trouble(path, diag);
    close(fd);
    return status;
}

enum status file_write(const char *path, struct bytes content, enum file_kind kind,
                       struct diag *diag)
{
    struct stat there;
    bool replaced = replaces(kind) && stat(path, &there) == 0;
    if (replaced && S_ISDIR(there.st_mode)) {
        errno = EISDIR;
        return file_trouble(path, diag);
    }
    if (replaced && is_stream(&there)) {
        return write_stream(path, content, diag);
    }
    int fd = open_nameless(path);
    if (fd < 0) {
        return write_aside(path, content, kind, diag);
    }
    enum status status = STATUS_OK;
    if (!fill(fd, content, path, kind) || !give_name(fd, path, kind)) {
        status = file_trouble(path, diag);
    }
    close(fd);
    return status;
}

char *file_beside(const char *base, const char *relative)
{
    const char *slash = strrchr(base, '/');
    char *path = NULL;
    if (relative[0] == '/' || slash == NULL) {
        return strdup(relative);
    }
    if (asprintf(&path, "%.*s/%s", (int)(slash - base), base, relative) < 0) {
        return NULL;
    }
    return path;
}

enum status file_draft_open(struct file_draft *draft, struct diag *diag)
{
    *draft = (struct file_draft){0};
    draft->to = open_memstream(&draft->text, &draft->len);
    return draft->to != NULL ? STATUS_OK : diag_fail(diag, STATUS_NO_MEMORY, "text of a file", 0);
}

enum status file_draft_write(struct file_draft *draft, const char *path, struct diag *diag)
{
    bool failed = ferror(draft->to) != 0;
    enum status status = STATUS_NO_MEMORY;
    if (fclose(draft->to) != 0 || failed) {
        diag_fail(diag, status, "text of a file", draft->len);
    } else {
        struct bytes text = {(const uint8_t *)draft->text, draft->len};
        status = file_write(path, text, FILE_REPLACE, diag);
    }
    free(draft->text);
    return status;
}
