// SPDX-License-Identifier: BSD-2-Clause
#include "audit_event.h"

#include "audit_caps.h"
#include "audit_data.h"
#include "audit_note.h"

// As long as a whole record: what is cut here cannot fit there, and the log counts it as oversize.
enum { DATA = BOUND_EVENT };

static const char *const actions[] = {
    [AUDIT_KILLED] = "killed",   [AUDIT_SUSPENDED] = "suspended", [AUDIT_RESTARTED] = "restarted",
    [AUDIT_RESUMED] = "resumed", [AUDIT_IGNORED] = "ignored",
};

static const struct audit_subject nobody;

struct audit_subject audit_event_subject(const struct plan *plan, uint32_t target,
                                         uint64_t incarnation)
{
    return (struct audit_subject){
        .name = plan->targets[target].name, .incarnation = incarnation, .index = (uint16_t)target};
}

static void put_vkey(struct json_text *json, const uint8_t *key)
{
    char at[AUDIT_NOTE_VKEY];
    struct text vkey = text_of(at, sizeof at);
    audit_note_put_vkey(&vkey, key, key);
    json_text_whole(json, "vkey", text_bytes(&vkey));
}

static void put_image(struct json_text *json, const char *key, const uint8_t *digest)
{
    if (digest != NULL) {
        json_text_digest(json, key, "sha256", digest);
    }
}

uint64_t audit_event_start(struct audit_at at, const struct audit_start *start)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_hex(&json, "boot", start->boot);
    json_text_hex(&json, "nonce", start->nonce);
    put_vkey(&json, start->key);
    json_text_name(&json, "kernel", start->kernel);
    json_text_name(&json, "proof", start->proof);
    if (start->sdk.len != 0) {
        json_text_short(&json, "sdk", start->sdk);
    }
    put_image(&json, "kernel_image", start->kernel_image);
    put_image(&json, "root_image", start->root_image);
    json_text_digest(&json, "trust", "blake2b", start->trust);
    json_text_open(&json, "cfg", '{');
    json_text_name(&json, "arch", "x86_64");
    json_text_bool(&json, "mcs", start->mcs);
    json_text_bool(&json, "debug", start->debug);
    json_text_bool(&json, "printing", start->printing);
    json_text_close(&json, '}');
    json_text_name(&json, "overflow", "block");
    return audit_data_put(at, AUDIT_LOG_START, &nobody, &json);
}

uint64_t audit_event_verified(struct audit_at at, const struct audit_package *package)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_short(&json, "name", package->name);
    json_text_short(&json, "version", package->version);
    json_text_digest(&json, "pkg", "blake2b", package->id);
    json_text_digest(&json, "policy", "blake2b", package->policy);
    json_text_digest(&json, "signer", "ed25519", package->signer);
    json_text_int(&json, "size", package->size);
    return audit_data_put(at, AUDIT_PACKAGE_VERIFIED, &nobody, &json);
}

static void put_reason(struct json_text *json, const struct diag *diag)
{
    json_text_name(json, "reason", status_name(diag->status));
    json_text_name(json, "detail", diag->what == NULL ? "" : diag->what);
    json_text_int(json, "where", diag->where);
    if (diag->line != 0) {
        json_text_int(json, "line", diag->line);
        json_text_int(json, "col", diag->column);
    }
}

uint64_t audit_event_refused(struct audit_at at, enum audit_type type,
                             const struct audit_package *package, const struct diag *diag)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "place", package->place);
    if (package->name.len != 0) {
        json_text_short(&json, "name", package->name);
    }
    if (package->id != NULL) {
        json_text_digest(&json, "pkg", "blake2b", package->id);
    }
    put_reason(&json, diag);
    return audit_data_put(at, type, &nobody, &json);
}

uint64_t audit_event_system_refused(struct audit_at at, const struct diag *diag)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    put_reason(&json, diag);
    json_text_int(&json, "error", diag->detail);
    return audit_data_put(at, AUDIT_SYSTEM_REFUSED, &nobody, &json);
}

uint64_t audit_event_compiled(struct audit_at at, const struct audit_package *package,
                              const struct plan *plan, uint32_t target, const uint8_t *digest)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    struct audit_subject subject = audit_event_subject(plan, target, 1);
    json_text_digest(&json, "pkg", "blake2b", package->id);
    json_text_digest(&json, "policy", "blake2b", package->policy);
    json_text_digest(&json, "plan", "sha256", digest);
    json_text_int(&json, "caps", audit_caps_count(plan, target));
    json_text_int(&json, "objects", plan->targets[target].objects);
    return audit_data_put(at, AUDIT_POLICY_COMPILED, &subject, &json);
}

uint32_t audit_event_issued_parts(const struct plan *plan, uint32_t target)
{
    uint32_t count = audit_caps_count(plan, target);
    return count == 0 ? 1 : (count + AUDIT_CAPS_PER_PART - 1) / AUDIT_CAPS_PER_PART;
}

static const char *const oracles[] = {"accepted", "debug", "board"}; // enum audit_oracle

uint64_t audit_event_issued(struct audit_at at, const struct audit_subject *subject,
                            const struct plan *plan, const struct audit_issue *issue)
{
    uint32_t parts = audit_event_issued_parts(plan, subject->index);
    struct audit_digest table = audit_caps_table(plan, subject->index);
    uint64_t seq = 0;
    for (uint32_t part = 0; part < parts; part++) {
        char data[DATA];
        struct json_text json = audit_data_open(data, sizeof data);
        json_text_digest(&json, "plan", "sha256", issue->digest);
        json_text_name(&json, "oracle", oracles[issue->oracle]);
        json_text_int(&json, "part", part + 1);
        json_text_int(&json, "parts", parts);
        json_text_int(&json, "radix", plan->targets[subject->index].cnode_bits);
        audit_caps_part(&json, plan, subject->index, part);
        json_text_digest(&json, "table", "sha256", table.at);
        seq = audit_data_put(at, AUDIT_CAPS_ISSUED, subject, &json);
    }
    return seq;
}

uint64_t audit_event_checked(struct audit_at at, const struct audit_subject *subject,
                             enum audit_oracle oracle, const struct diag *diag)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_name(&json, "oracle", oracles[oracle]);
    json_text_bool(&json, "equal", diag == NULL);
    if (diag == NULL) {
        return audit_data_put(at, AUDIT_CAPS_CHECKED, subject, &json);
    }
    put_reason(&json, diag);
    return audit_data_put_as(at, AUDIT_SEVERITY_ERROR, AUDIT_CAPS_CHECKED, subject, &json);
}

uint64_t audit_event_shown(struct audit_at at, const struct audit_subject *subject)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    if (subject != NULL) {
        json_text_int(&json, "index", subject->index);
    }
    return audit_data_put(at, AUDIT_CAPS_SHOWN, subject == NULL ? &nobody : subject, &json);
}

uint64_t audit_event_spawned(struct audit_at at, const struct audit_subject *subject,
                             const struct plan *plan, const struct audit_spawn *spawn)
{
    const struct plan_target *target = &plan->targets[subject->index];
    uint32_t traced = audit_caps_traced(plan, subject->index);
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_digest(&json, "pkg", "blake2b", target->package_id);
    json_text_word(&json, "entry", target->entry);
    json_text_int(&json, "mem", UINT64_C(1) << target->untyped_bits);
    json_text_int(&json, "budget_us", target->budget_us);
    json_text_int(&json, "period_us", target->period_us);
    json_text_int(&json, "prio", target->priority);
    json_text_int(&json, "mcp", target->max_priority);
    json_text_int(&json, "slots", target->caps);
    json_text_int(&json, "tripwired", target->caps - audit_caps_count(plan, subject->index));
    if (traced != 0) {
        json_text_int(&json, "traced", traced);
    }
    json_text_int(&json, "calls", spawn->calls);
    json_text_open(&json, "ns", '{');
    for (size_t i = 0; i < spawn->step_count; i++) {
        json_text_int(&json, spawn->steps[i].name, spawn->steps[i].ns);
    }
    json_text_close(&json, '}');
    return audit_data_put(at, AUDIT_TARGET_SPAWNED, subject, &json);
}

uint64_t audit_event_failed(struct audit_at at, const struct audit_subject *subject,
                            const struct audit_failure *failure)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_name(&json, "step", failure->step);
    put_reason(&json, failure->diag);
    json_text_int(&json, "error", failure->diag->detail);
    json_text_name(&json, "action", actions[failure->action]);
    return audit_data_put(at, AUDIT_TARGET_FAILED, subject, &json);
}

uint64_t audit_event_called(struct audit_at at, const struct audit_subject *subject,
                            struct bytes client)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_short(&json, "client", client);
    return audit_data_put(at, AUDIT_TARGET_CALLED, subject, &json);
}

uint64_t audit_event_held(struct audit_at at, const struct audit_subject *subject,
                          uint64_t window_ms)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "window_ms", window_ms);
    return audit_data_put(at, AUDIT_TARGET_HELD, subject, &json);
}

static void put_cap_fault(struct json_text *json, const struct audit_fault *fault)
{
    json_text_word(json, "ip", fault->ip);
    json_text_word(json, "cptr", fault->cap.cptr);
    json_text_name(json, "phase", fault->cap.receiving ? "recv" : "send");
    json_text_name(json, "lookup", fault->cap.lookup);
    if (fault->cap.details >= 1) {
        json_text_int(json, "bits_left", fault->cap.detail[0]);
    }
    if (fault->cap.details == 3) {
        json_text_word(json, "guard_found", fault->cap.detail[1]);
    }
    if (fault->cap.details >= 2) {
        json_text_int(json, "bits_found", fault->cap.detail[fault->cap.details - 1]);
    }
    json_text_word(json, "badge", fault->badge);
}

static void put_vm_fault(struct json_text *json, const struct audit_fault *fault)
{
    json_text_word(json, "ip", fault->ip);
    json_text_word(json, "addr", fault->vm.address);
    json_text_name(json, "access", fault->vm.access);
    json_text_word(json, "fsr", fault->vm.fsr);
    json_text_name(json, "cause", fault->vm.cause);
    json_text_short(json, "near", fault->vm.near);
}

static void put_syscall_fault(struct json_text *json, const struct audit_fault *fault)
{
    json_text_word(json, "ip", fault->ip);
    json_text_word(json, "sp", fault->sp);
    json_text_word(json, "nr", fault->syscall.number);
}

static void put_exception_fault(struct json_text *json, const struct audit_fault *fault)
{
    json_text_word(json, "ip", fault->ip);
    json_text_word(json, "sp", fault->sp);
    json_text_int(json, "vector", fault->exception.vector);
    json_text_word(json, "code", fault->exception.code);
    json_text_name(json, "name", fault->exception.name);
}

static void put_timeout_fault(struct json_text *json, const struct audit_fault *fault)
{
    json_text_word(json, "badge", fault->badge);
    json_text_int(json, "consumed_us", fault->timeout.consumed_us);
    json_text_int(json, "budget_us", fault->timeout.budget_us);
    json_text_int(json, "period_us", fault->timeout.period_us);
}

uint64_t audit_event_fault(struct audit_at at, const struct audit_subject *subject,
                           const struct audit_fault *fault, enum audit_action action)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    switch (fault->type) {
    case AUDIT_FAULT_CAP:
        put_cap_fault(&json, fault);
        break;
    case AUDIT_FAULT_VM:
        put_vm_fault(&json, fault);
        break;
    case AUDIT_FAULT_SYSCALL:
        put_syscall_fault(&json, fault);
        break;
    case AUDIT_FAULT_EXCEPTION:
        put_exception_fault(&json, fault);
        break;
    default:
        put_timeout_fault(&json, fault);
        break;
    }
    json_text_name(&json, "action", actions[action]);
    return audit_data_put(at, fault->type, subject, &json);
}

uint64_t audit_event_tripwire(struct audit_at at, const struct audit_subject *subject,
                              const struct audit_tripwire *tripwire, enum audit_action action)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_word(&json, "slot", tripwire->slot);
    json_text_word(&json, "badge", tripwire->badge);
    json_text_word(&json, "label", tripwire->label);
    json_text_int(&json, "len", tripwire->length);
    json_text_open(&json, "mrs", '[');
    for (uint32_t i = 0; i < tripwire->length && i < 4; i++) {
        json_text_word(&json, NULL, tripwire->words[i]);
    }
    json_text_close(&json, ']');
    json_text_int(&json, "extra_caps", tripwire->caps);
    json_text_name(&json, "action", actions[action]);
    return audit_data_put(at, AUDIT_DENY_TRIPWIRE, subject, &json);
}

static const char *const verdicts[] = {
    [AUDIT_CALL_ANSWERED] = "answered",
    [AUDIT_CALL_DENIED] = "denied",
    [AUDIT_CALL_FAILED] = "failed",
};

uint64_t audit_event_trace(struct audit_at at, const struct audit_subject *subject,
                           const struct audit_trace *trace)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_short(&json, "via", trace->via);
    json_text_short(&json, "dst", trace->to);
    json_text_word(&json, "badge", trace->badge);
    json_text_word(&json, "label", trace->label);
    json_text_int(&json, "len", trace->length);
    json_text_int(&json, "dur_ns", trace->duration);
    json_text_name(&json, "verdict", verdicts[trace->verdict]);
    if (trace->verdict != AUDIT_CALL_FAILED) {
        json_text_word(&json, "answer", trace->answer);
    }
    return audit_data_put(at, AUDIT_IPC_TRACE, subject, &json);
}

static void put_cause(struct json_text *json, struct audit_cause cause)
{
    json_text_name(json, "reason", audit_log_type_name(cause.type));
    if (cause.seq != AUDIT_FOLDED) {
        json_text_int(json, "cause_seq", cause.seq);
    }
}

uint64_t audit_event_restarted(struct audit_at at, const struct audit_subject *subject,
                               const struct audit_restart *restart)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    put_cause(&json, restart->cause);
    json_text_int(&json, "restarts", restart->restarts);
    json_text_int(&json, "max", restart->max);
    json_text_int(&json, "backoff_ms", restart->backoff_ms);
    return audit_data_put(at, AUDIT_TARGET_RESTARTED, subject, &json);
}

uint64_t audit_event_suspended(struct audit_at at, const struct audit_subject *subject,
                               struct audit_cause cause)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    put_cause(&json, cause);
    return audit_data_put(at, AUDIT_TARGET_SUSPENDED, subject, &json);
}

uint64_t audit_event_stopping(struct audit_at at, const struct audit_subject *subject,
                              uint64_t grace_ms)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "grace_ms", grace_ms);
    return audit_data_put(at, AUDIT_TARGET_STOPPING, subject, &json);
}

uint64_t audit_event_killed(struct audit_at at, const struct audit_subject *subject,
                            struct audit_cause cause)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    put_cause(&json, cause);
    json_text_name(&json, "by", "auditor");
    bool wished = cause.type == AUDIT_CONTROL_ASKED || cause.type == AUDIT_TARGET_EXITED;
    enum audit_severity severity =
        wished ? AUDIT_SEVERITY_NOTICE : audit_log_severity(AUDIT_TARGET_KILLED);
    return audit_data_put_as(at, severity, AUDIT_TARGET_KILLED, subject, &json);
}

uint64_t audit_event_exited(struct audit_at at, const struct audit_subject *subject,
                            const struct audit_exit *end)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "code", end->code);
    json_text_int(&json, "cpu_us", end->cpu_us);
    json_text_int(&json, "faults", end->faults);
    return audit_data_put(at, AUDIT_TARGET_EXITED, subject, &json);
}

uint64_t audit_event_reclaimed(struct audit_at at, const struct audit_subject *subject,
                               const struct audit_reclaim *reclaim)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    json_text_int(&json, "bytes", reclaim->bytes);
    json_text_int(&json, "objects", reclaim->objects);
    json_text_int(&json, "caps_revoked", reclaim->caps);
    json_text_int(&json, "leaked", reclaim->leaked);
    json_text_int(&json, "slots_leaked", reclaim->slots_leaked);
    bool whole = reclaim->leaked == 0 && reclaim->slots_leaked == 0;
    enum audit_severity severity = whole ? AUDIT_SEVERITY_INFO : AUDIT_SEVERITY_ERROR;
    return audit_data_put_as(at, severity, AUDIT_MEMORY_RECLAIMED, subject, &json);
}

static void put_counters(struct json_text *json, const struct audit_counters *counters,
                         uint64_t more)
{
    json_text_int(json, "attempted", counters->attempted + more);
    json_text_int(json, "stored", counters->stored + more);
    json_text_int(json, "dropped", counters->dropped);
    json_text_int(json, "suppressed", counters->suppressed);
}

uint64_t audit_event_stats(struct audit_at at)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    audit_log_settle(at.log, at.now, AUDIT_EVERY);
    put_counters(&json, &at.log->counters, 0);
    json_text_int(&json, "ring_hi", at.log->counters.ring_high);
    json_text_int(&json, "ring_cap", AUDIT_RING);
    return audit_data_put(at, AUDIT_LOG_STATS, &nobody, &json);
}

uint64_t audit_event_end(struct audit_at at, const char *reason)
{
    char data[DATA];
    struct json_text json = audit_data_open(data, sizeof data);
    struct audit_digest root = audit_tree_root(&at.log->tree);
    json_text_name(&json, "reason", reason);
    put_counters(&json, &at.log->counters, 1);
    json_text_int(&json, "size", at.log->tree.size);
    json_text_digest(&json, "root", "sha256", root.at);
    return audit_data_put(at, AUDIT_LOG_END, &nobody, &json);
}
