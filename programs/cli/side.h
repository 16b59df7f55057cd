// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// An operand of the commands that compare and reason: a package, a system file or a plan document,
// read and judged as far as its form allows, as the authority that it gives.

#include "authority.h"
#include "compose.h"

struct side {
    struct compose *compose; // of a system; of the others only the arena is used
    struct package_file *package;
    struct file_content document;
    struct authority authority;
    const struct plan *plan; // of a system or a plan document; NULL: a package
    const char *at_fault;    // the file that a diag is about
    char *name;              // of a system file, which at_fault may be
};

struct side_options {
    const char *trust;    // NULL: the system file's own; a package is then not judged
    const char *manifest; // what to call a package's manifest; NULL: FILE.toml
};

// Whether `path` names a system file, by its ending.
bool side_is_system(const char *path);

// Opens `path`. After a failure, and at the end, side_close is the caller's. A system of which a
// package is refused fails with the first refusal.
enum status side_open(struct side *side, const char *path, const struct side_options *options,
                      struct diag *diag) MUST_CHECK;
void side_close(struct side *side);

// Memory that lives as long as the side.
struct arena *side_arena(struct side *side);
