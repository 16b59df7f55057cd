// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The trust file of a command line, and everything read from it.

#include "file.h"
#include "trust.h"
#include "verify.h"

#include <jansson.h>

struct anchor {
    struct file_content text;
    void *memory;
    struct trust trust;
};

// Errors: those of file_read and trust_read; anchor_free is due in any case.
enum status anchor_read(struct anchor *out, const char *path, struct diag *diag) MUST_CHECK;
// Also after a failure.
void anchor_free(struct anchor *anchor);

// The ids of the trusted keys that signed, as a JSON array.
json_t *anchor_signers(const struct verified *verified);
