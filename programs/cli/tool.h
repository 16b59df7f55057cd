// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Programs that a few commands start: QEMU, GRUB's and xorriso, which are found through PATH, and
// kpkg-oci. They are started without a shell and never outlive this process.

#include "diag.h"

#include <limits.h>

#include <sys/types.h>

// The file that `name` means. False when there is none.
bool tool_find(char path[static PATH_MAX], const char *name);

// The same for a part of kpkg that is a program of its own: in libexec/kpkg beside this program's
// folder once installed, in it where it was built.
bool tool_find_own(char path[static PATH_MAX], const char *name);

// What a program has as its descriptors 0, 1, ...; besides these, what is open without O_CLOEXEC.
struct tool_files {
    size_t count; // at most TOOL_FILES
    const int *at;
};
enum { TOOL_FILES = 8 };

// Starts the program at `path`. The child dies with this process.
enum status tool_spawn(pid_t *out, const char *path, const char *const *words,
                       struct tool_files files, struct diag *diag) MUST_CHECK;

// Waits for its end: true when it exited with 0.
bool tool_wait(pid_t child);

// Starts `words` (NULL-terminated, words[0] as for tool_find) with stdin empty, and stdout and
// stderr going to the two descriptors. The child dies with this process. TOOL when it is missing,
// with the Debian `package` that has it as the subject.
enum status tool_start(pid_t *out, const char *const *words, const int outputs[2],
                       const char *package, struct diag *diag) MUST_CHECK;

// Runs `words` to its end. TOOL when it is missing, or when it fails: then the subject is the end
// of what it printed.
enum status tool_run(const char *const *words, const char *package, struct diag *diag) MUST_CHECK;
