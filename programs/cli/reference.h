// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where a package is in the world: REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@DIGEST
// (spec/oci.md, section 2). Nothing is made up: there is no registry and no tag by default.

#include "diag.h"

struct reference {
    char registry[264];   // "HOST" or "HOST:PORT"
    char repository[256]; // "a/b"
    char name[132];       // the tag, or "sha256:" and 64 hex digits
    bool is_digest;
};

// USAGE, with the part that is wrong, when `text` is not one.
enum status reference_read(struct reference *out, const char *text, struct diag *diag) MUST_CHECK;
