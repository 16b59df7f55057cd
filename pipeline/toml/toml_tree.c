// SPDX-License-Identifier: BSD-2-Clause
#include "toml_tree.h"

#include "bounds.h"

// A key as a string of bits that no other key is a prefix of: nine bits a byte, the first of which
// says that there is a byte, then zeros without end. Bit 0 belongs to no key and is always 0: the
// first child of a table carries it and so heads the index.
enum { BITS = 9 };

static unsigned key_bit(struct bytes key, uint32_t bit)
{
    if (bit == 0 || (bit - 1) / BITS >= key.len) {
        return 0;
    }
    uint32_t in_byte = (bit - 1) % BITS;
    unsigned byte = key.at[(bit - 1) / BITS];
    return in_byte == 0 ? 1 : byte >> (BITS - 1 - in_byte) & 1U;
}

// The first bit in which two different keys differ.
static uint32_t first_difference(struct bytes a, struct bytes b)
{
    uint32_t byte = 0;
    while (byte < a.len && byte < b.len && a.at[byte] == b.at[byte]) {
        byte++;
    }
    uint32_t bit = byte * BITS + 1;
    while (key_bit(a, bit) == key_bit(b, bit)) {
        bit++;
    }
    return bit;
}

// The only child that can have this key. A branch that does not lead to a higher bit leads back up:
// it ends the descent.
static struct toml *candidate(const struct toml *table, struct bytes key)
{
    uint32_t above = 0;
    struct toml *at = table->index->branch[0];
    while (at->bit > above) {
        above = at->bit;
        at = at->branch[key_bit(key, at->bit)];
    }
    return at;
}

struct toml *toml_tree_find(const struct toml *table, struct bytes key)
{
    if (table->index == NULL) {
        return NULL;
    }
    struct toml *found = candidate(table, key);
    return bytes_equal(found->key, key) ? found : NULL;
}

void toml_tree_index(struct toml *child, struct bytes key)
{
    struct toml *table = child->parent;
    child->key = key;
    child->branch[0] = child->branch[1] = child;
    if (table->index == NULL) {
        table->index = child;
        return;
    }
    child->bit = first_difference(key, candidate(table, key)->key);
    uint32_t above = 0;
    struct toml **link = &table->index->branch[0];
    while ((*link)->bit > above && (*link)->bit < child->bit) {
        above = (*link)->bit;
        link = &(*link)->branch[key_bit(key, above)];
    }
    child->branch[!key_bit(key, child->bit)] = *link;
    *link = child;
}

enum status toml_tree_add(struct toml **node, struct toml_tree *tree, struct toml *parent,
                          struct toml_span where, struct diag *diag)
{
    if (tree->nodes == BOUND_TOML_NODES) {
        return toml_fail(diag, STATUS_TOML_TOO_MANY, "key or value", where, (struct bytes){0});
    }
    struct toml *made = arena_take(tree->arena, 1, sizeof *made);
    if (made == NULL) {
        return toml_fail(diag, STATUS_NO_MEMORY, "arena of the TOML parser", where,
                         (struct bytes){0});
    }
    tree->nodes++;
    made->key_span = where;
    made->span = where;
    made->parent = parent;
    if (parent != NULL) {
        made->depth = parent->depth + 1;
        *(parent->last == NULL ? &parent->first : &parent->last->next) = made;
        parent->last = made;
        parent->count++;
    }
    *node = made;
    return STATUS_OK;
}

enum status toml_tree_open(struct toml *node, enum toml_kind kind, enum toml_origin origin,
                           struct diag *diag)
{
    if (node->depth > BOUND_TOML_DEPTH) {
        return toml_fail(diag, STATUS_TOML_DEPTH, "table or array", node->span, (struct bytes){0});
    }
    node->kind = kind;
    node->origin = origin;
    return STATUS_OK;
}
