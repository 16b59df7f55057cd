// SPDX-License-Identifier: BSD-2-Clause
#include "audit_check.h"

#include "bounds.h"
#include "text.h"

#include <jansson.h>
#include <string.h>

static const struct {
    const char *name, *text;
} findings[] = {
#define FINDING_ROW(name, public, text) {public, text},
    AUDIT_FINDING_LIST(FINDING_ROW)
#undef FINDING_ROW
};

const char *audit_check_name(enum audit_finding finding)
{
    return findings[finding].name;
}

const char *audit_check_text(enum audit_finding finding)
{
    return findings[finding].text;
}

// The envelope of a record; strings and data belong to the parsed object.
struct envelope {
    uint64_t seq, time, folded;
    const char *type, *prev;
    const json_t *data;
};

static bool read_count(uint64_t *to, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return false;
    }
    *to = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_text(const char **to, const json_t *object, const char *key)
{
    *to = json_string_value(json_object_get(object, key));
    return *to != NULL;
}

// `n` and `t0` come together, and so do `tgt` and `inc`.
static bool read_optional(struct envelope *envelope, const json_t *object)
{
    uint64_t first, incarnation;
    const char *severity, *target;
    envelope->folded = 1;
    bool folded = json_object_get(object, "n") != NULL || json_object_get(object, "t0") != NULL;
    if (folded && !(read_count(&envelope->folded, object, "n") && envelope->folded > 1 &&
                    read_count(&first, object, "t0") && first <= envelope->time)) {
        return false;
    }
    bool about = json_object_get(object, "tgt") != NULL || json_object_get(object, "inc") != NULL;
    return read_text(&severity, object, "sev") &&
           (!about ||
            (read_text(&target, object, "tgt") && read_count(&incarnation, object, "inc")));
}

static bool read_envelope(struct envelope *envelope, const json_t *object)
{
    uint64_t version = 0;
    envelope->data = json_object_get(object, "data");
    return read_count(&version, object, "v") && version == 1 &&
           read_count(&envelope->seq, object, "seq") && read_count(&envelope->time, object, "t") &&
           read_text(&envelope->type, object, "type") &&
           read_text(&envelope->prev, object, "prev") && json_is_object(envelope->data) &&
           read_optional(envelope, object);
}

static bool follows(const struct audit_check *check, const struct envelope *envelope)
{
    char at[16];
    struct text want = text_of(at, sizeof at);
    text_put_hex(&want, (struct bytes){check->last_leaf.at, 8});
    return bytes_is(text_bytes(&want), envelope->prev);
}

static uint64_t sum_of(const json_t *counts)
{
    uint64_t sum = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)counts, key, value)
    {
        sum += (uint64_t)json_integer_value(value);
    }
    return sum;
}

// A loss covers all numbers from the one expected to the one before the record that reports it.
static bool covers_gap(const struct audit_check *check, const struct envelope *envelope)
{
    uint64_t first, last, count;
    return read_count(&first, envelope->data, "first") &&
           read_count(&last, envelope->data, "last") &&
           read_count(&count, envelope->data, "count") && first == check->next_seq &&
           last >= first && count == last - first + 1 && envelope->seq == last + 1 &&
           sum_of(json_object_get(envelope->data, "by_type")) == count;
}

// The counters of a record against what was seen before it and `itself` (1 when it counts itself).
static bool adds_up(const struct audit_check *check, const struct envelope *envelope,
                    uint64_t itself)
{
    uint64_t attempted, stored, dropped, suppressed;
    return read_count(&attempted, envelope->data, "attempted") &&
           read_count(&stored, envelope->data, "stored") &&
           read_count(&dropped, envelope->data, "dropped") &&
           read_count(&suppressed, envelope->data, "suppressed") &&
           attempted == check->next_seq + itself && stored == check->tree.size + itself &&
           dropped == check->dropped && suppressed == check->suppressed;
}

static bool has_root(const struct audit_check *check, const struct envelope *envelope)
{
    char at[80];
    const char *root;
    uint64_t size;
    struct text want = text_of(at, sizeof at);
    struct audit_digest head = audit_tree_root(&check->tree);
    text_put(&want, "sha256:");
    text_put_hex(&want, (struct bytes){head.at, sizeof head.at});
    return read_count(&size, envelope->data, "size") && size == check->tree.size &&
           read_text(&root, envelope->data, "root") && bytes_is(text_bytes(&want), root);
}

static enum audit_finding check_counters(const struct audit_check *check,
                                         const struct envelope *envelope)
{
    if (strcmp(envelope->type, "log.stats") == 0 && !adds_up(check, envelope, 0)) {
        return AUDIT_FINDING_COUNTERS;
    }
    if (strcmp(envelope->type, "log.end") == 0) {
        if (!adds_up(check, envelope, 1)) {
            return AUDIT_FINDING_COUNTERS;
        }
        return has_root(check, envelope) ? AUDIT_FINDING_SOUND : AUDIT_FINDING_ROOT;
    }
    return AUDIT_FINDING_SOUND;
}

static enum audit_finding check_place(const struct audit_check *check,
                                      const struct envelope *envelope)
{
    if (check->ended) {
        return AUDIT_FINDING_AFTER_END;
    }
    if ((check->tree.size == 0) != (strcmp(envelope->type, "log.start") == 0)) {
        return AUDIT_FINDING_START;
    }
    if (!follows(check, envelope)) {
        return AUDIT_FINDING_PREV;
    }
    if (strcmp(envelope->type, "log.drop") == 0) {
        if (!covers_gap(check, envelope)) {
            return AUDIT_FINDING_DROP;
        }
    } else if (envelope->seq != check->next_seq) {
        return AUDIT_FINDING_SEQ;
    }
    return envelope->time < check->last_time ? AUDIT_FINDING_TIME : check_counters(check, envelope);
}

static void advance(struct audit_check *check, const struct envelope *envelope, struct bytes record)
{
    check->dropped += envelope->seq - check->next_seq;
    check->suppressed += envelope->folded - 1;
    check->next_seq = envelope->seq + 1;
    check->last_time = envelope->time;
    check->last_leaf = audit_tree_leaf(record);
    audit_tree_append(&check->tree, &check->last_leaf);
    check->ended = strcmp(envelope->type, "log.end") == 0;
}

static bool is_record(struct bytes record)
{
    for (size_t i = 0; i < record.len; i++) {
        if (record.at[i] < 0x20 || record.at[i] > 0x7e) {
            return false;
        }
    }
    return record.len <= BOUND_EVENT;
}

enum audit_finding audit_check_record(struct audit_check *check, struct bytes record)
{
    struct envelope envelope;
    if (!is_record(record)) {
        return AUDIT_FINDING_FORM;
    }
    json_t *object = json_loadb((const char *)record.at, record.len, JSON_REJECT_DUPLICATES, NULL);
    enum audit_finding finding = AUDIT_FINDING_FORM;
    if (json_is_object(object) && read_envelope(&envelope, object)) {
        finding = check_place(check, &envelope);
    }
    if (finding == AUDIT_FINDING_SOUND) {
        advance(check, &envelope, record);
    }
    json_decref(object);
    return finding;
}

enum audit_finding audit_check_end(const struct audit_check *check)
{
    return check->ended ? AUDIT_FINDING_SOUND : AUDIT_FINDING_NO_END;
}

enum audit_finding audit_check_lines(size_t *line, struct audit_check *check, struct bytes file)
{
    *line = 1;
    for (size_t from = 0; from < file.len; (*line)++) {
        const uint8_t *end = memchr(file.at + from, '\n', file.len - from);
        size_t len = end == NULL ? file.len - from : (size_t)(end - file.at) - from;
        enum audit_finding finding = audit_check_record(check, bytes_part(file, from, len));
        if (finding != AUDIT_FINDING_SOUND) {
            return finding;
        }
        if (end == NULL) {
            return AUDIT_FINDING_FORM; // a record ends with LF
        }
        from += len + 1;
    }
    return audit_check_end(check);
}
