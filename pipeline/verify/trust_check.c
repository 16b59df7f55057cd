// SPDX-License-Identifier: BSD-2-Clause
#include "trust_check.h"

#include "name.h"
#include "number.h"

static struct toml *child(const struct toml *table, const char *key)
{
    return toml_find(table, bytes_text(key));
}

// Keys.

static void check_distinct(const struct trust *t, size_t i, struct schema *s,
                           const struct toml *table)
{
    for (size_t k = 0; k < i; k++) {
        if (bytes_equal(t->keys[k].id, t->keys[i].id)) {
            schema_refuse_as(s, table, "id", STATUS_POLICY_DUP_KEY, "an id of its own");
        }
        if (memcmp(t->keys[k].key, t->keys[i].key, CRYPTO_KEY) == 0) {
            schema_refuse_as(s, table, "ed25519", STATUS_POLICY_DUP_KEY, "a key of its own");
        }
    }
}

static void check_patterns(const struct trust_key *key, struct schema *s, const struct toml *table)
{
    if (key->name_count == 0) {
        schema_refuse_as(s, table, "names", STATUS_POLICY_SCHEMA, "at least one pattern");
        return;
    }
    const struct toml *at = child(table, "names")->first;
    for (size_t i = 0; i < key->name_count; i++, at = at->next) {
        if (name_pattern_check(key->names[i], NULL) != STATUS_OK) {
            schema_fail(s, at, STATUS_POLICY_PATTERN, "a name, \"prefix.*\" or \"*\"");
        }
    }
}

static void check_key(const struct trust *t, size_t i, struct schema *s, const struct toml *table)
{
    const struct trust_key *key = &t->keys[i];
    check_distinct(t, i, s, table);
    if (!crypto_ed25519_key_sound(key->key)) {
        schema_refuse_as(s, table, "ed25519", STATUS_KEY_WEAK, "a point of prime order");
    }
    check_patterns(key, s, table);
    if (key->counter_low > key->counter_high) {
        schema_refuse_as(s, table, "counters", STATUS_POLICY_WINDOW,
                         "[least, greatest]; a retired key must have it");
    }
    if (child(table, "ceiling") != NULL && key->ceiling == NULL) {
        schema_refuse_as(s, table, "ceiling", STATUS_POLICY_UNKNOWN_CEILING,
                         "the name of a [ceiling.NAME]");
    }
}

// Rules.

// A malformed pattern, such as an empty one, is refused elsewhere and may still come here.
static bool is_wide(struct bytes pattern)
{
    return pattern.len != 0 && pattern.at[pattern.len - 1] == '*';
}

// Whether some name matches both patterns.
static bool patterns_meet(struct bytes a, struct bytes b)
{
    if (bytes_is(a, "*") || bytes_is(b, "*")) {
        return true;
    }
    bool wide_a = is_wide(a), wide_b = is_wide(b);
    if (wide_a && wide_b) {
        struct bytes prefix_a = bytes_part(a, 0, a.len - 1);
        struct bytes prefix_b = bytes_part(b, 0, b.len - 1);
        return bytes_starts_with(prefix_a, prefix_b) || bytes_starts_with(prefix_b, prefix_a);
    }
    return wide_a ? name_matches(a, b) : name_matches(b, a);
}

// The keys that may sign some name of the rule. Revoked ones are among them: to revoke a key must
// never make a trust file invalid.
static size_t keys_in_scope(const struct trust *t, const struct trust_rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < t->key_count; i++) {
        bool meets = false;
        for (size_t k = 0; k < t->keys[i].name_count; k++) {
            meets = meets || patterns_meet(t->keys[i].names[k], rule->names);
        }
        count += meets;
    }
    return count;
}

static void check_thresholds(const struct trust *t, const struct trust_rule *rule, struct schema *s,
                             const struct toml *table)
{
    size_t most = keys_in_scope(t, rule);
    if (rule->threshold == 0 || rule->threshold > most) {
        schema_refuse_as(s, table, "threshold", STATUS_POLICY_THRESHOLD,
                         "1 to the number of keys in scope");
    }
    for (size_t i = 0; i < TRUST_CLASSES; i++) {
        if (rule->threshold_for[i] < rule->threshold || rule->threshold_for[i] > most) {
            schema_refuse_as(s, table, "threshold-for", STATUS_POLICY_THRESHOLD,
                             "the rule's threshold to the number of keys in scope");
        }
    }
}

static void check_rule(const struct trust *t, size_t i, struct schema *s, const struct toml *table)
{
    const struct trust_rule *rule = &t->rules[i];
    if (name_pattern_check(rule->names, NULL) != STATUS_OK) {
        schema_refuse_as(s, table, "names", STATUS_POLICY_PATTERN, "a name, \"prefix.*\" or \"*\"");
        return;
    }
    for (size_t k = 0; k < i; k++) {
        if (bytes_equal(t->rules[k].names, rule->names)) {
            schema_refuse_as(s, table, "names", STATUS_POLICY_DUP_RULE, "a pattern of its own");
        }
    }
    check_thresholds(t, rule, s, table);
}

// Root.

static void check_root(const struct trust *t, struct schema *s, const struct toml *table)
{
    if (t->root_threshold == 0 || t->root_threshold > number_ones(t->root_keys)) {
        schema_refuse_as(s, table, "threshold", STATUS_POLICY_THRESHOLD,
                         "1 to the number of root keys");
    }
}

enum status trust_check(const struct trust *trust, struct schema *schema)
{
    const struct toml *root = schema->root;
    const struct toml *table = child(root, "key")->first;
    for (size_t i = 0; i < trust->key_count; i++, table = table->next) {
        check_key(trust, i, schema, table);
    }
    table = child(root, "rule")->first;
    for (size_t i = 0; i < trust->rule_count; i++, table = table->next) {
        check_rule(trust, i, schema, table);
    }
    if (child(root, "root") != NULL) {
        check_root(trust, schema, child(root, "root"));
    }
    return schema->status;
}
