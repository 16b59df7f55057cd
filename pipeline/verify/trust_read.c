// SPDX-License-Identifier: BSD-2-Clause
#include "trust.h"

#include "name.h"
#include "number.h"
#include "trust_ceiling.h"
#include "trust_check.h"

// Trust file -> struct trust: every value with its type, then schema_finish, then the rules that
// need several values at once (trust_check.c).

static const struct schema_codes codes = {
    .unknown_key = STATUS_POLICY_SCHEMA,
    .missing_key = STATUS_POLICY_SCHEMA,
    .value = STATUS_POLICY_SCHEMA,
};

// TOML integers are signed; a counter of the header beyond this matches open windows only.
static const struct schema_range any_counter = {0, INT64_MAX};
static const struct schema_range any_u32 = {0, UINT32_MAX};

static bool is_digest(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return text.len == (size_t)2 * CRYPTO_DIGEST;
}

static const struct schema_form digest_form = {is_digest, "64 lower-case hexadecimal digits"};
static const struct schema_form label_form = {name_is_label, "a label: [a-z][a-z0-9-]{0,30}"};

// An empty text, of a value that is missing, leaves `out` zero.
static void decode_digest(uint8_t out[static CRYPTO_DIGEST], struct bytes hex)
{
    for (size_t i = 0; 2 * i < hex.len; i++) {
        out[i] =
            (uint8_t)(number_digit(hex.at[2 * i], 16) << 4 | number_digit(hex.at[2 * i + 1], 16));
    }
}

static const struct bytes *plain_texts(struct schema *s, const struct toml *at,
                                       struct schema_texts list)
{
    struct bytes *texts = schema_take(s, at, list.count, sizeof *texts);
    for (size_t i = 0; texts != NULL && i < list.count; i++) {
        texts[i] = list.at[i].value;
    }
    return texts;
}

static void read_denied(struct trust *t, struct schema *s, struct toml *root)
{
    struct schema_texts list = schema_strings(s, root, "deny", &digest_form);
    uint8_t(*ids)[CRYPTO_DIGEST] = schema_take(s, root, list.count, sizeof *ids);
    for (size_t i = 0; ids != NULL && i < list.count; i++) {
        decode_digest(ids[i], list.at[i].value);
    }
    t->denied = (const uint8_t(*)[CRYPTO_DIGEST])ids;
    t->denied_count = ids == NULL ? 0 : list.count;
}

static const struct trust_ceiling *find_ceiling(const struct trust *t, struct bytes name)
{
    for (size_t i = 0; i < t->ceiling_count; i++) {
        if (bytes_equal(t->ceilings[i].name, name)) {
            return &t->ceilings[i];
        }
    }
    return NULL;
}

// Without `counters` a key is good for every counter, unless it is retired. What is not a window
// becomes an empty one, which trust_check refuses.
static void read_window(struct trust_key *key, struct schema *s, struct toml *table)
{
    struct schema_numbers window = schema_integers(s, table, "counters", any_counter);
    if (window.count == 2) {
        key->counter_low = window.at[0].value;
        key->counter_high = window.at[1].value;
    } else if (!schema_has(table, "counters") && key->state != TRUST_RETIRED) {
        key->counter_low = 0;
        key->counter_high = UINT64_MAX;
    } else {
        key->counter_low = 1;
        key->counter_high = 0;
    }
}

static void read_key(struct trust_key *key, const struct trust *t, struct schema *s,
                     struct toml *table)
{
    static const char *const states[] = {"active", "retired", "revoked", NULL};
    key->id = schema_string(s, table, "id", &label_form).value;
    decode_digest(key->key, schema_string(s, table, "ed25519", &digest_form).value);
    key->state = (enum trust_state)schema_choice_or(s, table, "state", states, TRUST_ACTIVE);
    struct schema_texts names = schema_strings(s, table, "names", NULL);
    key->names = plain_texts(s, table, names);
    key->name_count = names.count;
    read_window(key, s, table);
    key->ceiling = find_ceiling(t, schema_string_or(s, table, "ceiling", NULL, "").value);
}

static void read_keys(struct trust *t, struct schema *s, struct toml *root)
{
    struct toml *list = schema_tables(s, root, "key");
    size_t count = list == NULL ? 0 : list->count;
    if (count == 0 || count > BOUND_KEYS) {
        schema_fail(s, list == NULL ? root : list, STATUS_POLICY_SCHEMA, "1 to 64 [[key]] tables");
        return;
    }
    struct trust_key *keys = schema_take_each(s, list, sizeof *keys);
    struct toml *table = keys == NULL ? NULL : schema_first(s, list);
    for (; table != NULL; table = schema_next(s, table)) {
        read_key(&keys[t->key_count++], t, s, table);
    }
    t->keys = keys;
}

static void read_rule(struct trust_rule *rule, struct schema *s, struct toml *table)
{
    static const char *const classes[TRUST_CLASSES] = {"irq", "ioport", "dma"};
    rule->names = schema_string(s, table, "names", NULL).value;
    rule->threshold = (uint32_t)schema_integer(s, table, "threshold", any_u32).value;
    rule->floor = schema_integer_or(s, table, "floor", any_counter, 0).value;
    struct toml *stricter = schema_table_or_null(s, table, "threshold-for");
    for (size_t i = 0; i < TRUST_CLASSES; i++) {
        rule->threshold_for[i] =
            (uint32_t)schema_integer_or(s, stricter, classes[i], any_u32, rule->threshold).value;
    }
}

static void read_rules(struct trust *t, struct schema *s, struct toml *root)
{
    struct toml *list = schema_tables(s, root, "rule");
    size_t count = list == NULL ? 0 : list->count;
    if (count == 0 || count > BOUND_RULES) {
        schema_fail(s, list == NULL ? root : list, STATUS_POLICY_SCHEMA,
                    "1 to 256 [[rule]] tables");
        return;
    }
    struct trust_rule *rules = schema_take_each(s, list, sizeof *rules);
    struct toml *table = rules == NULL ? NULL : schema_first(s, list);
    for (; table != NULL; table = schema_next(s, table)) {
        read_rule(&rules[t->rule_count++], s, table);
    }
    t->rules = rules;
}

static size_t find_key(const struct trust *t, struct bytes id)
{
    size_t i = 0;
    while (i < t->key_count && !bytes_equal(t->keys[i].id, id)) {
        i++;
    }
    return i;
}

// Names each key of `list` by one bit; a key that is not listed, or named twice, is refused.
static void read_root(struct trust *t, struct schema *s, struct toml *root)
{
    struct toml *table = schema_table_or_null(s, root, "root");
    struct schema_texts list = schema_strings(s, table, "keys", &label_form);
    t->root_threshold = (uint32_t)schema_integer(s, table, "threshold", any_u32).value;
    const struct toml *at = list.count == 0 ? NULL : toml_find(table, bytes_text("keys"))->first;
    for (size_t i = 0; i < list.count; i++, at = at->next) {
        size_t key = find_key(t, list.at[i].value);
        if (key == t->key_count) {
            schema_fail(s, at, STATUS_POLICY_UNKNOWN_KEY, "the id of a [[key]]");
            return;
        }
        if ((t->root_keys >> key & 1) != 0) {
            schema_fail(s, at, STATUS_POLICY_DUP_KEY, "each key once");
            return;
        }
        t->root_keys |= UINT64_C(1) << key;
    }
}

enum status trust_read(struct trust *out, struct bytes text, struct arena *arena, struct diag *diag)
{
    struct schema s = {.codes = &codes, .text = text, .arena = arena, .diag = diag};
    struct trust t = {.binary_max = PACKAGE_BINARY_MAX};
    struct toml *root = schema_parse(&s);
    if (root == NULL) {
        return s.status;
    }
    (void)schema_integer(&s, root, "schema", (struct schema_range){1, 1});
    t.counter = schema_integer(&s, root, "counter", any_counter).value;
    read_denied(&t, &s, root);
    trust_ceiling_read(&t, &s, root);
    read_keys(&t, &s, root);
    read_rules(&t, &s, root);
    read_root(&t, &s, root);
    enum status status = schema_finish(&s);
    if (status == STATUS_OK) {
        status = trust_check(&t, &s);
    }
    if (status == STATUS_OK) {
        *out = t;
    }
    return status;
}
