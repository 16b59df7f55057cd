// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Verifies a package in a file of the host. The file is read exactly once, into private memory, by
// all processors at once, each hashing what it has just read; nothing is mapped that another
// process could write. Gives the same status as verify_package does for the same bytes. The binary
// is not kept: who wants to use it has to verify the bytes that are used.

#include "verify.h"

struct verify_file {
    struct verified verified; // without its binary
    struct bytes memory;      // of the whole file, read-only; `verified` points into it
};

// Called from the calling thread alone, now and then and at the end.
struct verify_file_progress {
    void (*report)(void *context, uint64_t pages_done, uint64_t pages);
    void *context;
};

// `progress` may be NULL. Errors: those of verify_package; IO (`detail` is errno, `where` the
// offset) when the file cannot be read or is not a regular file; NO_MEMORY.
MUST_CHECK enum status verify_file_open(struct verify_file *out, const char *path,
                                        const struct trust *trust,
                                        const struct verify_file_progress *progress,
                                        struct diag *diag);

// Frees the memory; whatever points into it is gone.
void verify_file_close(struct verify_file *file);
