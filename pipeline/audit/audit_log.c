// SPDX-License-Identifier: BSD-2-Clause
#include "audit_log.h"

#include "json_text.h"

enum {
    TOKEN = 1000,
    TOKENS_PER_SECOND = 20 * TOKEN,
    BURST = 40 * TOKEN,
};

#define SECOND UINT64_C(1000000000)

enum class { CLASS_A, CLASS_B };

static const struct type_row {
    const char *name;
    enum audit_severity severity;
    enum class class;
} types[] = {
#define TYPE_ROW(name, text, severity, class) {text, AUDIT_SEVERITY_##severity, CLASS_##class},
    AUDIT_TYPE_LIST(TYPE_ROW)
#undef TYPE_ROW
};

static const char *const severities[] = {
#define SEVERITY_ROW(name, text) text,
    AUDIT_SEVERITY_LIST(SEVERITY_ROW)
#undef SEVERITY_ROW
};

const char *audit_log_type_name(enum audit_type type)
{
    return types[type].name;
}

enum audit_severity audit_log_severity(enum audit_type type)
{
    return types[type].severity;
}

static uint32_t free_slots(const struct audit_log *log)
{
    return AUDIT_RING - log->used;
}

// An open loss is reported before anything else is stored, so it takes a slot first.
uint32_t audit_log_room(const struct audit_log *log)
{
    uint32_t taken = log->loss.count != 0;
    return free_slots(log) > taken ? free_slots(log) - taken : 0;
}

static bool has_room(const struct audit_log *log, enum audit_type type)
{
    uint32_t kept = types[type].class == CLASS_A ? 0 : AUDIT_RESERVED;
    return audit_log_room(log) > kept;
}

static void note_loss(struct audit_log *log, enum audit_type type, bool oversize)
{
    struct audit_loss *loss = &log->loss;
    if (loss->count == 0) {
        loss->first = log->counters.attempted;
        loss->oversize = oversize;
    }
    loss->count++;
    loss->by_type[type]++;
    log->counters.attempted++;
    log->counters.dropped++;
}

static void put_envelope(struct json_text *json, const struct audit_log *log,
                         const struct audit_event *event, uint64_t folded, uint64_t first_at)
{
    json_text_int(json, "v", 1);
    json_text_int(json, "seq", log->counters.attempted);
    json_text_int(json, "t", log->last_time);
    json_text_name(json, "type", types[event->type].name);
    json_text_name(json, "sev", severities[event->severity]);
    if (event->subject.name.len != 0) {
        json_text_short(json, "tgt", event->subject.name);
        json_text_int(json, "inc", event->subject.incarnation);
    }
    if (folded > 1) {
        json_text_int(json, "n", folded);
        json_text_int(json, "t0", first_at);
    }
    json_text_hex(json, "prev", (struct bytes){log->last_leaf.at, 8});
}

// What ends a target, or is an error, is signed at once. A checkpoint covers all before it, and
// itself needs no other.
static void note_signing(struct audit_log *log, const struct audit_event *event)
{
    if (event->type == AUDIT_LOG_CHECKPOINT) {
        log->signed_size = log->tree.size;
        log->signed_at = log->last_time;
        log->sign_now = false;
    } else {
        log->sign_now |= event->severity >= AUDIT_SEVERITY_ERROR ||
                         event->type == AUDIT_TARGET_KILLED || event->type == AUDIT_TARGET_EXITED;
    }
}

bool audit_log_checkpoint_due(const struct audit_log *log, uint64_t now)
{
    uint64_t waiting = log->tree.size - log->signed_size;
    return waiting != 0 &&
           (log->sign_now || waiting >= AUDIT_UNSIGNED || now - log->signed_at >= SECOND);
}

// Writes the record into the free slot after the last and makes it part of the log. The caller has
// checked that there is one.
static bool store(struct audit_log *log, const struct audit_event *event, uint64_t folded,
                  uint64_t first_at)
{
    uint32_t slot = (log->head + log->used) % AUDIT_RING;
    struct json_text json = json_text_of(log->ring[slot], BOUND_EVENT);
    log->last_time = event->now > log->last_time ? event->now : log->last_time;
    json_text_open(&json, NULL, '{');
    put_envelope(&json, log, event, folded, first_at);
    text_put(&json.text, ",\"data\":");
    text_put_bytes(&json.text, event->data);
    json_text_close(&json, '}');
    if (json.text.cut) {
        return false;
    }
    log->len[slot] = (uint16_t)json.text.len;
    log->last_leaf = audit_tree_leaf(text_bytes(&json.text));
    audit_tree_append(&log->tree, &log->last_leaf);
    note_signing(log, event);
    log->used++;
    log->counters.attempted++;
    log->counters.stored++;
    log->counters.suppressed += folded - 1;
    if (log->used > log->counters.ring_high) {
        log->counters.ring_high = log->used;
    }
    return true;
}

static void put_loss(struct json_text *json, const struct audit_loss *loss)
{
    json_text_open(json, NULL, '{');
    json_text_int(json, "first", loss->first);
    json_text_int(json, "last", loss->first + loss->count - 1);
    json_text_int(json, "count", loss->count);
    json_text_name(json, "reason", loss->oversize ? "oversize" : "ring_full");
    json_text_open(json, "by_type", '{');
    for (size_t i = 0; i < AUDIT_TYPE_COUNT; i++) {
        if (loss->by_type[i] != 0) {
            json_text_int(json, types[i].name, loss->by_type[i]);
        }
    }
    json_text_close(json, '}');
    json_text_close(json, '}');
}

// Reports the open loss, when there is one; the caller has checked that a slot is free.
static void store_loss(struct audit_log *log, uint64_t now)
{
    if (log->loss.count == 0) {
        return;
    }
    char data[BOUND_EVENT];
    struct json_text json = json_text_of(data, sizeof data);
    put_loss(&json, &log->loss);
    struct audit_event event = {.type = AUDIT_LOG_DROP,
                                .severity = types[AUDIT_LOG_DROP].severity,
                                .now = now,
                                .data = text_bytes(&json.text)};
    if (store(log, &event, 1, 0)) {
        log->loss = (struct audit_loss){0};
    }
}

static uint64_t record(struct audit_log *log, const struct audit_event *event, uint64_t folded,
                       uint64_t first_at)
{
    if (has_room(log, event->type)) {
        store_loss(log, event->now);
        uint64_t number = log->counters.attempted;
        if (store(log, event, folded, first_at)) {
            return number;
        }
        note_loss(log, event->type, true);
        return number;
    }
    note_loss(log, event->type, false);
    return log->counters.attempted - 1;
}

// Events that a target can cause at will, without end and without being stopped.
static const enum audit_type limited_types[AUDIT_LIMITED] = {AUDIT_DENY_TRIPWIRE,
                                                             AUDIT_FAULT_TIMEOUT, AUDIT_IPC_TRACE};

// The bucket of such an event; NULL when it is not limited.
static struct audit_bucket *bucket_of(struct audit_log *log, const struct audit_event *event)
{
    size_t i = 0;
    while (i < AUDIT_LIMITED && limited_types[i] != event->type) {
        i++;
    }
    bool limited = i < AUDIT_LIMITED && event->subject.name.len != 0 &&
                   event->subject.index < BOUND_TARGETS && event->data.len <= AUDIT_FOLD_DATA;
    return limited ? &log->buckets[event->subject.index][i] : NULL;
}

static bool take_token(struct audit_bucket *bucket, uint64_t now)
{
    uint64_t past = now > bucket->filled_at ? now - bucket->filled_at : 0;
    uint64_t gained = past >= 2 * SECOND ? BURST : past * TOKENS_PER_SECOND / SECOND;
    if (gained != 0) {
        bucket->spent = bucket->spent > gained ? bucket->spent - gained : 0;
        bucket->filled_at = now;
    }
    if (BURST - bucket->spent < TOKEN) {
        return false;
    }
    bucket->spent += TOKEN;
    return true;
}

static void fold(struct audit_log *log, struct audit_bucket *bucket,
                 const struct audit_event *event)
{
    if (bucket->folded == 0) {
        log->folds++;
        bucket->first = *event;
        bucket->first_at = event->now;
        memcpy(bucket->data, event->data.at, event->data.len);
        bucket->first.data.at = (const uint8_t *)bucket->data;
    }
    bucket->folded++;
}

// A fold waits for room rather than being lost.
static void unfold(struct audit_log *log, struct audit_bucket *bucket, uint64_t now)
{
    if (bucket->folded != 0 && has_room(log, bucket->first.type)) {
        bucket->first.now = now;
        record(log, &bucket->first, bucket->folded, bucket->first_at);
        bucket->folded = 0;
        log->folds--;
    }
}

uint64_t audit_log_put(struct audit_log *log, const struct audit_event *event)
{
    struct audit_bucket *bucket = bucket_of(log, event);
    if (bucket == NULL) {
        return record(log, event, 1, 0);
    }
    if (bucket->folded != 0 && bucket->first.subject.incarnation != event->subject.incarnation) {
        unfold(log, bucket, event->now);
    }
    if (bucket->folded == 0 && take_token(bucket, event->now)) {
        return record(log, event, 1, 0);
    }
    fold(log, bucket, event);
    return AUDIT_FOLDED;
}

// Tries to store the folds of one target that are at least `age` old; true when none is left open.
static bool unfold_target(struct audit_log *log, uint64_t now, uint32_t target, uint64_t age)
{
    bool closed = true;
    for (size_t limited = 0; limited < AUDIT_LIMITED; limited++) {
        struct audit_bucket *bucket = &log->buckets[target][limited];
        uint64_t held = now > bucket->first_at ? now - bucket->first_at : 0;
        if (held >= age) {
            unfold(log, bucket, now);
        }
        closed = closed && bucket->folded == 0;
    }
    return closed;
}

void audit_log_tick(struct audit_log *log, uint64_t now)
{
    for (uint32_t target = 0; target < BOUND_TARGETS && log->folds != 0; target++) {
        unfold_target(log, now, target, SECOND);
    }
}

bool audit_log_settle(struct audit_log *log, uint64_t now, uint32_t target)
{
    bool settled = true;
    for (uint32_t i = 0; i < BOUND_TARGETS && log->folds != 0; i++) {
        if (target == AUDIT_EVERY || target == i) {
            settled = unfold_target(log, now, i, 0) && settled;
        }
    }
    if (free_slots(log) != 0) {
        store_loss(log, now);
    }
    return settled && log->loss.count == 0;
}

// One byte string of the wire form, so that a sink that stalls can be resumed anywhere.
static struct bytes unsent(const struct audit_log *log)
{
    static const uint8_t separator = 0x1e, end = '\n';
    size_t len = log->len[log->head];
    if (log->sent == 0) {
        return (struct bytes){&separator, 1};
    }
    if (log->sent <= len) {
        return (struct bytes){(const uint8_t *)log->ring[log->head] + log->sent - 1,
                              len - log->sent + 1};
    }
    return (struct bytes){&end, 1};
}

bool audit_log_flush(struct audit_log *log, const struct audit_sink *sink)
{
    while (log->used != 0) {
        struct bytes rest = unsent(log);
        size_t taken = sink->put(sink->context, rest);
        log->sent += taken;
        if (taken < rest.len) {
            return false;
        }
        if (log->sent == (size_t)log->len[log->head] + 2) {
            log->sent = 0;
            log->head = (log->head + 1) % AUDIT_RING;
            log->used--;
        }
    }
    return true;
}
