// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A package as the tools handle it before any trust: the whole file in memory, page 0 read, signed
// or not yet. Nothing here says that the content is what was signed: verify/ does.

#include "file.h"
#include "package.h"

struct package_file {
    struct file_content content;
    struct package header; // slot_count is 0 when the package is not signed yet
};

// Reads `path`. Errors: those of file_read and package_read, but for UNSIGNED.
enum status package_file_read(struct package_file *out, const char *path,
                              struct diag *diag) MUST_CHECK;

// The same, and manifest and pages are those that the header names: what is wrong with the content
// is found before anybody signs or believes it.
enum status package_file_read_whole(struct package_file *out, const char *path,
                                    struct diag *diag) MUST_CHECK;
void package_file_free(struct package_file *file);

// The manifest's bytes: a claim.
struct bytes package_file_manifest(const struct package_file *file);

// The binary's bytes: a claim.
struct bytes package_file_binary(const struct package_file *file);

// Whether the signature in `slot` is a valid one over this header.
bool package_file_signature_valid(const struct package_file *file, size_t slot);

// Whether somebody signed it, and each signature is one over this header. UNSIGNED or SIG_INVALID.
enum status package_file_signed(const struct package_file *file, struct diag *diag) MUST_CHECK;
