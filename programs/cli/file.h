// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Files as the commands use them: read once into private memory (nobody can change the bytes
// between a check and their use), written without a name or aside and then named (a reader sees the
// old file or the new one, never half of it). Errors are STATUS_IO with the system's text.

#include "diag.h"

#include <stdio.h>

#include <sys/types.h>

struct file_content {
    uint8_t *at; // starts on a page; owned, see file_free
    size_t len;
    mode_t mode; // of the file that was read, and not of what has its name later
};

// Reads a whole regular file or pipe of at most `max` bytes; more is STATUS_FILE_TOO_LARGE.
enum status file_read(struct file_content *out, const char *path, size_t max,
                      struct diag *diag) MUST_CHECK;

// Both free; an empty content is fine. The second wipes first: for keys.
void file_free(struct file_content *content);
void file_wipe(struct file_content *content);

struct bytes file_bytes(const struct file_content *content);

enum file_kind {
    FILE_REPLACE,    // replaces what was there, and keeps its mode
    FILE_SECRET,     // replaces it, mode 0600
    FILE_NEW,        // refuses to replace anything
    FILE_SECRET_NEW, // refuses as well, mode 0600
};

// A device or a pipe is written to, not replaced.

enum status file_write(const char *path, struct bytes content, enum file_kind kind,
                       struct diag *diag) MUST_CHECK;

// A text file that is made as a whole or not at all: what is printed to `to` stays in memory first.
struct file_draft {
    FILE *to;
    char *text;
    size_t len;
};

// After an OK of the first, the second writes the file and drops the draft, also when it fails.
enum status file_draft_open(struct file_draft *draft, struct diag *diag) MUST_CHECK;
enum status file_draft_write(struct file_draft *draft, const char *path,
                             struct diag *diag) MUST_CHECK;

// `relative` as seen from the folder of `base`, as a new string for free(); NULL when out of
// memory.
char *file_beside(const char *base, const char *relative);

// Whether `path` is a name with this ending.
bool file_ends_with(const char *path, const char *ending);

// The literal that describes the present errno, reported as STATUS_IO about `path`.
enum status file_trouble(const char *path, struct diag *diag) MUST_CHECK;
