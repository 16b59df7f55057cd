// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One function for each kind of event: it turns facts into the `data` object of spec/audit.md and
// puts the record into the log. All return what audit_log_put returns. Texts may be hostile (names
// from a package that is being refused); they are cut to 64 bytes and escaped.

#include "audit_fault.h"
#include "audit_log.h"
#include "crypto.h"
#include "diag.h"
#include "plan.h"

// The log and the moment, which every event has.
struct audit_at {
    struct audit_log *log;
    uint64_t now; // ns since boot
};

// What the auditor did about an event.
enum audit_action { AUDIT_KILLED, AUDIT_SUSPENDED, AUDIT_RESTARTED, AUDIT_RESUMED, AUDIT_IGNORED };

// The subject of a target's events.
struct audit_subject audit_event_subject(const struct plan *plan, uint32_t target,
                                         uint64_t incarnation);

struct audit_start {
    struct bytes boot;    // 16 bytes that name this run
    struct bytes nonce;   // from who asked for the run; empty = none
    const uint8_t *trust; // BLAKE2b-256 of the trust file
    const char *kernel;   // "sel4" or "hosted"
    const char *proof;    // what is proven about it
    struct bytes sdk;     // version of the SDK that it came in; empty = unknown
    const uint8_t *key;   // the run's public key, 32 bytes
    // SHA-256 of the kernel's and the root task's files, as the maker of the image says; NULL =
    // unknown
    const uint8_t *kernel_image, *root_image;
    bool mcs, debug, printing;
};
// The first record: which log this is, and under which key. All digests are 32 bytes.
uint64_t audit_event_start(struct audit_at at, const struct audit_start *start);

struct audit_package {
    struct bytes name, version;
    const uint8_t *id;     // 32 bytes; NULL where no header could be read
    const uint8_t *policy; // 32 bytes, the manifest digest
    const uint8_t *signer; // 32 bytes, the first signing key
    uint64_t size;         // bytes of the file
    uint32_t place;        // in the boot image, counted from 1: names what has no name to believe
};
// The package is signed as the trust file wants; nothing has been said about what it asks for.
uint64_t audit_event_verified(struct audit_at at, const struct audit_package *package);

// `diag` is what the verifier said (package.refused), or the policy compiler (policy.refused); its
// status name is the reason.
uint64_t audit_event_refused(struct audit_at at, enum audit_type type,
                             const struct audit_package *package, const struct diag *diag);

// The system as a whole is refused, or cannot be made; no target runs.
uint64_t audit_event_system_refused(struct audit_at at, const struct diag *diag);

// `digest` is the plan's, 32 bytes; counts are those of `target`.
uint64_t audit_event_compiled(struct audit_at at, const struct audit_package *package,
                              const struct plan *plan, uint32_t target, const uint8_t *digest);

// The capabilities of a target, in as many records as they need (audit_event_issued_parts);
// tripwires are counted by target.spawned. Returns the number of the last record.
uint32_t audit_event_issued_parts(const struct plan *plan, uint32_t target);

// What the capabilities were compared with before the target ran.
enum audit_oracle {
    AUDIT_ORACLE_ACCEPTED, // the arguments that the kernel accepted
    AUDIT_ORACLE_DEBUG,    // the same, and each slot's type as a debug kernel tells it
    AUDIT_ORACLE_BOARD,    // the CNode's contents, which the hosted kernel's board shows
};
struct audit_issue {
    const uint8_t *digest; // the plan's, 32 bytes
    enum audit_oracle oracle;
};
// In parts where one record is too small; each has the plan's digest.
uint64_t audit_event_issued(struct audit_at at, const struct audit_subject *subject,
                            const struct plan *plan, const struct audit_issue *issue);
// The same comparison before the target is taken back, or at the end of the run; `diag` is the
// first difference, NULL = none.
uint64_t audit_event_checked(struct audit_at at, const struct audit_subject *subject,
                             enum audit_oracle oracle, const struct diag *diag);

// A debug kernel's own list of what every target holds comes next on the wire; `subject` names the
// one that was just made, NULL = none was.
uint64_t audit_event_shown(struct audit_at at, const struct audit_subject *subject);

// What making the target took: kernel calls, and the nanoseconds of each step.
struct audit_step {
    const char *name;
    uint64_t ns;
};
struct audit_spawn {
    uint64_t calls;
    const struct audit_step *steps;
    size_t step_count;
};
// The target runs: its life has begun.
uint64_t audit_event_spawned(struct audit_at at, const struct audit_subject *subject,
                             const struct plan *plan, const struct audit_spawn *spawn);

// A start that stopped at a step. `diag` names the kernel call that was refused, the capability it
// was made on and the kernel's error, or what differed from the plan.
struct audit_failure {
    const char *step;
    const struct diag *diag;
    enum audit_action action;
};
uint64_t audit_event_failed(struct audit_at at, const struct audit_subject *subject,
                            const struct audit_failure *failure);

// The first call to a target that starts on demand, and which instance made it.
uint64_t audit_event_called(struct audit_at at, const struct audit_subject *subject,
                            struct bytes client);

// A target asked the root task for more than it may in a window, and waits for the next one.
uint64_t audit_event_held(struct audit_at at, const struct audit_subject *subject,
                          uint64_t window_ms);

// A decoded fault: fault.cap, .vm, .syscall, .exception or .timeout.
uint64_t audit_event_fault(struct audit_at at, const struct audit_subject *subject,
                           const struct audit_fault *fault, enum audit_action action);

// A message that arrived through a tripwire. All of it but slot and badge is the target's own
// words.
struct audit_tripwire {
    uint64_t slot, badge, label;
    uint64_t words[4];
    uint32_t length, caps;
};
uint64_t audit_event_tripwire(struct audit_at at, const struct audit_subject *subject,
                              const struct audit_tripwire *tripwire, enum audit_action action);

// A call through a traced capability, and how it ended.
enum audit_call {
    AUDIT_CALL_ANSWERED, // by the server
    AUDIT_CALL_DENIED,   // by the root task: the server is not there
    AUDIT_CALL_FAILED,   // not answered
};
struct audit_trace {
    struct bytes via; // the capability's name
    struct bytes to;  // the server's instance
    uint64_t badge, label, length;
    uint64_t duration; // ns
    enum audit_call verdict;
    uint64_t answer; // label; of one that was answered or denied
};
uint64_t audit_event_trace(struct audit_at at, const struct audit_subject *subject,
                           const struct audit_trace *trace);

// Why a target was stopped or started again: the type of the event that led to it, and its number
// (AUDIT_FOLDED = left out).
struct audit_cause {
    enum audit_type type;
    uint64_t seq;
};
struct audit_restart {
    struct audit_cause cause;
    uint64_t restarts, max, backoff_ms;
};
uint64_t audit_event_restarted(struct audit_at at, const struct audit_subject *subject,
                               const struct audit_restart *restart);
// A target stands still until the end: its memory stays as the cause left it.
uint64_t audit_event_suspended(struct audit_at at, const struct audit_subject *subject,
                               struct audit_cause cause);
// A target was asked to end within a time, or else.
uint64_t audit_event_stopping(struct audit_at at, const struct audit_subject *subject,
                              uint64_t grace_ms);
// The root task ended it.
uint64_t audit_event_killed(struct audit_at at, const struct audit_subject *subject,
                            struct audit_cause cause);

struct audit_exit {
    uint32_t code;
    uint64_t cpu_us, faults;
};
// It ended itself, through its exit capability.
uint64_t audit_event_exited(struct audit_at at, const struct audit_subject *subject,
                            const struct audit_exit *end);

struct audit_reclaim {
    uint64_t bytes, objects, caps;
    uint64_t leaked, slots_leaked; // one is not 0: severity error
};
// What the target held is the root task's again, counted against what it was given.
uint64_t audit_event_reclaimed(struct audit_at at, const struct audit_subject *subject,
                               const struct audit_reclaim *reclaim);

// The log's own counters, for a reader to add up.
uint64_t audit_event_stats(struct audit_at at);

// The last record but for one checkpoint. `reason`: "shutdown", "halt" or "panic". The caller has
// settled the log and flushed it, so that this record finds room.
uint64_t audit_event_end(struct audit_at at, const char *reason);
