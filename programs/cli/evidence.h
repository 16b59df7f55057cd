// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the `audit` commands share: the key, nonce and boot that a log has to be of, and what a
// judgement about it means for the exit code.

#include "audit_verify.h"
#include "bounds.h"
#include "command.h"
#include "diag.h"
#include "file.h"

enum { EVIDENCE_LOG_MAX = 1 << 30 };

struct evidence_options {
    const char *vkey; // NULL: the log's own, which proves nothing about who wrote it
    const char *nonce;
    const char *boot;
};

// The rows of a command that has all three, for its table of options.
// clang-format off
#define EVIDENCE_OPTIONS(type, member) \
    {.name = "vkey", .value = "KEY", .help = "the run's verifier key, or a file that holds it", \
     .offset = offsetof(type, member.vkey)}, \
    {.name = "nonce", .value = "HEX", \
     .help = "the nonce that the run was asked for with; \"\" = none", \
     .offset = offsetof(type, member.nonce), .may_be_empty = true}, \
    {.name = "boot", .value = "HEX", .help = "the boot id, from an attestation", \
     .offset = offsetof(type, member.boot)}
// clang-format on

struct evidence {
    struct audit_expected expected; // borrows from the options and from here
    struct audit_note_key key;
    struct file_content vkey_file;
};

// Reads what the options say. `vkey` is a verifier key or the path of a file with one.
enum status evidence_expect(struct evidence *out, const struct evidence_options *options,
                            struct diag *diag) MUST_CHECK;
void evidence_free(struct evidence *evidence);

// A line on stderr for a finding at a line of a log; nothing when there is none.
void evidence_tell(const char *path, size_t line, enum audit_finding finding);
// The same for the finding of a report.
void evidence_explain(const char *path, const struct audit_verify_report *report);

// The exit code of a verified log: 0, 1 for findings of the run or another plan, 3 when a part is
// missing, 4 when it is contradicted.
int evidence_code(const struct audit_verify_report *report);
