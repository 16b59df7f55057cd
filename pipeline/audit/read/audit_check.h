// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Whether a sequence of records is the whole, unchanged log of one run, as far as its own bytes can
// tell (spec/audit.md, checking a log): form, chain, numbers, time, losses, counters, tree head and
// end. What they cannot tell is whether somebody wrote the whole log anew.

#include "audit_tree.h"

// X(NAME, public name, text)
// clang-format off
#define AUDIT_FINDING_LIST(X) \
    X(SOUND, "sound", "nothing is wrong") \
    X(FORM, "form", "a record is not a kpkg.event/v1 object") \
    X(START, "start", "the log does not begin with log.start") \
    X(PREV, "prev", "a record does not follow the one before it") \
    X(SEQ, "seq", "an attempt is neither stored nor covered by log.drop") \
    X(TIME, "time", "time goes back") \
    X(DROP, "drop", "a log.drop does not describe the gap before it") \
    X(COUNTERS, "counters", "counters of the log do not add up") \
    X(ROOT, "root", "the tree head in log.end is not that of the records") \
    X(AFTER_END, "after_end", "a record follows log.end") \
    X(NO_END, "no_end", "the log ends without log.end")
// clang-format on

enum audit_finding {
#define AUDIT_FINDING_ENUM(name, public, text) AUDIT_FINDING_##name,
    AUDIT_FINDING_LIST(AUDIT_FINDING_ENUM)
#undef AUDIT_FINDING_ENUM
};

struct audit_check {
    struct audit_digest last_leaf;
    struct audit_tree tree; // size = records so far
    uint64_t next_seq, last_time, dropped, suppressed;
    bool ended;
};

const char *audit_check_name(enum audit_finding finding);
const char *audit_check_text(enum audit_finding finding);

// Takes the next record of a log (zero-initialised check). When something is wrong with it the
// check is as before, so that a reader of a hostile wire can refuse the record and go on.
enum audit_finding audit_check_record(struct audit_check *check, struct bytes record);

// After the last record.
enum audit_finding audit_check_end(const struct audit_check *check);

// All lines of an events.jsonl file, up to the first finding; `line` (from 1) is where it is.
enum audit_finding audit_check_lines(size_t *line, struct audit_check *check, struct bytes file);
