// SPDX-License-Identifier: BSD-2-Clause

// A plan against the log of a run of it: what was issued beyond the plan, what was denied, and
// whether the log is whole. Only a log that verifies is compared; of one that does not, that is the
// finding.

#include "diff_run.h"

#include "dump.h"
#include "run_parts.h"

#include <string.h>

struct diff_change *run_add(struct run_work *w, enum diff_kind kind, uint32_t target, bool more)
{
    struct diff_change *c = diff_list_add(&w->list);
    c->kind = kind;
    c->rule = more ? DIFF_RUN_MORE : DIFF_RUN_LESS;
    c->verdict = more ? DIFF_GREW : DIFF_SHRANK;
    c->now = &w->now.targets[target];
    c->was = w->targets[target].planned != NULL ? &w->in->planned->targets[target] : NULL;
    c->span = w->line;
    c->file = w->in->file;
    w->targets[target].found = true;
    return c;
}

// The run's target of this name; one that nobody planned is added, while there is room.
static uint32_t target_of(struct run_work *w, struct bytes name)
{
    uint32_t planned = authority_find(w->in->planned, name);
    if (planned != AUTHORITY_NOBODY) {
        return planned;
    }
    uint32_t i = w->in->planned->target_count;
    while (i < w->now.target_count && !bytes_equal(w->now.targets[i].name, name)) {
        i++;
    }
    if (i == w->now.target_count && i < w->in->planned->target_count + BOUND_TARGETS) {
        w->now.targets[i] = (struct authority_target){.name = name, .package = name};
        for (size_t k = 0; k < AUTHORITY_LIMITS; k++) {
            w->now.targets[i].limits[k].per = 1;
        }
        w->now.target_count++;
        (void)run_add(w, DIFF_TARGET, i, true);
        w->summary.added++;
    }
    return i < w->now.target_count ? i : AUTHORITY_NOBODY;
}

static uint64_t count_of(const struct audit_record *record, const char *name)
{
    uint64_t count = 0;
    return audit_scan_count(&count, audit_scan_member(record->data, name)) ? count : 0;
}

// What the thread was given, as target.spawned says it.
static void take_limits(struct run_work *w, uint32_t target, const struct audit_record *record)
{
    static const struct {
        enum authority_limit_kind kind;
        const char *value, *per;
    } members[] = {
        {AUTHORITY_MEMORY, "mem", NULL},           {AUTHORITY_SLOTS, "slots", NULL},
        {AUTHORITY_CPU, "budget_us", "period_us"}, {AUTHORITY_PRIORITY, "prio", NULL},
        {AUTHORITY_MAX_PRIORITY, "mcp", NULL},
    };
    const struct plan_target *planned = w->targets[target].planned;
    struct authority_target *now = &w->now.targets[target];
    for (size_t i = 0; planned != NULL && i < sizeof members / sizeof *members; i++) {
        struct authority_limit *limit = &now->limits[members[i].kind];
        const struct authority_limit *was =
            &w->in->planned->targets[target].limits[members[i].kind];
        uint64_t per = members[i].per != NULL ? count_of(record, members[i].per) : 1;
        bool passive = members[i].kind == AUTHORITY_CPU && planned->passive;
        *limit = (struct authority_limit){passive ? 0 : count_of(record, members[i].value),
                                          per != 0 ? per : 1, w->line};
        int order = authority_limit_compare(limit, was);
        if (order != 0) {
            run_add(w, DIFF_LIMIT_OF, target, order > 0)->item = members[i].kind;
            w->summary.limits++;
        }
    }
    w->targets[target].spawned = true;
    bool gaps = count_of(record, "tripwired") + w->targets[target].rows < count_of(record, "slots");
    if (planned != NULL && gaps && now->guards[AUTHORITY_TRIPWIRES].value == 0) {
        now->guards[AUTHORITY_TRIPWIRES].value = 1;
        run_add(w, DIFF_GUARD_OF, target, true)->item = AUTHORITY_TRIPWIRES;
        w->summary.guards++;
    }
}

// A fault after which the target went on as its manifest allows is none.
static bool is_denial(const struct audit_record *record)
{
    struct bytes action = {0};
    bool told = audit_scan_string(&action, audit_scan_member(record->data, "action"));
    return bytes_starts_with(record->type, bytes_text("deny.")) ||
           (bytes_starts_with(record->type, bytes_text("fault.")) &&
            !(told && bytes_is(action, "resumed")));
}

static void take_denial(struct run_work *w, uint32_t target, const struct audit_record *record)
{
    struct authority_target *t = &w->now.targets[target];
    uint32_t i = 0;
    while (i < w->denial_count &&
           (w->denials[i].target != t || !bytes_equal(w->denials[i].type, record->type))) {
        i++;
    }
    if (i == w->denial_count && i < RUN_DENIALS) {
        w->denials[w->denial_count++] =
            (struct run_denial){.target = t, .type = record->type, .line = w->line};
    }
    if (i < w->denial_count) {
        w->denials[i].count += record->folded;
    }
}

static void take_record(struct run_work *w, const struct audit_record *record)
{
    uint32_t target = record->target.len != 0 ? target_of(w, record->target) : AUTHORITY_NOBODY;
    if (target == AUTHORITY_NOBODY) {
        return;
    }
    if (bytes_is(record->type, "caps.issued")) {
        run_caps_take(w, target, record);
    } else if (bytes_is(record->type, "target.spawned")) {
        take_limits(w, target, record);
    } else if (is_denial(record)) {
        take_denial(w, target, record);
    }
}

// The first `lines` lines, which audit_verify found sound.
static void take_lines(struct run_work *w, size_t lines)
{
    struct bytes rest = w->in->log;
    for (size_t i = 0; i < lines && rest.len != 0; i++) {
        struct audit_record record;
        bool whole;
        w->line = (struct plan_span){.line = (uint32_t)i + 1, .column = 1};
        if (audit_scan(&record, audit_check_line(&rest, &whole))) {
            take_record(w, &record);
        }
    }
}

static void add_denials(struct run_work *w)
{
    for (uint32_t i = 0; i < w->denial_count; i++) {
        const struct run_denial *denial = &w->denials[i];
        w->line = denial->line;
        struct diff_change *c =
            run_add(w, DIFF_EVENT, (uint32_t)(denial->target - w->now.targets), true);
        c->rule = DIFF_DENIAL;
        c->object = denial->type;
        c->item = denial->count < UINT32_MAX ? (uint32_t)denial->count : UINT32_MAX;
        w->summary.denials += c->item;
    }
}

static struct bytes digest_of(struct run_work *w, const struct plan_target *planned)
{
    enum { SIZE = 7 + 64 };
    uint8_t digest[32];
    char *at = arena_take(w->list.arena, SIZE, 1);
    struct text text = text_of(at, at != NULL ? SIZE : 0);
    dump_digest_target(digest, w->in->plan, (uint32_t)(planned - w->in->plan->targets));
    text_put(&text, "sha256:");
    text_put_hex(&text, (struct bytes){digest, sizeof digest});
    w->list.full |= at == NULL;
    return text_bytes(&text);
}

// What rows and limits do not show, such as mappings, is in the digest of the plan. What was never
// issued is missing only where the log is whole.
static void finish_targets(struct run_work *w, bool whole)
{
    for (uint32_t i = 0; i < w->in->planned->target_count; i++) {
        struct run_target *t = &w->targets[i];
        w->line = t->line;
        if (!t->issued && whole) {
            struct diff_change *c = run_add(w, DIFF_TARGET, i, false);
            c->now = NULL;
            c->file = (struct bytes){0};
            w->summary.removed++;
        } else if (t->issued && !t->found) {
            struct bytes digest = digest_of(w, t->planned);
            if (!bytes_equal(digest, t->digest)) {
                struct diff_change *c = run_add(w, DIFF_PLANNED, i, true);
                c->object = digest;
                c->text = t->digest;
            }
        }
    }
}

static void add_evidence(struct run_work *w, const struct audit_verify_report *report, bool invalid)
{
    struct diff_change *c = diff_list_add(&w->list);
    c->kind = DIFF_EVIDENCE;
    c->rule = invalid ? DIFF_EVIDENCE_INVALID : DIFF_EVIDENCE_INCOMPLETE;
    c->verdict = DIFF_GREW;
    c->now = &diff_the_run;
    c->object = bytes_text(audit_check_name(report->finding));
    c->text = bytes_text(audit_check_text(report->finding));
    c->span = (struct plan_span){.line = (uint32_t)report->line, .column = 1};
    c->file = w->in->file;
}

static bool open_work(struct run_work *w, const struct diff_run_input *input, struct arena *arena)
{
    const struct authority *planned = input->planned;
    uint32_t most = planned->target_count + BOUND_TARGETS;
    *w = (struct run_work){.in = input, .now = *planned};
    w->now.targets = arena_take(arena, most, sizeof *w->now.targets);
    w->targets = arena_take(arena, most, sizeof *w->targets);
    w->rows = arena_take(arena, RUN_ROWS, sizeof *w->rows);
    w->denials = arena_take(arena, RUN_DENIALS, sizeof *w->denials);
    if (w->now.targets == NULL || w->targets == NULL || w->rows == NULL || w->denials == NULL) {
        return false;
    }
    memcpy(w->now.targets, planned->targets, planned->target_count * sizeof *planned->targets);
    for (uint32_t i = 0; i < input->plan->target_count; i++) {
        const struct plan_target *target = &input->plan->targets[i];
        w->targets[authority_find(planned, target->name)].planned = target;
    }
    return diff_list_open(&w->list, arena);
}

enum status diff_run(struct diff *out, const struct diff_run_input *input, struct arena *arena,
                     struct diag *diag)
{
    struct audit_verify_report report;
    struct run_work w;
    if (!open_work(&w, input, arena)) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of a comparison", arena->size);
    }
    audit_verify(&report, input->log, input->expected, NULL);
    bool sound = report.finding == AUDIT_FINDING_SOUND;
    bool invalid = audit_verify_verdict(report.finding) == AUDIT_VERDICT_INVALID;
    if (!sound) {
        add_evidence(&w, &report, invalid);
    }
    if (!invalid) {
        take_lines(&w, sound ? SIZE_MAX : report.line - 1);
        finish_targets(&w, sound);
        add_denials(&w);
    }
    struct diff made = {.was = input->planned, .now = &w.now, .summary = w.summary};
    struct authority *now = arena_take(arena, 1, sizeof *now);
    if (now == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "memory of a comparison", arena->size);
    }
    *now = w.now;
    made.now = now;
    return diff_list_close(out, &made, &w.list, diag);
}
