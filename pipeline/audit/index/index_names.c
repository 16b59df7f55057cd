// SPDX-License-Identifier: BSD-2-Clause
#include "index_names.h"

#include "audit_check.h"

#include <stdlib.h>

struct bytes index_names_string(struct bytes object, const char *name)
{
    struct bytes inside = {0};
    return audit_scan_string(&inside, audit_scan_member(object, name)) ? inside : (struct bytes){0};
}

static int64_t find(const json_t *numbers, struct bytes key)
{
    const json_t *number =
        key.len == 0 ? NULL : json_object_getn(numbers, (const char *)key.at, key.len);
    return number != NULL ? json_integer_value(number) : INDEX_NAMES_NONE;
}

static bool number(json_t *numbers, struct bytes key, size_t as)
{
    json_t *value = json_integer((json_int_t)as);
    return json_object_setn_new(numbers, (const char *)key.at, key.len, value) == 0;
}

// Room for one more of `size` bytes each; NULL when there is no memory.
static void *grow(void *items, size_t *room, size_t count, size_t size)
{
    if (count < *room) {
        return items;
    }
    size_t more = *room == 0 ? 64 : 2 * *room;
    void *grown = realloc(items, more * size);
    *room = grown != NULL ? more : *room;
    return grown;
}

static enum status add_package(struct index_names *names, struct bytes id, struct bytes data,
                               bool verified)
{
    struct index_package *grown =
        grow(names->packages, &names->package_room, names->package_count, sizeof *names->packages);
    if (grown == NULL) {
        return STATUS_NO_MEMORY;
    }
    names->packages = grown;
    if (!number(names->package_numbers, id, names->package_count)) {
        return STATUS_NO_MEMORY;
    }
    names->packages[names->package_count++] = (struct index_package){data, verified};
    return STATUS_OK;
}

static enum status add_target(struct index_names *names, struct bytes name)
{
    struct index_target *grown =
        grow(names->targets, &names->target_room, names->target_count, sizeof *names->targets);
    if (grown == NULL) {
        return STATUS_NO_MEMORY;
    }
    names->targets = grown;
    if (!number(names->target_numbers, name, names->target_count)) {
        return STATUS_NO_MEMORY;
    }
    names->targets[names->target_count++] = (struct index_target){name, {0}, INDEX_NAMES_NONE};
    return STATUS_OK;
}

// What names a package in a record: its id, or the name of one that was refused before it had one.
static struct bytes identity(const struct audit_record *record)
{
    static const char *const about[] = {"package.", "policy.", "target.spawned"};
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        if (bytes_starts_with(record->type, bytes_text(about[i]))) {
            struct bytes id = index_names_string(record->data, "pkg");
            return id.len != 0 || i == 2 ? id : index_names_string(record->data, "name");
        }
    }
    return (struct bytes){0};
}

// What policy.compiled and target.spawned say of a target.
static void describe(struct index_target *target, const struct index_names *names,
                     const struct audit_record *record)
{
    struct bytes plan = index_names_string(record->data, "plan");
    int64_t package = find(names->package_numbers, identity(record));
    target->plan = plan.len != 0 ? plan : target->plan;
    target->package = package != INDEX_NAMES_NONE ? package : target->package;
}

static enum status take(struct index_names *names, const struct audit_record *record)
{
    struct bytes id = identity(record);
    bool verified = bytes_is(record->type, "package.verified");
    bool refused = bytes_is(record->type, "package.refused");
    enum status status = STATUS_OK;
    if ((verified || refused) && find(names->package_numbers, id) == INDEX_NAMES_NONE) {
        status = add_package(names, id, record->data, verified);
    }
    if (record->target.len == 0 || status != STATUS_OK) {
        return status;
    }
    if (find(names->target_numbers, record->target) == INDEX_NAMES_NONE) {
        status = add_target(names, record->target);
    }
    if (status == STATUS_OK && id.len != 0) {
        describe(&names->targets[find(names->target_numbers, record->target)], names, record);
    }
    return status;
}

enum status index_names_read(struct index_names *out, struct bytes log, uint64_t records)
{
    enum status status = STATUS_OK;
    *out = (struct index_names){.package_numbers = json_object(), .target_numbers = json_object()};
    for (uint64_t i = 0; i < records && status == STATUS_OK; i++) {
        struct audit_record record;
        bool whole;
        // audit_verify has accepted it
        bool read = audit_scan(&record, audit_check_line(&log, &whole));
        status = read ? take(out, &record) : STATUS_BUG;
    }
    return status;
}

int64_t index_names_target(const struct index_names *names, const struct audit_record *record)
{
    return record->target.len == 0 ? INDEX_NAMES_NONE : find(names->target_numbers, record->target);
}

void index_names_follow(struct index_names *names, const struct audit_record *record)
{
    int64_t target = index_names_target(names, record);
    if (target != INDEX_NAMES_NONE && identity(record).len != 0) {
        describe(&names->targets[target], names, record);
    }
}

void index_names_free(struct index_names *names)
{
    free(names->packages);
    free(names->targets);
    json_decref(names->package_numbers);
    json_decref(names->target_numbers);
}

int64_t index_names_package(const struct index_names *names, const struct audit_record *record,
                            int64_t target)
{
    if (target != INDEX_NAMES_NONE && names->targets[target].package != INDEX_NAMES_NONE) {
        return names->targets[target].package;
    }
    return find(names->package_numbers, identity(record));
}
