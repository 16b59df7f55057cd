// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Whether a sequence of records is the whole, unchanged log of one run (spec/audit.md, checking a
// log): form, chain, numbers, time, losses, counters, checkpoints and end. Without a key it says
// what the log's own bytes can tell; with the run's key also that nobody wrote the log anew.

#include "audit_note.h"
#include "audit_scan.h"

// X(NAME, public name, text)
// clang-format off
#define AUDIT_FINDING_LIST(X) \
    X(SOUND, "sound", "nothing is wrong") \
    X(FORM, "form", "a record is not a kpkg.event/v1 object") \
    X(START, "start", "the log does not begin with log.start") \
    X(NONCE, "nonce", "the log is of another request: its nonce is not the one asked for") \
    X(BOOT, "boot", "the log is of another boot") \
    X(KEY, "key", "the log or a checkpoint names another key") \
    X(EPOCH_KEY, "epoch_key", "a checkpoint is not by its epoch's key") \
    X(EPOCH_SWAPPED, "epoch_swapped", "an epoch stands in another's place") \
    X(EPOCH_MISSING, "epoch_missing", "an epoch is missing, or its end") \
    X(EPOCH_OPEN, "epoch_open", "a log.key is not signed by the key before it") \
    X(PREV, "prev", "a record does not follow the one before it") \
    X(REMOVED, "removed", "records are missing before this one") \
    X(MOVED, "moved", "this record stands in another's place") \
    X(DUPLICATED, "duplicated", "this record is a copy of an earlier one") \
    X(CHANGED, "changed", "the record before this one, or this one, was changed") \
    X(SEQ, "seq", "an attempt is neither stored nor covered by log.drop") \
    X(TIME, "time", "time goes back") \
    X(DROP, "drop", "a log.drop does not describe the gap before it") \
    X(COUNTERS, "counters", "counters of the log do not add up") \
    X(ROOT, "root", "a tree head is not that of the records before it") \
    X(SIZE, "size", "a checkpoint's size is not its place in the log") \
    X(CHECKPOINT, "checkpoint", "a checkpoint is not a signed note") \
    X(SIGNATURE, "signature", "the signature of a checkpoint does not verify") \
    X(AFTER_END, "after_end", "a record follows the end of the log") \
    X(TRUNCATED, "truncated", "the last record is cut") \
    X(NO_END, "no_end", "the log ends without log.end") \
    X(TABLE, "table", "issued capabilities are not those of their table's digest") \
    X(PLAN, "plan", "issued capabilities, or a plan, are not those of the plan given") \
    X(LOSS, "loss", "records that must not be lost were lost") \
    X(NO_SEAL, "no_seal", "the log ends without the checkpoint over log.end")
// clang-format on

enum audit_finding {
#define AUDIT_FINDING_ENUM(name, public, text) AUDIT_FINDING_##name,
    AUDIT_FINDING_LIST(AUDIT_FINDING_ENUM)
#undef AUDIT_FINDING_ENUM
};

// What the reader knows of the run from elsewhere. Empty or NULL = not known, not checked.
struct audit_expected {
    struct bytes vkey; // the run's verifier key as text, and read
    const struct audit_note_key *key;
    bool has_nonce;
    struct bytes nonce, boot; // hex, as in log.start
    // Verify each checkpoint's signature as it comes, not only the last one's, which covers all:
    // for a wire on which others write.
    bool every_signature;
};

struct audit_check {
    struct audit_expected expected;
    struct audit_digest last_leaf;
    struct audit_tree tree; // size = records so far
    uint64_t next_seq, last_time, dropped, suppressed;
    uint64_t epoch;                  // number of the epoch
    struct audit_note_key key, next; // of this epoch, and of the one that log.key announces
    bool turning;                    // the last record is log.key
    uint64_t closed_size;            // records of epochs before, which their own keys have signed
    uint64_t checkpoints;
    uint64_t noted_size; // records that the last checkpoint covers
    size_t note_len;
    char note[AUDIT_NOTE_LEN]; // the last checkpoint
    bool ended, sealed;
    struct audit_record record; // the one taken last; borrows from it
};

// The public name of a finding, as JSON and exit messages have it, and a sentence for people.
const char *audit_check_name(enum audit_finding finding);
const char *audit_check_text(enum audit_finding finding);

// Takes the next record of a log (a check that is zero but for `expected`). When something is wrong
// with it the check is as before, so that a reader of a hostile wire can refuse the record and go
// on.
enum audit_finding audit_check_record(struct audit_check *check, struct bytes record);

// After the last record; also verifies the last checkpoint's signature where a key is known.
enum audit_finding audit_check_end(const struct audit_check *check);

// How many records a valid signature of the expected key covers so far; 0 without a key.
uint64_t audit_check_signed(const struct audit_check *check);

// Whether this log.checkpoint is of the run, and not by the key that signs now.
bool audit_check_is_of_another_epoch(const struct audit_check *check,
                                     const struct audit_record *checkpoint);

// All lines of an events.jsonl file, up to the first finding; `line` (from 1) is where it is.
enum audit_finding audit_check_lines(size_t *line, struct audit_check *check, struct bytes file);

// The next line of a file without its LF, and what is left. A last line that has no LF is taken
// with
// `*whole` false.
struct bytes audit_check_line(struct bytes *rest, bool *whole);
