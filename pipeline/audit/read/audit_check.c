// SPDX-License-Identifier: BSD-2-Clause

// A log record by record, as an offline reader must (spec/audit.md, 5): form, place, chain,
// numbers, time, and what its own records about it say: losses, counters, tree heads, keys. A
// finding ends the check: behind it nothing is known. Nothing here is believed because the log says
// it; the run's key, nonce and boot come from the reader.

#include "audit_check.h"

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

static bool read_count(uint64_t *to, struct bytes object, const char *name)
{
    return audit_scan_count(to, audit_scan_member(object, name));
}

static bool read_string(struct bytes *to, struct bytes object, const char *name)
{
    return audit_scan_string(to, audit_scan_member(object, name));
}

static bool follows(const struct audit_check *check, const struct audit_record *record)
{
    char at[16];
    struct text want = text_of(at, sizeof at);
    text_put_hex(&want, (struct bytes){check->last_leaf.at, 8});
    return bytes_equal(text_bytes(&want), record->prev);
}

static uint64_t sum_of(struct bytes counts)
{
    uint64_t sum = 0, count;
    struct bytes name, value;
    size_t at = 1;
    while (audit_scan_next(&name, &value, &at, counts)) {
        sum += audit_scan_count(&count, value) ? count : 0;
    }
    return sum;
}

// A loss covers all numbers from the one expected to the one before the record that reports it.
static bool covers_gap(const struct audit_check *check, const struct audit_record *record)
{
    uint64_t first, last, count;
    return read_count(&first, record->data, "first") && read_count(&last, record->data, "last") &&
           read_count(&count, record->data, "count") && first == check->next_seq && last >= first &&
           count == last - first + 1 && record->seq == last + 1 &&
           sum_of(audit_scan_member(record->data, "by_type")) == count;
}

// The counters of a record against what was seen before it and `itself` (1 when it counts itself).
static bool adds_up(const struct audit_check *check, const struct audit_record *record,
                    uint64_t itself)
{
    uint64_t attempted, stored, dropped, suppressed;
    return read_count(&attempted, record->data, "attempted") &&
           read_count(&stored, record->data, "stored") &&
           read_count(&dropped, record->data, "dropped") &&
           read_count(&suppressed, record->data, "suppressed") &&
           attempted == check->next_seq + itself && stored == check->tree.size + itself &&
           dropped == check->dropped && suppressed == check->suppressed;
}

static bool has_root(const struct audit_check *check, const struct audit_record *record)
{
    char at[80];
    struct bytes root;
    uint64_t size;
    struct text want = text_of(at, sizeof at);
    struct audit_digest head = audit_tree_root(&check->tree);
    text_put(&want, "sha256:");
    text_put_hex(&want, (struct bytes){head.at, sizeof head.at});
    return read_count(&size, record->data, "size") && size == check->tree.size &&
           read_string(&root, record->data, "root") && bytes_equal(text_bytes(&want), root);
}

// Whether log.start is that of the run that the reader asks about.
static enum audit_finding check_start(const struct audit_check *check,
                                      const struct audit_record *record)
{
    const struct audit_expected *want = &check->expected;
    struct bytes vkey, nonce, boot;
    if (want->key != NULL &&
        (!read_string(&vkey, record->data, "vkey") || !bytes_equal(vkey, want->vkey))) {
        return AUDIT_FINDING_KEY;
    }
    if (want->has_nonce &&
        (!read_string(&nonce, record->data, "nonce") || !bytes_equal(nonce, want->nonce))) {
        return AUDIT_FINDING_NONCE;
    }
    if (want->boot.len != 0 &&
        (!read_string(&boot, record->data, "boot") || !bytes_equal(boot, want->boot))) {
        return AUDIT_FINDING_BOOT;
    }
    return AUDIT_FINDING_SOUND;
}

static enum audit_finding finding_of(enum audit_note_verdict verdict)
{
    switch (verdict) {
    case AUDIT_NOTE_FORM:
        return AUDIT_FINDING_CHECKPOINT;
    case AUDIT_NOTE_LOG:
        return AUDIT_FINDING_KEY;
    case AUDIT_NOTE_KEY:
        return AUDIT_FINDING_EPOCH_KEY;
    case AUDIT_NOTE_SIGNATURE:
        return AUDIT_FINDING_SIGNATURE;
    case AUDIT_NOTE_SOUND:
        break;
    }
    return AUDIT_FINDING_SOUND;
}

static struct text read_note(char *at, const struct audit_record *record)
{
    struct bytes note = {0};
    struct text text = text_of(at, AUDIT_NOTE_LEN);
    if (read_string(&note, record->data, "note")) {
        audit_scan_unescape(&text, note);
    }
    return text;
}

// The key that signs now; NULL when none is known.
static const struct audit_note_key *key_of(const struct audit_check *check)
{
    return check->expected.key == NULL ? NULL
           : check->epoch == 0         ? check->expected.key
                                       : &check->key;
}

bool audit_check_is_of_another_epoch(const struct audit_check *check,
                                     const struct audit_record *checkpoint)
{
    char at[AUDIT_NOTE_LEN];
    struct text text = read_note(at, checkpoint);
    struct audit_note note;
    return audit_note_read(&note, text_bytes(&text), key_of(check)) == AUDIT_NOTE_KEY;
}

static enum audit_finding check_checkpoint(const struct audit_check *check,
                                           const struct audit_record *record)
{
    char at[AUDIT_NOTE_LEN];
    struct text text = read_note(at, record);
    struct audit_note note;
    uint64_t said;
    struct audit_digest head = audit_tree_root(&check->tree);
    // The last one of an epoch is all that its key says for good: the next key cannot say it again.
    bool verify = check->expected.every_signature || check->turning;
    enum audit_finding finding = finding_of(
        (verify ? audit_note_open : audit_note_read)(&note, text_bytes(&text), key_of(check)));
    if (text.cut || finding != AUDIT_FINDING_SOUND) {
        return text.cut ? AUDIT_FINDING_CHECKPOINT : finding;
    }
    if (!read_count(&said, record->data, "size") || said != note.size ||
        note.size != check->tree.size) {
        return AUDIT_FINDING_SIZE;
    }
    bool same = memcmp(note.root.at, head.at, sizeof head.at) == 0;
    return same ? AUDIT_FINDING_SOUND : AUDIT_FINDING_ROOT;
}

// A key of the run under the run's name; without a key there is no name to hold it against.
static bool read_next(struct audit_note_key *out, const struct audit_check *check,
                      const struct audit_record *record)
{
    struct bytes vkey;
    if (!read_string(&vkey, record->data, "vkey") || !audit_note_read_vkey(out, vkey)) {
        return false;
    }
    const struct audit_note_key *run = check->expected.key;
    if (run == NULL) {
        return true;
    }
    bool same = bytes_equal(out->name, run->name);
    out->name = run->name; // which outlives the record
    return same;
}

static enum audit_finding check_epoch(const struct audit_check *check,
                                      const struct audit_record *record)
{
    struct audit_note_key next;
    uint64_t number;
    if (!read_count(&number, record->data, "epoch") || !read_next(&next, check, record)) {
        return AUDIT_FINDING_EPOCH_KEY;
    }
    if (number != check->epoch + 1) {
        return number > check->epoch ? AUDIT_FINDING_EPOCH_MISSING : AUDIT_FINDING_EPOCH_SWAPPED;
    }
    return AUDIT_FINDING_SOUND;
}

static enum audit_finding check_content(const struct audit_check *check,
                                        const struct audit_record *record)
{
    if (bytes_is(record->type, "log.start")) {
        return check_start(check, record);
    }
    if (bytes_is(record->type, "log.checkpoint")) {
        return check_checkpoint(check, record);
    }
    if (check->turning) {
        return AUDIT_FINDING_EPOCH_OPEN;
    }
    if (bytes_is(record->type, "log.key")) {
        return check_epoch(check, record);
    }
    if (bytes_is(record->type, "log.stats") && !adds_up(check, record, 0)) {
        return AUDIT_FINDING_COUNTERS;
    }
    if (bytes_is(record->type, "log.end")) {
        if (!adds_up(check, record, 1)) {
            return AUDIT_FINDING_COUNTERS;
        }
        return has_root(check, record) ? AUDIT_FINDING_SOUND : AUDIT_FINDING_ROOT;
    }
    return AUDIT_FINDING_SOUND;
}

// After log.end there is only the checkpoint that covers it.
static bool is_after_end(const struct audit_check *check, const struct audit_record *record)
{
    return check->sealed || (check->ended && !bytes_is(record->type, "log.checkpoint"));
}

// The order of these checks is part of the interface: it decides which finding a wrong log has.
static enum audit_finding check_place(const struct audit_check *check,
                                      const struct audit_record *record)
{
    if (is_after_end(check, record)) {
        return AUDIT_FINDING_AFTER_END;
    }
    if ((check->tree.size == 0) != bytes_is(record->type, "log.start")) {
        return AUDIT_FINDING_START;
    }
    if (!follows(check, record)) {
        return AUDIT_FINDING_PREV;
    }
    if (bytes_is(record->type, "log.drop")) {
        if (!covers_gap(check, record)) {
            return AUDIT_FINDING_DROP;
        }
    } else if (record->seq != check->next_seq) {
        return AUDIT_FINDING_SEQ;
    }
    return record->time < check->last_time ? AUDIT_FINDING_TIME : check_content(check, record);
}

static void keep_note(struct audit_check *check, const struct audit_record *record)
{
    struct text note = read_note(check->note, record);
    check->note_len = note.len;
    check->noted_size = check->tree.size;
    check->checkpoints++;
    check->sealed = check->ended;
}

// After log.key its key waits for the checkpoint of the one before, which closes its epoch: an old
// key can say nothing about records that a new one covers.
static void change_key(struct audit_check *check, const struct audit_record *record)
{
    if (check->turning) {
        check->key = check->next;
        check->epoch++;
        check->closed_size = check->tree.size;
    }
    check->turning = bytes_is(record->type, "log.key") && read_next(&check->next, check, record);
}

static void advance(struct audit_check *check, const struct audit_record *record,
                    struct bytes bytes)
{
    if (bytes_is(record->type, "log.checkpoint")) {
        keep_note(check, record);
    }
    change_key(check, record);
    check->dropped += record->seq - check->next_seq;
    check->suppressed += record->folded - 1;
    check->next_seq = record->seq + 1;
    check->last_time = record->time;
    check->last_leaf = audit_tree_leaf(bytes);
    audit_tree_append(&check->tree, &check->last_leaf);
    check->ended |= bytes_is(record->type, "log.end");
    check->record = *record;
}

enum audit_finding audit_check_record(struct audit_check *check, struct bytes bytes)
{
    struct audit_record record;
    if (!audit_scan(&record, bytes)) {
        return AUDIT_FINDING_FORM;
    }
    enum audit_finding finding = check_place(check, &record);
    if (finding == AUDIT_FINDING_SOUND) {
        advance(check, &record, bytes);
    }
    return finding;
}

// Of the last checkpoint, unless that was verified when it came, as that of an epoch before.
static enum audit_finding check_signature(const struct audit_check *check)
{
    struct audit_note note;
    struct bytes text = {(const uint8_t *)check->note, check->note_len};
    bool verified = check->expected.every_signature || check->noted_size == check->closed_size;
    return check->expected.key == NULL || verified
               ? AUDIT_FINDING_SOUND
               : finding_of(audit_note_open(&note, text, key_of(check)));
}

uint64_t audit_check_signed(const struct audit_check *check)
{
    if (check->expected.key == NULL || check->checkpoints == 0) {
        return 0;
    }
    bool last = check_signature(check) == AUDIT_FINDING_SOUND;
    return last ? check->noted_size : check->closed_size;
}

enum audit_finding audit_check_end(const struct audit_check *check)
{
    if (check->checkpoints != 0) {
        enum audit_finding finding = check_signature(check);
        if (finding != AUDIT_FINDING_SOUND) {
            return finding;
        }
    }
    if (!check->ended) {
        return AUDIT_FINDING_NO_END;
    }
    return check->sealed ? AUDIT_FINDING_SOUND : AUDIT_FINDING_NO_SEAL;
}

struct bytes audit_check_line(struct bytes *rest, bool *whole)
{
    const uint8_t *end = memchr(rest->at, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
    size_t taken = end == NULL ? len : len + 1;
    struct bytes line = bytes_part(*rest, 0, len);
    *rest = bytes_part(*rest, taken, rest->len - taken);
    *whole = end != NULL;
    return line;
}

enum audit_finding audit_check_lines(size_t *line, struct audit_check *check, struct bytes file)
{
    *line = 1;
    for (; file.len != 0; (*line)++) {
        bool whole;
        struct bytes record = audit_check_line(&file, &whole);
        if (!whole) {
            return AUDIT_FINDING_TRUNCATED; // a record ends with LF
        }
        enum audit_finding finding = audit_check_record(check, record);
        if (finding != AUDIT_FINDING_SOUND) {
            return finding;
        }
    }
    return audit_check_end(check);
}
