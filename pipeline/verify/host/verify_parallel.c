// SPDX-License-Identifier: BSD-2-Clause
#include "verify_parallel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The binary is cut into chunks that fit a processor's own cache, so that what was read is hashed
// before it leaves. Workers claim chunks in ascending order and finish what they have claimed; all
// chunks below a failed one are therefore done, and the first failure in the order of the file is
// the one reported, however the threads run.

enum { CHUNK_PAGES = 64, WORKERS_MAX = 64 };

struct chunk {
    struct verify_part part;
    enum status status; // of reading
    struct diag diag;
};

struct work {
    const struct verify_job *job;
    uint64_t chunk_count;
    struct chunk *chunks; // each written by the worker that claimed it
    atomic_uint_fast64_t claimed;
    atomic_uint_fast64_t pages_done;
    atomic_bool stop;
};

enum status verify_parallel_read(uint8_t *at, const struct verify_job *job,
                                 struct verify_range range, struct diag *diag)
{
    while (range.from < range.to) {
        ssize_t got = pread(job->fd, at, range.to - range.from, (off_t)range.from);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            diag_fail(diag, STATUS_IO, "at byte", range.from);
            diag_detail(diag, got == 0 ? ENODATA : (uint64_t)errno);
            return STATUS_IO;
        }
        at += got;
        range.from += (uint64_t)got;
    }
    return STATUS_OK;
}

// `room` is the worker's own, for one chunk: what it has just read is still in the processor's
// cache when it is hashed, and a large file takes no memory.
static void do_chunk(struct work *work, uint64_t index, uint8_t *room)
{
    const struct verify_job *job = work->job;
    struct chunk *chunk = &work->chunks[index];
    uint64_t pages = job->v.package.layout.pages;
    uint64_t first = index * CHUNK_PAGES;
    uint64_t end = pages - first < CHUNK_PAGES ? pages : first + CHUNK_PAGES;
    struct bytes bytes = {room, (end - first) * BOUND_PAGE};
    struct verify_range range = {(first + 1) * BOUND_PAGE, (end + 1) * BOUND_PAGE};
    chunk->status = verify_parallel_read(room, job, range, &chunk->diag);
    if (chunk->status == STATUS_OK) {
        verify_pages(&chunk->part, &job->v, first, bytes);
    }
    if (chunk->status != STATUS_OK || chunk->part.bad < end) {
        atomic_store(&work->stop, true);
    } else if (end == pages) {
        memcpy(job->memory + pages * BOUND_PAGE, room + bytes.len - BOUND_PAGE, BOUND_PAGE);
    }
    atomic_fetch_add(&work->pages_done, end - first);
}

// Claims and does one chunk; false when none is left.
static bool step(struct work *work, uint8_t *room)
{
    if (atomic_load(&work->stop)) {
        return false;
    }
    uint64_t index = atomic_fetch_add(&work->claimed, 1);
    if (index >= work->chunk_count) {
        return false;
    }
    do_chunk(work, index, room);
    return true;
}

static void *run_worker(void *work)
{
    _Alignas(BOUND_PAGE) uint8_t room[CHUNK_PAGES * BOUND_PAGE];
    while (step(work, room)) {
    }
    return NULL;
}

static size_t worker_count(uint64_t chunk_count)
{
    cpu_set_t set;
    size_t count = sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
    count = count < WORKERS_MAX ? count : WORKERS_MAX;
    return count < chunk_count ? count : (size_t)chunk_count;
}

// The calling thread is one of the workers; where no other thread can be had it does it all.
static void run_all(struct work *work)
{
    const struct verify_file_progress *progress = work->job->progress;
    uint64_t pages = work->job->v.package.layout.pages;
    pthread_t threads[WORKERS_MAX];
    size_t wanted = worker_count(work->chunk_count) - 1;
    _Alignas(BOUND_PAGE) uint8_t room[CHUNK_PAGES * BOUND_PAGE];
    size_t started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, run_worker, work) == 0) {
        started++;
    }
    while (step(work, room)) {
        if (progress != NULL) {
            progress->report(progress->context, atomic_load(&work->pages_done), pages);
        }
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    if (progress != NULL) {
        progress->report(progress->context, atomic_load(&work->pages_done), pages);
    }
}

// Chunks in ascending order, up to the first failure; behind it some were never claimed.
static enum status join_all(struct verify *v, const struct work *work, struct diag *diag)
{
    for (uint64_t i = 0; i < work->chunk_count; i++) {
        const struct chunk *chunk = &work->chunks[i];
        if (chunk->status != STATUS_OK) {
            if (diag != NULL) {
                *diag = chunk->diag;
            }
            return chunk->status;
        }
        enum status status = verify_join(v, &chunk->part, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status verify_parallel(struct verify_job *job, struct diag *diag)
{
    struct work work = {.job = job};
    work.chunk_count = (job->v.package.layout.pages + CHUNK_PAGES - 1) / CHUNK_PAGES;
    work.chunks = calloc(work.chunk_count, sizeof *work.chunks);
    if (work.chunks == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "chunks", work.chunk_count);
    }
    run_all(&work);
    enum status status = join_all(&job->v, &work, diag);
    free(work.chunks);
    return status;
}
