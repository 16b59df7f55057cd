// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "verify_file.h"

// One verification of a file.
struct verify_job {
    int fd;
    uint64_t file_len;
    uint8_t *memory; // the file's bytes but for the binary, of which only the last page is there
    struct verify v;
    const struct verify_file_progress *progress; // or NULL
};

// A part of the file.
struct verify_range {
    uint64_t from, to;
};

// Reads it to `at`. Error: IO, also when the file ends early.
MUST_CHECK enum status verify_parallel_read(uint8_t *at, const struct verify_job *job,
                                            struct verify_range range, struct diag *diag);

// Reads the binary and checks all its pages; on success every page is joined. Errors: IO,
// PAGE_DIGEST, NO_MEMORY.
MUST_CHECK enum status verify_parallel(struct verify_job *job, struct diag *diag);
