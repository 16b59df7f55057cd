// SPDX-License-Identifier: BSD-2-Clause
#include "audit_verify.h"

#include "crypto.h"

// One pass over a file: the report that it fills, and the table that is open.
struct pass {
    struct audit_verify_report *report;
    const struct audit_verify_plan *plan;
    struct crypto_sha256 table;
    uint64_t next_part; // 1 = no table is open
};

static bool begins(struct bytes text, const char *with)
{
    return bytes_starts_with(text, bytes_text(with));
}

static uint64_t count_of(struct bytes object, const char *name)
{
    uint64_t count = 0;
    return audit_scan_count(&count, audit_scan_member(object, name)) ? count : 0;
}

static struct bytes string_of(struct bytes object, const char *name)
{
    struct bytes string = {0};
    bool found = audit_scan_string(&string, audit_scan_member(object, name));
    return found ? string : (struct bytes){0};
}

static bool may_be_lost(struct bytes type)
{
    return begins(type, "deny.") || begins(type, "ipc.");
}

static uint64_t losses_of(struct bytes by_type)
{
    struct bytes type, value;
    uint64_t lost = 0, count = 0;
    size_t at = 1;
    while (audit_scan_next(&type, &value, &at, by_type)) {
        lost += !may_be_lost(type) && audit_scan_count(&count, value) ? count : 0;
    }
    return lost;
}

static void count_fault(struct audit_verify_counts *counts, const struct audit_record *record)
{
    if (bytes_is(string_of(record->data, "action"), "resumed")) {
        counts->resumed += record->folded;
    } else {
        counts->faults += record->folded;
    }
}

static void count_record(struct audit_verify_counts *counts, const struct audit_record *record)
{
    struct bytes type = record->type;
    if (begins(type, "fault.")) {
        count_fault(counts, record);
    } else if (begins(type, "deny.")) {
        counts->denied += record->folded;
    } else if (bytes_is(type, "package.refused") || bytes_is(type, "policy.refused") ||
               bytes_is(type, "system.refused")) {
        counts->refused++;
    } else if (bytes_is(type, "target.killed")) {
        counts->killed++;
    } else if (bytes_is(type, "target.restarted")) {
        counts->restarted++;
    } else if (bytes_is(type, "target.failed")) {
        counts->failed++;
    } else if (bytes_is(type, "target.exited")) {
        counts->failed += count_of(record->data, "code") != 0;
    } else if (bytes_is(type, "caps.checked")) {
        counts->failed += bytes_is(audit_scan_member(record->data, "equal"), "false");
    } else if (bytes_is(type, "memory.reclaimed")) {
        counts->leaked += count_of(record->data, "leaked");
    } else if (bytes_is(type, "log.drop")) {
        counts->lost += losses_of(audit_scan_member(record->data, "by_type"));
    }
}

// One row [slot, kind, object, rights, badge] as a line of the table.
static void hash_row(struct crypto_sha256 *table, struct bytes row)
{
    struct bytes name, value, inside;
    size_t at = 1;
    bool first = true;
    while (audit_scan_next(&name, &value, &at, row)) {
        char plain_at[256];
        struct text plain = text_of(plain_at, sizeof plain_at);
        text_put(&plain, first ? "" : " ");
        if (audit_scan_string(&inside, value)) {
            audit_scan_unescape(&plain, inside);
        }
        crypto_sha256_add(table, text_bytes(&plain));
        first = false;
    }
    crypto_sha256_add(table, bytes_text("\n"));
}

static bool digest_is(struct crypto_sha256 *table, struct bytes said)
{
    uint8_t digest[CRYPTO_DIGEST];
    char at[80];
    struct text text = text_of(at, sizeof at);
    crypto_sha256_end(digest, table);
    text_put(&text, "sha256:");
    text_put_hex(&text, (struct bytes){digest, sizeof digest});
    return bytes_equal(text_bytes(&text), said);
}

// The parts of a table follow each other; the last one completes it.
static enum audit_finding take_table(struct pass *pass, const struct audit_record *record)
{
    uint64_t part = count_of(record->data, "part"), parts = count_of(record->data, "parts");
    struct bytes name, row, rows = audit_scan_member(record->data, "caps");
    struct bytes said = string_of(record->data, "table");
    size_t at = 1;
    if (part != pass->next_part || part > parts || rows.len == 0 || rows.at[0] != '[') {
        return AUDIT_FINDING_TABLE;
    }
    if (part == 1) {
        crypto_sha256_start(&pass->table);
    }
    while (audit_scan_next(&name, &row, &at, rows)) {
        hash_row(&pass->table, row);
    }
    pass->next_part = part == parts ? 1 : part + 1;
    if (part != parts) {
        return AUDIT_FINDING_SOUND;
    }
    if (!digest_is(&pass->table, said)) {
        return AUDIT_FINDING_TABLE;
    }
    bool matches = pass->plan == NULL || pass->plan->matches(pass->plan->context, record->target,
                                                             string_of(record->data, "plan"), said);
    return matches ? AUDIT_FINDING_SOUND : AUDIT_FINDING_PLAN;
}

static enum audit_finding take_record(struct pass *pass, struct bytes line)
{
    struct audit_verify_report *report = pass->report;
    enum audit_finding finding = audit_check_record(&report->check, line);
    const struct audit_record *record = &report->check.record;
    if (finding != AUDIT_FINDING_SOUND) {
        return finding;
    }
    if (bytes_is(record->type, "log.start")) {
        report->boot = string_of(record->data, "boot");
        report->nonce = string_of(record->data, "nonce");
        report->vkey = string_of(record->data, "vkey");
        report->kernel = string_of(record->data, "kernel");
    }
    count_record(&report->counts, record);
    return bytes_is(record->type, "caps.issued") ? take_table(pass, record) : AUDIT_FINDING_SOUND;
}

static bool occurs(struct bytes lines, struct bytes line)
{
    while (lines.len != 0) {
        bool whole;
        if (bytes_equal(audit_check_line(&lines, &whole), line)) {
            return true;
        }
    }
    return false;
}

static bool has_number(struct bytes lines, uint64_t seq)
{
    struct audit_record record;
    while (lines.len != 0) {
        bool whole;
        if (audit_scan(&record, audit_check_line(&lines, &whole)) && record.seq == seq) {
            return true;
        }
    }
    return false;
}

// Whether what comes from `line` on was signed by another key than the one whose turn it is. The
// next checkpoint tells.
static bool is_of_another_epoch(const struct audit_check *check, struct bytes line,
                                struct bytes after)
{
    struct audit_record record;
    while (!audit_scan(&record, line) || !bytes_is(record.type, "log.checkpoint")) {
        bool whole;
        if (after.len == 0) {
            return false;
        }
        line = audit_check_line(&after, &whole);
    }
    return audit_check_is_of_another_epoch(check, &record);
}

// What was done to a log whose chain breaks at `line`: told by the numbers, which only a forger
// changes.
static enum audit_finding refine(const struct audit_check *check, struct bytes before,
                                 struct bytes line, struct bytes after)
{
    struct audit_record record;
    if (occurs(before, line)) {
        return AUDIT_FINDING_DUPLICATED;
    }
    if (!audit_scan(&record, line) || record.seq == check->next_seq) {
        return AUDIT_FINDING_CHANGED;
    }
    bool moved = record.seq < check->next_seq || has_number(after, check->next_seq);
    if (is_of_another_epoch(check, line, after)) {
        return moved ? AUDIT_FINDING_EPOCH_SWAPPED : AUDIT_FINDING_EPOCH_MISSING;
    }
    return moved ? AUDIT_FINDING_MOVED : AUDIT_FINDING_REMOVED;
}

static enum audit_finding verify_lines(struct pass *pass, struct bytes file)
{
    struct audit_verify_report *report = pass->report;
    struct bytes rest = file;
    for (report->line = 1; rest.len != 0; report->line++) {
        struct bytes before = {file.at, file.len - rest.len};
        bool whole;
        struct bytes line = audit_check_line(&rest, &whole);
        if (!whole) {
            return AUDIT_FINDING_TRUNCATED;
        }
        enum audit_finding finding = take_record(pass, line);
        if (finding == AUDIT_FINDING_PREV ||
            (finding == AUDIT_FINDING_AFTER_END && occurs(before, line))) {
            return refine(&report->check, before, line, rest);
        }
        if (finding != AUDIT_FINDING_SOUND) {
            return finding;
        }
    }
    if (report->counts.lost != 0) {
        return AUDIT_FINDING_LOSS;
    }
    return audit_check_end(&report->check);
}

void audit_verify(struct audit_verify_report *out, struct bytes file,
                  const struct audit_expected *expected, const struct audit_verify_plan *plan)
{
    struct pass pass = {.report = out, .plan = plan, .next_part = 1};
    *out = (struct audit_verify_report){.check = {.expected = *expected}};
    out->finding = verify_lines(&pass, file);
    bool known = expected->key != NULL && out->check.checkpoints != 0;
    out->signed_count = audit_check_signed(&out->check);
    if (known && out->signed_count < out->check.noted_size &&
        audit_verify_verdict(out->finding) != AUDIT_VERDICT_INVALID) {
        out->finding = AUDIT_FINDING_SIGNATURE;
    }
}

bool audit_verify_conforms(const struct audit_verify_report *report)
{
    const struct audit_verify_counts *c = &report->counts;
    return (c->refused | c->denied | c->faults | c->killed | c->failed | c->leaked) == 0;
}

enum audit_verdict audit_verify_verdict(enum audit_finding finding)
{
    switch (finding) {
    case AUDIT_FINDING_SOUND:
        return AUDIT_VERDICT_SOUND;
    case AUDIT_FINDING_PLAN:
        return AUDIT_VERDICT_DIFFERS;
    case AUDIT_FINDING_TRUNCATED:
    case AUDIT_FINDING_NO_END:
    case AUDIT_FINDING_NO_SEAL:
    case AUDIT_FINDING_LOSS:
        return AUDIT_VERDICT_INCOMPLETE;
    default:
        return AUDIT_VERDICT_INVALID;
    }
}
