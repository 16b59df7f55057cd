// SPDX-License-Identifier: BSD-2-Clause

// One run into the tables (spec/audit-index.md, 1 and 2): the records up to the first finding, what
// was found, and what they were checked with. A run is there once: of two logs of one boot the one
// that is worth more stays, and of two that are worth the same the longer one.

#include "index_import.h"

#include "index_names.h"
#include "index_row.h"

#include <inttypes.h>
#include <stdio.h>

enum { HEAD = 7 + 2 * sizeof(struct audit_digest) };

static const char *const key_names[] = {
    [INDEX_KEY_GIVEN] = "given", [INDEX_KEY_REPORT] = "report", [INDEX_KEY_NONE] = "none"};

static const char *const verdict_names[] = {
    [AUDIT_VERDICT_SOUND] = "sound",
    [AUDIT_VERDICT_DIFFERS] = "sound", // from a plan, which an index does not know
    [AUDIT_VERDICT_INCOMPLETE] = "incomplete",
    [AUDIT_VERDICT_INVALID] = "invalid",
};

// Where an event stands.
struct place {
    int64_t run;
    uint64_t line;
};

static struct index_value put_text(const char *literal)
{
    return index_text(bytes_text(literal));
}

static struct index_value text_or_null(struct bytes text)
{
    return text.len != 0 ? index_text(text) : (struct index_value){0};
}

static struct index_value number_or_null(int64_t number)
{
    return number != INDEX_NAMES_NONE ? index_number((uint64_t)number) : (struct index_value){0};
}

static struct bytes put_head(char at[static HEAD], const struct audit_tree *tree)
{
    struct audit_digest root = audit_tree_root(tree);
    struct text text = text_of(at, HEAD);
    text_put(&text, "sha256:");
    text_put_hex(&text, (struct bytes){root.at, sizeof root.at});
    return text_bytes(&text);
}

// How much a judgement is worth: its verdict first, then whose key it rests on. The statement in
// find_known says the same of what is there.
static int64_t worth(const struct index_log *log)
{
    enum audit_verdict verdict = audit_verify_verdict(log->report->finding);
    int64_t of_key = log->key_from == INDEX_KEY_GIVEN ? 2 : log->key_from == INDEX_KEY_REPORT;
    int64_t of_verdict = verdict == AUDIT_VERDICT_INVALID      ? 0
                         : verdict == AUDIT_VERDICT_INCOMPLETE ? 3
                                                               : 6;
    return of_verdict + of_key;
}

// What the index has of this boot, for the log that comes.
struct known {
    const struct index_log *log;
    bool there;
    int64_t weaker; // the run that the log takes the place of; 0 = none
};

// The tree head of the log's first records.
static struct bytes head_of_first(char at[static HEAD], const struct index_log *log, uint64_t count)
{
    struct audit_tree tree = {0};
    struct bytes rest = log->log;
    while (tree.size < count && rest.len != 0) {
        bool whole;
        struct audit_digest leaf = audit_tree_leaf(audit_check_line(&rest, &whole));
        audit_tree_append(&tree, &leaf);
    }
    return put_head(at, &tree);
}

// Whether the longer log that is there has our last checkpoint as a record: `data`, of the line
// where ours stands.
static bool has_our_checkpoint(const struct audit_check *check, struct bytes data)
{
    struct bytes inside;
    char at[AUDIT_NOTE_LEN];
    struct text note = text_of(at, sizeof at);
    if (!audit_scan_string(&inside, audit_scan_member(data, "note"))) {
        return false;
    }
    audit_scan_unescape(&note, inside);
    return bytes_equal(text_bytes(&note),
                       (struct bytes){(const uint8_t *)check->note, check->note_len});
}

// A row: id, records, head, worth, data of the line where our last checkpoint stands.
static void take_known(void *context, const struct index_value *row, size_t count)
{
    struct known *known = context;
    const struct audit_check *check = &known->log->report->check;
    uint64_t records = (uint64_t)row[1].number;
    char at[HEAD];
    if (count != 5) {
        return;
    }
    if (records > check->tree.size) {
        known->there |= check->checkpoints != 0 && has_our_checkpoint(check, row[4].text);
    } else if (bytes_equal(head_of_first(at, known->log, records), row[2].text)) {
        known->there |= records == check->tree.size && row[3].number >= worth(known->log);
        known->weaker = row[0].number;
    }
}

static enum status find_known(struct known *known, struct index_store *store, struct diag *diag)
{
    const struct audit_verify_report *report = known->log->report;
    const struct index_statement statement = {
        .sql =
            "SELECT r.id, r.records, r.head, CASE r.verdict WHEN 'sound' THEN 6 WHEN 'incomplete'"
            " THEN 3 ELSE 0 END + CASE r.key_from WHEN 'given' THEN 2 WHEN 'report' THEN 1 ELSE"
            " 0 END, coalesce(e.data, '') FROM run r LEFT JOIN event e ON e.run = r.id AND "
            "e.line = $2 WHERE r.boot = $1",
        .parameters = {index_text(report->boot), index_number(report->check.noted_size + 1)},
        .types = {[1] = INDEX_NUMBER}};
    const struct index_sink sink = {.row = take_known, .context = known};
    return store->operations->query(store, &statement, &sink, diag);
}

static void take_id(void *context, const struct index_value *row, size_t count)
{
    int64_t *id = context;
    *id = count == 1 ? row[0].number : 0;
}

// The number of the run to add, after what it replaces is gone.
static enum status make_room(int64_t *id, struct index_store *store, int64_t weaker,
                             struct diag *diag)
{
    const struct index_statement next = {.sql = "SELECT coalesce(max(id), 0) + 1 FROM run"};
    const struct index_sink sink = {.row = take_id, .context = id};
    enum status status = STATUS_OK;
    if (weaker != 0) {
        char sql[256];
        snprintf(
            sql, sizeof sql,
            "DELETE FROM event WHERE run = %" PRId64 "; DELETE FROM target WHERE run = %" PRId64
            "; DELETE FROM package WHERE run = %" PRId64 "; DELETE FROM run WHERE id = %" PRId64,
            weaker, weaker, weaker, weaker);
        status = store->operations->script(store, sql, diag);
    }
    return status == STATUS_OK ? store->operations->query(store, &next, &sink, diag) : status;
}

static enum status put_run(struct index_store *store, int64_t id, const struct index_log *log,
                           struct diag *diag)
{
    const struct audit_verify_report *report = log->report;
    const struct audit_check *check = &report->check;
    uint64_t began = log->ended > check->last_time ? log->ended - check->last_time : 0;
    char at[HEAD];
    const struct index_value values[] = {
        index_number((uint64_t)id),
        index_text(report->boot),
        index_text(put_head(at, &check->tree)),
        index_text(report->nonce),
        index_text(report->vkey),
        index_text(report->kernel),
        index_number(began),
        put_text(log->clock == INDEX_CLOCK_STATEMENT ? "statement" : "file"),
        index_number(check->last_time),
        index_number(check->tree.size),
        index_number(check->checkpoints),
        index_number(report->signed_count),
        index_number(check->dropped),
        index_number(check->suppressed),
        put_text(verdict_names[audit_verify_verdict(report->finding)]),
        put_text(audit_check_name(report->finding)),
        index_number(report->line),
        put_text(key_names[log->key_from]),
    };
    _Static_assert(sizeof values / sizeof values[0] == 18, "the columns of run");
    return store->operations->put(store, INDEX_RUN, values, diag);
}

static enum status put_package(struct index_store *store, int64_t run, size_t i,
                               const struct index_package *package, struct diag *diag)
{
    const struct index_value values[] = {
        index_number((uint64_t)run),
        index_number(i),
        index_text(index_names_string(package->data, "name")),
        index_text(index_names_string(package->data, "version")),
        index_text(index_names_string(package->data, "pkg")),
        index_text(index_names_string(package->data, "policy")),
        index_text(index_names_string(package->data, "signer")),
        index_number(package->verified),
    };
    return store->operations->put(store, INDEX_PACKAGE, values, diag);
}

static enum status put_names(struct index_store *store, int64_t run,
                             const struct index_names *names, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < names->package_count && status == STATUS_OK; i++) {
        status = put_package(store, run, i, &names->packages[i], diag);
    }
    for (size_t i = 0; i < names->target_count && status == STATUS_OK; i++) {
        const struct index_target *target = &names->targets[i];
        const struct index_value values[] = {
            index_number((uint64_t)run), index_number(i), index_text(target->name),
            number_or_null(target->package), index_text(target->plan)};
        status = store->operations->put(store, INDEX_TARGET, values, diag);
    }
    return status;
}

static enum status put_event(struct index_store *store, struct place at,
                             const struct index_names *names, const struct audit_record *record,
                             struct diag *diag)
{
    struct index_row row;
    index_row_of(&row, record);
    int64_t target = index_names_target(names, record);
    const struct index_value values[] = {
        index_number((uint64_t)at.run),
        index_number(at.line),
        index_number(record->seq),
        index_number(record->time),
        number_or_null(record->folded > 1 ? (int64_t)record->first_at : INDEX_NAMES_NONE),
        index_number(record->folded),
        index_text(record->type),
        index_text(record->severity),
        number_or_null(target),
        number_or_null(target != INDEX_NAMES_NONE ? (int64_t)record->incarnation
                                                  : INDEX_NAMES_NONE),
        number_or_null(index_names_package(names, record, target)),
        text_or_null(bytes_text(row.class != NULL ? row.class : "")),
        row.lasted ? index_number(row.duration) : (struct index_value){0},
        text_or_null(row.reason),
        text_or_null(text_bytes(&row.what)),
        index_text(record->data),
    };
    _Static_assert(sizeof values / sizeof values[0] == 16, "the columns of event");
    return store->operations->put(store, INDEX_EVENT, values, diag);
}

static enum status put_all(struct index_store *store, int64_t run, const struct index_log *log,
                           struct index_names *names, struct diag *diag)
{
    struct bytes rest = log->log;
    enum status status = put_run(store, run, log, diag);
    if (status == STATUS_OK) {
        status = put_names(store, run, names, diag);
    }
    for (uint64_t i = 0; i < log->report->check.tree.size && status == STATUS_OK; i++) {
        struct audit_record record;
        bool whole;
        struct place at = {.run = run, .line = i + 1};
        bool read = audit_scan(&record, audit_check_line(&rest, &whole));
        if (read) {
            index_names_follow(names, &record);
        }
        status = read ? put_event(store, at, names, &record, diag) : STATUS_BUG;
    }
    return status;
}

enum status index_import(enum index_outcome *out, struct index_store *store,
                         const struct index_log *log, struct diag *diag)
{
    struct known known = {.log = log};
    struct index_names names;
    int64_t run = 0;
    if (log->report->boot.len == 0) {
        return diag_fail(diag, STATUS_INDEX_LOG, "log.start", 0);
    }
    enum status status = find_known(&known, store, diag);
    if (status != STATUS_OK || known.there) {
        *out = INDEX_AGAIN;
        return status;
    }
    status = make_room(&run, store, known.weaker, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = index_names_read(&names, log->log, log->report->check.tree.size);
    if (status != STATUS_OK) {
        diag_fail(diag, status, "names of the log", 0);
    } else {
        status = put_all(store, run, log, &names, diag);
    }
    index_names_free(&names);
    *out = known.weaker != 0 ? INDEX_REPLACED : INDEX_NEW;
    return status;
}
