// SPDX-License-Identifier: BSD-2-Clause

// A package file judged without holding it whole: the first page, manifest and table are read once
// and kept, then the pages in windows, each against the table that the signature covers, and not
// kept. So nothing that the caller gets afterwards was not judged, whatever becomes of the file.

#include "verify_file.h"

#include "verify_parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status fail_io(struct diag *diag, int error)
{
    return diag_fail_detail(diag, STATUS_IO, NULL, 0, (uint64_t)error);
}

static enum status open_regular(struct verify_job *job, const char *path, struct diag *diag)
{
    struct stat found;
    // O_NONBLOCK: to open a FIFO must not wait for its writer.
    job->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (job->fd < 0) {
        return fail_io(diag, errno);
    }
    int error = fstat(job->fd, &found) != 0 ? errno : 0;
    if (error != 0 || !S_ISREG(found.st_mode)) {
        close(job->fd);
        return error != 0 ? fail_io(diag, error)
                          : diag_fail(diag, STATUS_IO, "not a regular file", 0);
    }
    job->file_len = (uint64_t)found.st_size;
    return STATUS_OK;
}

// Addresses for the whole file, so that everything in it has its place; memory comes for what is
// kept.
static uint8_t *take_memory(uint64_t len)
{
    void *memory =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

// Stages page0 and trust, before any memory is taken for a file that may be none of ours; then the
// memory, with page 0 in it, so that it is read once.
static enum status begin(struct verify_job *job, const struct trust *trust, struct diag *diag)
{
    uint8_t page0[BOUND_PAGE];
    uint64_t len = job->file_len < BOUND_PAGE ? job->file_len : BOUND_PAGE;
    enum status status = verify_parallel_read(page0, job, (struct verify_range){0, len}, diag);
    if (status == STATUS_OK) {
        status = verify_head(&job->v, (struct bytes){page0, len}, job->file_len, trust, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    job->memory = take_memory(job->file_len);
    if (job->memory == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file length", job->file_len);
    }
    memcpy(job->memory, page0, sizeof page0);
    return STATUS_OK;
}

static enum status verify_body(struct verified *out, struct verify_job *job, struct diag *diag)
{
    struct bytes file = {job->memory, job->file_len};
    struct verify_range metadata = {job->v.package.layout.manifest_offset, job->file_len};
    enum status status = verify_parallel_read(job->memory + metadata.from, job, metadata, diag);
    if (status == STATUS_OK) {
        status = verify_metadata(&job->v, file, diag);
    }
    if (status == STATUS_OK) {
        status = verify_parallel(job, diag);
    }
    if (status == STATUS_OK) {
        status = verify_finish(out, &job->v, diag);
    }
    out->binary = (struct bytes){0};
    return status;
}

enum status verify_file_open(struct verify_file *out, const char *path, const struct trust *trust,
                             const struct verify_file_progress *progress, struct diag *diag)
{
    struct verify_job job = {.progress = progress};
    struct verify_file file;
    enum status status = open_regular(&job, path, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = begin(&job, trust, diag);
    if (status != STATUS_OK) {
        goto undo_open;
    }
    status = verify_body(&file.verified, &job, diag);
    if (status != STATUS_OK) {
        munmap(job.memory, job.file_len);
        goto undo_open;
    }
    (void)mprotect(job.memory, job.file_len, PROT_READ);
    file.memory = (struct bytes){job.memory, job.file_len};
    *out = file;
undo_open:
    close(job.fd);
    return status;
}

void verify_file_close(struct verify_file *file)
{
    munmap((void *)(uintptr_t)file->memory.at, file->memory.len);
    *file = (struct verify_file){0};
}
