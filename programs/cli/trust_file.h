// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A trust file with the signatures beside it, FILE.sig, as `kpkg trust` handles them
// (spec/package.md 7).

#include "anchor.h"
#include "trust_update.h"

struct trust_file {
    const char *path; // borrowed
    struct anchor anchor;
    char *records_path;
    uint8_t records[BOUND_KEYS * PACKAGE_SLOT]; // ascending by key, each one over the text
    size_t records_len;
    const char *at_fault; // after an error, the file that it is about
};

// The trust file alone. Errors: those of anchor_read; trust_file_free is due in any case.
enum status trust_file_read(struct trust_file *out, const char *path, struct diag *diag) MUST_CHECK;
void trust_file_free(struct trust_file *file);

// FILE.sig; where there is none, nobody has signed. Errors: those of file_read and
// trust_update_signatures.
enum status trust_file_read_records(struct trust_file *file, struct diag *diag) MUST_CHECK;

struct bytes trust_file_text(const struct trust_file *file);
struct bytes trust_file_records(const struct trust_file *file);

// The 96 bytes that `key` signs.
void trust_file_payload(uint8_t out[static TRUST_UPDATE_MESSAGE], const struct trust_file *file,
                        const uint8_t key[static CRYPTO_KEY]);

// Adds a signature over the payload of its key to FILE.sig. Errors: those of package_write_record
// and file_write.
enum status trust_file_add(struct trust_file *file, const struct package_slot *slot,
                           struct diag *diag) MUST_CHECK;
