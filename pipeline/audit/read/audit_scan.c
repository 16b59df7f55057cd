// SPDX-License-Identifier: BSD-2-Clause

// JSON as the log writes it, and no other: printable ASCII, no spaces, whole numbers up to 2^53 - 1
// (RFC 7493, 2.2), no name twice, names without escapes. So every record has one reading, whichever
// parser looks at it later. No recursion and no memory: depth and names are bounded, and what is
// larger is no record.

#include "audit_scan.h"

#include "bounds.h"

#include <string.h>

#define LARGEST_EXACT UINT64_C(0x1fffffffffffff)

enum {
    DEPTH = 8, // objects and arrays within each other; caps.issued has four
    KEYS = 96, // members of all open objects
};

// Where a pass stands: what is open, and the names seen in each open object.
struct scan {
    const uint8_t *at, *end;
    unsigned depth;
    size_t key_count;
    bool is_object[DEPTH];
    size_t first_key[DEPTH];
    struct bytes keys[KEYS];
};

static bool take(struct scan *s, uint8_t want)
{
    if (s->at == s->end || *s->at != want) {
        return false;
    }
    s->at++;
    return true;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The four digits after \u; negative when they are none.
static int take_unit(struct scan *s)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = s->at == s->end ? -1 : hex_value(*s->at++);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

// What follows \u: neither NUL nor half a pair.
static bool take_character(struct scan *s)
{
    int unit = take_unit(s);
    if (unit < 0xd800 || unit > 0xdfff) {
        return unit > 0;
    }
    if (unit > 0xdbff || !take(s, '\\') || !take(s, 'u')) {
        return false;
    }
    unit = take_unit(s);
    return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool take_escape(struct scan *s)
{
    if (s->at == s->end) {
        return false;
    }
    switch (*s->at++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        return take_character(s);
    default:
        return false;
    }
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

// The high bit of each byte that is zero, and of some after one that is.
static uint64_t zeros_of(uint64_t word)
{
    return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80);
}

// Skips, eight at a time, characters that stand for themselves in a string. It may stop early.
static void skip_plain(struct scan *s)
{
    uint64_t word, special = 0;
    while (s->end - s->at >= (ptrdiff_t)sizeof word) {
        memcpy(&word, s->at, sizeof word);
        uint64_t below = (word - EACH_BYTE(0x20)) & ~word, above = word | (word + EACH_BYTE(1));
        special = zeros_of(word ^ EACH_BYTE('"')) | zeros_of(word ^ EACH_BYTE('\\')) |
                  ((below | above) & EACH_BYTE(0x80));
        if (special != 0) {
            return;
        }
        s->at += sizeof word;
    }
}

static bool take_string(struct bytes *inside, struct scan *s)
{
    if (!take(s, '"')) {
        return false;
    }
    const uint8_t *from = s->at;
    skip_plain(s);
    while (s->at != s->end) {
        uint8_t c = *s->at++;
        if (c == '"') {
            *inside = (struct bytes){from, (size_t)(s->at - from) - 1};
            return true;
        }
        if (c < 0x20 || c > 0x7e || (c == '\\' && !take_escape(s))) {
            return false;
        }
    }
    return false;
}

static bool take_number(struct scan *s)
{
    const uint8_t *from = s->at;
    while (s->at != s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
    size_t len = (size_t)(s->at - from);
    return len != 0 && (len == 1 || *from != '0') && len <= 16;
}

static bool take_literal(struct scan *s, const char *literal)
{
    struct bytes want = bytes_text(literal);
    if (!bytes_starts_with((struct bytes){s->at, (size_t)(s->end - s->at)}, want)) {
        return false;
    }
    s->at += want.len;
    return true;
}

// A name that its object does not have yet, and the colon. Escapes would give a name two forms.
static bool take_key(struct bytes *key, struct scan *s)
{
    if (!take_string(key, s) || !take(s, ':') || s->key_count == KEYS ||
        memchr(key->at, '\\', key->len) != NULL) {
        return false;
    }
    for (size_t i = s->first_key[s->depth - 1]; i < s->key_count; i++) {
        if (s->keys[i].len == key->len && bytes_equal(s->keys[i], *key)) {
            return false;
        }
    }
    s->keys[s->key_count++] = *key;
    return true;
}

static bool push(struct scan *s, bool is_object)
{
    if (s->depth == DEPTH) {
        return false;
    }
    s->is_object[s->depth] = is_object;
    s->first_key[s->depth] = s->key_count;
    s->depth++;
    return true;
}

static void pop(struct scan *s)
{
    s->depth--;
    s->key_count = s->first_key[s->depth];
}

static bool take_key_in_object(struct scan *s)
{
    struct bytes key;
    return !s->is_object[s->depth - 1] || take_key(&key, s);
}

// A scalar, or the beginning of an object or array that is not empty: then it stands `*open`.
static bool take_beginning(struct scan *s, bool *open)
{
    struct bytes inside;
    *open = false;
    if (s->at == s->end) {
        return false;
    }
    switch (*s->at) {
    case '"':
        return take_string(&inside, s);
    case 't':
        return take_literal(s, "true");
    case 'f':
        return take_literal(s, "false");
    case '{':
    case '[': {
        bool is_object = *s->at++ == '{';
        if (take(s, is_object ? '}' : ']')) {
            return true;
        }
        *open = true;
        return push(s, is_object) && take_key_in_object(s);
    }
    default:
        return take_number(s);
    }
}

// After a value: a comma and the next name, or the ends of what is open down to `base`.
static bool take_ending(struct scan *s, unsigned base)
{
    while (s->depth > base) {
        if (take(s, ',')) {
            return take_key_in_object(s);
        }
        if (!take(s, s->is_object[s->depth - 1] ? '}' : ']')) {
            return false;
        }
        pop(s);
    }
    return true;
}

static bool take_value(struct bytes *value, struct scan *s)
{
    const uint8_t *from = s->at;
    unsigned base = s->depth;
    do {
        bool open;
        if (!take_beginning(s, &open) || (!open && !take_ending(s, base))) {
            return false;
        }
    } while (s->depth > base);
    *value = (struct bytes){from, (size_t)(s->at - from)};
    return true;
}

bool audit_scan_count(uint64_t *out, struct bytes value)
{
    uint64_t count = 0;
    if (value.len == 0 || value.len > 16) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') {
            return false;
        }
        count = count * 10 + (uint64_t)(value.at[i] - '0');
    }
    *out = count;
    return count <= LARGEST_EXACT;
}

bool audit_scan_string(struct bytes *out, struct bytes value)
{
    if (value.len < 2 || value.at[0] != '"') {
        return false;
    }
    *out = bytes_part(value, 1, value.len - 2);
    return true;
}

enum member { V, SEQ, T, TYPE, SEV, TGT, INC, N, T0, PREV, DATA, MEMBERS };

// Members stand in this order: the one after the last is tried first.
static enum member member_of(struct bytes key, enum member last)
{
    static const char *const names[] = {"v",   "seq", "t",  "type", "sev", "tgt",
                                        "inc", "n",   "t0", "prev", "data"};
    for (unsigned i = 1; i <= MEMBERS; i++) {
        enum member m = (enum member)(((unsigned)last + i) % MEMBERS);
        if (bytes_is(key, names[m])) {
            return m;
        }
    }
    return MEMBERS;
}

static bool is_severity(struct bytes name)
{
    static const char *const names[] = {"debug", "info", "notice", "warn", "error", "critical"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

// True unless the value is one that this member cannot have.
static bool set(struct audit_record *out, enum member member, struct bytes value)
{
    uint64_t version;
    switch (member) {
    case V:
        return audit_scan_count(&version, value) && version == 1;
    case SEQ:
        return audit_scan_count(&out->seq, value);
    case T:
        return audit_scan_count(&out->time, value);
    case TYPE:
        return audit_scan_string(&out->type, value);
    case SEV:
        return audit_scan_string(&out->severity, value) && is_severity(out->severity);
    case TGT:
        return audit_scan_string(&out->target, value);
    case INC:
        return audit_scan_count(&out->incarnation, value);
    case N:
        return audit_scan_count(&out->folded, value);
    case T0:
        return audit_scan_count(&out->first_at, value);
    case PREV:
        return audit_scan_string(&out->prev, value) && out->prev.len == 16;
    case DATA:
        out->data = value;
        return value.at[0] == '{';
    case MEMBERS:
        break;
    }
    return true;
}

#define HAS(seen, member) (((seen) >> (member)&1U) != 0)

// What every record has, and what comes in pairs.
static bool is_complete(const struct audit_record *record, unsigned seen)
{
    unsigned needed =
        1U << V | 1U << SEQ | 1U << T | 1U << TYPE | 1U << SEV | 1U << PREV | 1U << DATA;
    return (seen & needed) == needed && HAS(seen, TGT) == HAS(seen, INC) &&
           HAS(seen, N) == HAS(seen, T0) &&
           (!HAS(seen, N) || (record->folded > 1 && record->first_at <= record->time));
}

bool audit_scan(struct audit_record *out, struct bytes record)
{
    struct scan s;
    enum member member = DATA; // V comes next
    unsigned seen = 0;
    s.at = record.at;
    s.end = record.at + record.len;
    s.depth = 0;
    s.key_count = 0;
    *out = (struct audit_record){.folded = 1};
    if (record.len > BOUND_EVENT || !take(&s, '{') || !push(&s, true)) {
        return false;
    }
    do {
        struct bytes key, value;
        if (!take_key(&key, &s) || !take_value(&value, &s)) {
            return false;
        }
        member = member_of(key, member);
        seen |= 1U << member;
        if (!set(out, member, value)) {
            return false;
        }
    } while (take(&s, ','));
    return take(&s, '}') && s.at == s.end && is_complete(out, seen);
}

bool audit_scan_next(struct bytes *name, struct bytes *value, size_t *at, struct bytes within)
{
    if (within.len < 2 || *at + 1 >= within.len) {
        return false;
    }
    struct scan s; // without its keys, which are not looked at before they are written
    s.at = within.at + *at;
    s.end = within.at + within.len - 1;
    s.depth = 0;
    s.key_count = 0;
    *name = (struct bytes){s.at, 0};
    bool is_object = within.at[0] == '{';
    if ((is_object && (!take_string(name, &s) || !take(&s, ':'))) || !take_value(value, &s)) {
        return false;
    }
    take(&s, ',');
    *at = (size_t)(s.at - within.at);
    return true;
}

struct bytes audit_scan_member(struct bytes object, const char *name)
{
    struct bytes key, value;
    size_t at = 1;
    while (audit_scan_next(&key, &value, &at, object)) {
        if (bytes_is(key, name)) {
            return value;
        }
    }
    return (struct bytes){0};
}

static void put_utf8(struct text *to, uint32_t character)
{
    static const uint8_t first[] = {0, 0xc0, 0xe0, 0xf0};
    unsigned more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    text_char(to, (char)(first[more] | character >> 6 * more));
    while (more-- > 0) {
        text_char(to, (char)(0x80 | (character >> 6 * more & 0x3f)));
    }
}

static void put_escape(struct text *to, struct scan *s)
{
    static const char plain[] = "bfnrt", stands_for[] = "\b\f\n\r\t";
    uint8_t c = *s->at++;
    for (size_t i = 0; i < sizeof plain - 1; i++) {
        if (c == (uint8_t)plain[i]) {
            text_char(to, stands_for[i]);
            return;
        }
    }
    if (c != 'u') {
        text_char(to, (char)c);
        return;
    }
    uint32_t character = (uint32_t)take_unit(s);
    if (character >= 0xd800 && character <= 0xdbff) {
        s->at += 2;
        character = 0x10000 + ((character - 0xd800) << 10) + ((uint32_t)take_unit(s) - 0xdc00);
    }
    put_utf8(to, character);
}

void audit_scan_unescape(struct text *to, struct bytes inside)
{
    struct scan s = {.at = inside.at, .end = inside.at + inside.len};
    while (s.at != s.end) {
        uint8_t c = *s.at++;
        if (c == '\\') {
            put_escape(to, &s);
        } else {
            text_char(to, (char)c);
        }
    }
}
