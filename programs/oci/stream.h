// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The package's file, which the caller opened: its digest, and how far somebody who watches is told
// it has come.

#include "artifact.h"

struct stream {
    const char *watched; // what to call it; NULL = nobody watches
    uint64_t start;      // bytes that were there before this exchange
    uint64_t size;       // of the whole
    unsigned shown;      // per cent
};

// SHA-256 of the file's first `size` bytes. IO when it cannot be read or is shorter.
enum status stream_digest(char out[static ARTIFACT_DIGEST], int file, uint64_t size,
                          struct diag *diag) MUST_CHECK;

// A struct http_call's progress; the context is the stream.
void stream_progress(void *stream, uint64_t moved);
void stream_progress_end(const struct stream *stream);

// IO with the present errno.
enum status stream_trouble(struct diag *diag, const char *what);
