// SPDX-License-Identifier: BSD-2-Clause
#include "stream.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { PART = 1 << 16 };

enum status stream_trouble(struct diag *diag, const char *what)
{
    int number = errno;
    diag_fail(diag, STATUS_IO, what, 0);
    diag_detail(diag, (uint64_t)number);
    return STATUS_IO;
}

enum status stream_digest(char out[static ARTIFACT_DIGEST], int file, uint64_t size,
                          struct diag *diag)
{
    struct crypto_sha256 state;
    uint8_t part[PART];
    uint8_t digest[CRYPTO_DIGEST];
    crypto_sha256_start(&state);
    for (uint64_t at = 0; at < size;) {
        uint64_t rest = size - at;
        ssize_t got = pread(file, part, rest < PART ? (size_t)rest : PART, (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return stream_trouble(diag, "package");
        }
        crypto_sha256_add(&state, (struct bytes){part, (size_t)got});
        at += (uint64_t)got;
    }
    crypto_sha256_end(digest, &state);
    artifact_digest_text(out, digest);
    return STATUS_OK;
}

void stream_progress(void *context, uint64_t moved)
{
    struct stream *stream = context;
    uint64_t done = stream->start + moved;
    unsigned percent = stream->size > 0 ? (unsigned)(done * 100 / stream->size) : 0;
    if (stream->watched != NULL && percent != stream->shown && percent <= 100) {
        stream->shown = percent;
        fprintf(stderr, "\r%s: %3u %%", stream->watched, percent);
    }
}

void stream_progress_end(const struct stream *stream)
{
    if (stream->watched != NULL) {
        fputs("\r\033[K", stderr);
    }
}
