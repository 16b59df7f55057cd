// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "verify_file.h"

// One verification of a file.
struct verify_job {
    int fd;
    uint64_t file_len;
    uint8_t *memory; // the file's bytes, where they are already read
    struct verify v;
    const struct verify_file_progress *progress; // or NULL
};

// Reads bytes [from, to) of the file to their place in `memory`. Error: IO, also when the file ends
// early.
MUST_CHECK enum status verify_parallel_read(const struct verify_job *job, uint64_t from,
                                            uint64_t to, struct diag *diag);

// Reads the binary and checks all its pages; on success every page is joined. Errors: IO,
// PAGE_DIGEST, NO_MEMORY.
MUST_CHECK enum status verify_parallel(struct verify_job *job, struct diag *diag);
