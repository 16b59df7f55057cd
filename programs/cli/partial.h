// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What is kept of a transfer that has not ended, in a file beside the one it is for: FILE.part of a
// pull, FILE.upload of a push. One process at a time has it.

#include "diag.h"

#include <sys/types.h>

struct partial {
    char *path;
    int fd; // to read and write
};

// Opens or makes PATH + `suffix`. IO when another process has it, or it is not a regular file that
// is this user's and has one name.
enum status partial_open(struct partial *out, const char *path, const char *suffix, mode_t mode,
                         struct diag *diag) MUST_CHECK;

// What was partial is whole: it gets the name `path` in one step, when its bytes are on the disk.
// The folder is not synced: after a power failure the old name may be back, never a part of the
// file.
enum status partial_publish(const struct partial *partial, const char *path,
                            struct diag *diag) MUST_CHECK;

// It is of no use.
void partial_remove(const struct partial *partial);

// Closes it; one that is empty goes.
void partial_close(struct partial *partial);
