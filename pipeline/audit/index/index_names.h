// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The packages and targets of a log, numbered in the order in which they come. A hostile log has as
// many as it has records, so they are found by hash.

#include "audit_scan.h"
#include "status.h"

#include <jansson.h>

enum { INDEX_NAMES_NONE = -1 };

struct index_package {
    struct bytes data; // of package.verified, or of the refusal
    bool verified;
};

struct index_target {
    struct bytes name, plan;
    int64_t package; // INDEX_NAMES_NONE = not known
};

struct index_names {
    struct index_package *packages;
    struct index_target *targets;
    size_t package_count, package_room, target_count, target_room;
    json_t *package_numbers, *target_numbers; // by package id, by name
};

// Reads the first `records` lines, which audit_verify has accepted. The caller releases it in any
// case. Error: NO_MEMORY.
enum status index_names_read(struct index_names *out, struct bytes log,
                             uint64_t records) MUST_CHECK;
void index_names_free(struct index_names *names);

// Goes through the log once more, record by record: a target has the package that was said last
// before, for one can be replaced.
void index_names_follow(struct index_names *names, const struct audit_record *record);

// The numbers of a record's target, and of its package with that; INDEX_NAMES_NONE where it has
// none.
int64_t index_names_target(const struct index_names *names, const struct audit_record *record);
int64_t index_names_package(const struct index_names *names, const struct audit_record *record,
                            int64_t target);

// The inside of a string member of an object; empty where there is none.
struct bytes index_names_string(struct bytes object, const char *name);
