// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The event log of a run (spec/audit.md): numbers every attempt to record something, chains what is
// stored, and accounts for what is not. It trusts its caller for the values and for the time, and
// nobody for the text: records are ASCII whatever they quote. No heap; one `struct audit_log` is
// about 128 KiB and lives as long as the run.
//
// Identities that hold after every call (attempts that wait in an open loss or fold included):
//   attempted = stored + dropped       stored = records handed to the sink or waiting in the ring
//   suppressed = sum over stored records of (n - 1)

#include "audit_tree.h"
#include "bounds.h"

enum {
    AUDIT_RING = 64,     // records that wait for the sink
    AUDIT_RESERVED = 8,  // of these, only for class A
    AUDIT_UNSIGNED = 64, // records that may wait for a checkpoint
    AUDIT_FOLD_DATA = 320,
    AUDIT_LIMITED = 3, // types with a rate limit
};

#define AUDIT_FOLDED UINT64_MAX // in place of a sequence number: counted in a later record

// clang-format off
// X(NAME, public name, default severity, class: A is not lost while its caller waits for room, B
// may be)
#define AUDIT_TYPE_LIST(X) \
    X(LOG_START, "log.start", INFO, A) \
    X(PACKAGE_VERIFIED, "package.verified", INFO, A) \
    X(PACKAGE_REFUSED, "package.refused", ERROR, A) \
    X(POLICY_COMPILED, "policy.compiled", INFO, A) \
    X(POLICY_REFUSED, "policy.refused", ERROR, A) \
    X(SYSTEM_REFUSED, "system.refused", ERROR, A) \
    X(CAPS_ISSUED, "caps.issued", INFO, A) \
    X(CAPS_SHOWN, "caps.shown", INFO, A) \
    X(CAPS_CHECKED, "caps.checked", INFO, A) \
    X(TARGET_SPAWNED, "target.spawned", INFO, A) \
    X(TARGET_CALLED, "target.called", INFO, A) \
    X(TARGET_HELD, "target.held", NOTICE, A) \
    X(TARGET_FAILED, "target.failed", ERROR, A) \
    X(FAULT_CAP, "fault.cap", WARN, A) \
    X(FAULT_VM, "fault.vm", ERROR, A) \
    X(FAULT_SYSCALL, "fault.syscall", WARN, A) \
    X(FAULT_EXCEPTION, "fault.exception", ERROR, A) \
    X(FAULT_TIMEOUT, "fault.timeout", WARN, A) \
    X(DENY_TRIPWIRE, "deny.tripwire", WARN, B) \
    X(IPC_TRACE, "ipc.trace", DEBUG, B) \
    X(TARGET_RESTARTED, "target.restarted", NOTICE, A) \
    X(TARGET_SUSPENDED, "target.suspended", NOTICE, A) \
    X(TARGET_STOPPING, "target.stopping", NOTICE, A) \
    X(TARGET_KILLED, "target.killed", ERROR, A) \
    X(TARGET_EXITED, "target.exited", INFO, A) \
    X(MEMORY_RECLAIMED, "memory.reclaimed", INFO, A) \
    X(CONTROL_ASKED, "control.asked", NOTICE, A) \
    X(CONTROL_REFUSED, "control.refused", WARN, A) \
    X(CONTROL_NOISE, "control.noise", WARN, A) \
    X(LOG_DROP, "log.drop", ERROR, A) \
    X(LOG_STATS, "log.stats", INFO, A) \
    X(LOG_KEY, "log.key", INFO, A) \
    X(LOG_CHECKPOINT, "log.checkpoint", INFO, A) \
    X(LOG_END, "log.end", INFO, A)

#define AUDIT_SEVERITY_LIST(X) \
    X(DEBUG, "debug") X(INFO, "info") X(NOTICE, "notice") X(WARN, "warn") X(ERROR, "error") \
    X(CRITICAL, "critical")
// clang-format on

enum audit_type {
#define AUDIT_TYPE_ENUM(name, text, severity, class) AUDIT_##name,
    AUDIT_TYPE_LIST(AUDIT_TYPE_ENUM)
#undef AUDIT_TYPE_ENUM
        AUDIT_TYPE_COUNT,
};

enum audit_severity {
#define AUDIT_SEVERITY_ENUM(name, text) AUDIT_SEVERITY_##name,
    AUDIT_SEVERITY_LIST(AUDIT_SEVERITY_ENUM)
#undef AUDIT_SEVERITY_ENUM
};

// What an event is about. An empty name is no target at all.
struct audit_subject {
    struct bytes name;    // instance name; borrowed until the log has ended
    uint64_t incarnation; // from 1
    uint16_t index;       // of the plan's targets
};

struct audit_event {
    enum audit_type type;
    enum audit_severity severity;
    uint64_t now; // ns since boot
    struct audit_subject subject;
    struct bytes data; // a JSON object
};

// Takes bytes for the wire and says how many it took; 0 = try again later.
struct audit_sink {
    size_t (*put)(void *context, struct bytes bytes);
    void *context;
};

// The token bucket of one (target, type) and the events that wait in it for one record.
struct audit_bucket {
    uint64_t filled_at; // ns
    uint64_t spent;     // thousandths of a token
    uint64_t folded;    // events in the open fold, 0 = none
    uint64_t first_at;
    struct audit_event first; // its data points at `data`
    char data[AUDIT_FOLD_DATA];
};

// A run of consecutive attempts that found no room, not yet reported.
struct audit_loss {
    uint64_t first, count;
    bool oversize; // the first of them was too long for a record
    uint64_t by_type[AUDIT_TYPE_COUNT];
};

struct audit_counters {
    uint64_t attempted, stored, dropped, suppressed;
    uint32_t ring_high; // most records that ever waited
};

// All zero, it is empty. What it does not need yet it does not touch: it is large.
struct audit_log {
    struct audit_counters counters;
    uint64_t last_time;
    struct audit_digest last_leaf; // of the record stored last; zero before the first
    struct audit_tree tree;
    uint64_t signed_size; // records that checkpoints cover, and the last checkpoint itself
    uint64_t signed_at;   // ns, the last checkpoint
    bool sign_now;        // a record since then must not wait for its signature
    struct audit_loss loss;
    uint32_t folds;      // buckets with an open fold
    uint32_t head, used; // ring: oldest record, records waiting
    size_t sent;         // wire bytes of the oldest record that the sink has taken
    uint16_t len[AUDIT_RING];
    char ring[AUDIT_RING][BOUND_EVENT];
    struct audit_bucket buckets[BOUND_TARGETS][AUDIT_LIMITED];
};

// "log.start" and so on (spec/audit.md, 2), and how grave such a record is unless it says
// otherwise.
const char *audit_log_type_name(enum audit_type type);
enum audit_severity audit_log_severity(enum audit_type type);

// Records one event; normally called through audit_event_*(). Returns its sequence number, or
// AUDIT_FOLDED when the rate limit keeps it for a later record. Where no slot is free the attempt
// is counted as lost.
uint64_t audit_log_put(struct audit_log *log, const struct audit_event *event);

// How many class A records can be stored now. A caller that first waits for enough room never loses
// one: a faulting thread stays blocked in its endpoint's queue meanwhile.
uint32_t audit_log_room(const struct audit_log *log);

// Stores what is held back, as far as there is room: folds that are at least a second old.
void audit_log_tick(struct audit_log *log, uint64_t now);

// The same for all folds, of one target (its index) or of every target (AUDIT_EVERY), and for an
// open loss. True when nothing is held back any more; else flush and call again.
#define AUDIT_EVERY UINT32_MAX
bool audit_log_settle(struct audit_log *log, uint64_t now, uint32_t target);

// True when a checkpoint is due (spec/audit.md, section 4): too many records wait for one, or for a
// second, or one that must not wait.
bool audit_log_checkpoint_due(const struct audit_log *log, uint64_t now);

// Hands waiting records to the sink, each as RS record LF (RFC 7464). True when none is left.
bool audit_log_flush(struct audit_log *log, const struct audit_sink *sink);
