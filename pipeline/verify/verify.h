// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Package + trust policy -> struct verified, the only maker of that type. Everything is checked
// before the manifest or the binary is parsed.
//
// The file must be private memory: nobody else may write it while it is verified or afterwards,
// for struct verified points into it. Page 0 is read once, into struct package.
//
// verify_package does it all. The pieces below it are for a host that reads and hashes in parallel:
// verify_head, verify_metadata, then verify_pages from any number of threads, verify_join for their
// results in ascending order, verify_finish. Both give the same status for the same file.

#include "trust.h"

struct verified {
    struct package package; // private copy of what page 0 says, with the package id
    struct bytes manifest;
    struct bytes binary; // starts on a page of the file; zero up to the end of its last page
    struct trust_decision decision;
    const struct trust *trust; // what it was verified against
};

// Stages page0, trust and content, in this order.
MUST_CHECK enum status verify_package(struct verified *out, struct bytes file,
                                      const struct trust *trust, struct diag *diag);

// A verification under way.
struct verify {
    struct package package;
    struct trust_decision decision;
    const struct trust *trust;
    struct bytes file;
    uint64_t pages_joined; // pages [0, pages_joined) are good
};

// What verify_pages found about pages [first, end).
struct verify_part {
    uint64_t first;
    uint64_t end;
    uint64_t bad; // the first page whose digest is wrong; `end` when none is
};

// Stages page0 and trust, from the first page of a file of `file_len` bytes (the whole file when it
// is shorter).
MUST_CHECK enum status verify_head(struct verify *out, struct bytes page0, uint64_t file_len,
                                   const struct trust *trust, struct diag *diag);

// Binds the memory of the whole file and checks manifest and page table; of the binary's pages only
// the last is ever looked at there, by verify_finish. Errors: MANIFEST_DIGEST, TABLE_DIGEST.
MUST_CHECK enum status verify_metadata(struct verify *v, struct bytes file, struct diag *diag);

// Checks whole pages of the binary, from page `first` on, wherever they are in memory. Writes `out`
// alone, so that threads may check different pages at once.
void verify_pages(struct verify_part *out, const struct verify *v, uint64_t first,
                  struct bytes pages);

// Takes a part that starts where the last one ended. Error: PAGE_DIGEST.
MUST_CHECK enum status verify_join(struct verify *v, const struct verify_part *part,
                                   struct diag *diag);

// Checks the padding, once all pages are joined. Errors: MANIFEST_PADDING, TABLE_PADDING,
// BINARY_PADDING.
MUST_CHECK enum status verify_finish(struct verified *out, const struct verify *v,
                                     struct diag *diag);
