// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One record of a log taken apart without building anything: strict JSON as spec/audit.md section 1
// has it (printable ASCII, no white space, no null, only counts as numbers, no name twice in an
// object), read in one pass. All results borrow from the record. It trusts nothing.

#include "text.h"

struct audit_record {
    uint64_t seq, time;
    uint64_t folded;                     // n, 1 when absent
    uint64_t first_at;                   // t0
    uint64_t incarnation;                // 0 when the record is about no target
    struct bytes type, severity, target; // insides of strings, as they are written
    struct bytes prev;                   // 16 characters
    struct bytes data;                   // an object, with its braces
};

// False for anything that is no record.
bool audit_scan(struct audit_record *out, struct bytes record);

// The value of a member of an object that audit_scan has accepted (`data`, or an object in it);
// empty when there is none.
struct bytes audit_scan_member(struct bytes object, const char *name);

// Walks through an object or array that audit_scan has accepted: the next member's name (empty in
// an array) and value. Begin with *at = 1; false at the end.
bool audit_scan_next(struct bytes *name, struct bytes *value, size_t *at, struct bytes within);

// A value as a count, or as the inside of a string. False when it is something else.
bool audit_scan_count(uint64_t *out, struct bytes value);
bool audit_scan_string(struct bytes *out, struct bytes value);

// Appends what the inside of a string stands for, as UTF-8.
void audit_scan_unescape(struct text *to, struct bytes inside);
