// SPDX-License-Identifier: BSD-2-Clause
#include "trust_changes.h"

#include "text.h"

// A trust file becomes an object of path -> set of values; all that is in it is ASCII, as
// trust_read has checked. Two such objects are compared without knowing what a path means.

enum { PATH = 192, VALUE = 2 * CRYPTO_DIGEST + 16 };

struct facts {
    json_t *sets;
    char path[PATH]; // of a table, with a dot at its end
    size_t path_len;
};

static void enter(struct facts *f, const char *table, struct bytes name)
{
    struct text t = text_of(f->path, sizeof f->path);
    text_put(&t, table);
    text_put_bytes(&t, name);
    text_put(&t, name.len != 0 ? "." : "");
    f->path_len = t.len;
}

static void add(struct facts *f, const char *key, struct bytes value)
{
    struct text t = {.at = f->path, .size = sizeof f->path - 1, .len = f->path_len};
    text_put(&t, key);
    f->path[t.len] = '\0';
    json_t *set = json_object_get(f->sets, f->path);
    if (set == NULL) {
        set = json_object();
        json_object_set_new(f->sets, f->path, set);
    }
    json_object_setn_new(set, (const char *)value.at, value.len, json_true());
}

static void add_number(struct facts *f, const char *key, uint64_t value)
{
    char room[VALUE];
    struct text t = text_of(room, sizeof room);
    text_put_u64(&t, value);
    add(f, key, text_bytes(&t));
}

// Of what is nothing unless it is listed.
static void add_bound(struct facts *f, const char *key, uint64_t value)
{
    if (value != 0) {
        add_number(f, key, value);
    }
}

static void add_digest(struct facts *f, const char *key, const uint8_t digest[static CRYPTO_DIGEST])
{
    char room[VALUE];
    struct text t = text_of(room, sizeof room);
    text_put_hex(&t, (struct bytes){digest, CRYPTO_DIGEST});
    add(f, key, text_bytes(&t));
}

static void add_texts(struct facts *f, const char *key, const struct bytes *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add(f, key, texts[i]);
    }
}

static void add_root(struct facts *f, const struct trust *trust)
{
    enter(f, "root.", (struct bytes){0});
    for (size_t i = 0; i < trust->key_count; i++) {
        if ((trust->root_keys >> i & 1) != 0) {
            add(f, "keys", trust->keys[i].id);
        }
    }
    add_bound(f, "threshold", trust->root_threshold);
}

static void add_window(struct facts *f, const struct trust_key *key)
{
    char room[VALUE];
    struct text t = text_of(room, sizeof room);
    text_put_u64(&t, key->counter_low);
    text_put(&t, "..");
    if (key->counter_high != UINT64_MAX) {
        text_put_u64(&t, key->counter_high);
    }
    add(f, "counters", text_bytes(&t));
}

static void add_key(struct facts *f, const struct trust_key *key)
{
    static const char *const states[] = {"active", "retired", "revoked"};
    enter(f, "key.", key->id);
    add_digest(f, "ed25519", key->key);
    add(f, "state", bytes_text(states[key->state]));
    add_texts(f, "names", key->names, key->name_count);
    add_window(f, key);
    if (key->ceiling != NULL) {
        add(f, "ceiling", key->ceiling->name);
    }
}

static void add_rule(struct facts *f, const struct trust_rule *rule)
{
    static const char *const classes[TRUST_CLASSES] = {"threshold-for.irq", "threshold-for.ioport",
                                                       "threshold-for.dma"};
    enter(f, "rule.", rule->names);
    add_number(f, "threshold", rule->threshold);
    add_number(f, "floor", rule->floor);
    for (size_t i = 0; i < TRUST_CLASSES; i++) {
        add_number(f, classes[i], rule->threshold_for[i]);
    }
}

static void add_ports(struct facts *f, const struct trust_ports *ports)
{
    char room[VALUE];
    struct text t = text_of(room, sizeof room);
    text_put_word(&t, ports->first);
    text_char(&t, '-');
    text_put_word(&t, ports->last);
    add(f, "ioport", text_bytes(&t));
}

static void add_ceiling(struct facts *f, const struct trust_ceiling *ceiling)
{
    enter(f, "ceiling.", ceiling->name);
    add_bound(f, "memory", ceiling->memory);
    add_bound(f, "cnode-bits", ceiling->cnode_bits);
    add_bound(f, "threads", ceiling->threads);
    add_bound(f, "priority-max", ceiling->priority_max);
    add_texts(f, "endpoints", ceiling->endpoints, ceiling->endpoint_count);
    add_texts(f, "spawn", ceiling->spawns, ceiling->spawn_count);
    for (size_t i = 0; i < ceiling->irq_count; i++) {
        add_number(f, "irq", ceiling->irqs[i]);
    }
    for (size_t i = 0; i < ceiling->port_count; i++) {
        add_ports(f, &ceiling->ports[i]);
    }
    if (ceiling->dma) {
        add(f, "dma", bytes_text("true"));
    }
}

static json_t *facts_of(const struct trust *trust)
{
    struct facts f = {.sets = json_object()};
    add_number(&f, "counter", trust->counter);
    add_root(&f, trust);
    enter(&f, "", (struct bytes){0});
    for (size_t i = 0; i < trust->denied_count; i++) {
        add_digest(&f, "deny", trust->denied[i]);
    }
    for (size_t i = 0; i < trust->key_count; i++) {
        add_key(&f, &trust->keys[i]);
    }
    for (size_t i = 0; i < trust->rule_count; i++) {
        add_rule(&f, &trust->rules[i]);
    }
    for (size_t i = 0; i < trust->ceiling_count; i++) {
        add_ceiling(&f, &trust->ceilings[i]);
    }
    return f.sets;
}

// The members of `set` that `other` lacks; either may be NULL, the empty set.
static json_t *without(json_t *set, json_t *other)
{
    json_t *left = json_array(), *value;
    const char *member;
    json_object_foreach(set, member, value)
    {
        if (json_object_get(other, member) == NULL) {
            json_array_append_new(left, json_string(member));
        }
    }
    return left;
}

static void append(json_t *changes, const char *path, json_t *was, json_t *now)
{
    json_array_append_new(changes,
                          json_pack("{s:s, s:O?, s:O?}", "where", path, "was", was, "now", now));
}

// One for another is a change; anything else went or came by itself.
static void compare(json_t *changes, const char *path, json_t *was, json_t *now)
{
    json_t *gone = without(was, now), *come = without(now, was), *value;
    size_t i;
    if (json_array_size(gone) == 1 && json_array_size(come) == 1) {
        append(changes, path, json_array_get(gone, 0), json_array_get(come, 0));
    } else {
        json_array_foreach(gone, i, value)
        {
            append(changes, path, value, NULL);
        }
        json_array_foreach(come, i, value)
        {
            append(changes, path, NULL, value);
        }
    }
    json_decref(gone);
    json_decref(come);
}

json_t *trust_changes(const struct trust *was, const struct trust *now)
{
    json_t *old = facts_of(was), *new = facts_of(now), *changes = json_array(), *set;
    const char *path;
    json_object_foreach(old, path, set)
    {
        compare(changes, path, set, json_object_get(new, path));
    }
    json_object_foreach(new, path, set)
    {
        if (json_object_get(old, path) == NULL) {
            compare(changes, path, NULL, set);
        }
    }
    json_decref(old);
    json_decref(new);
    return changes;
}
