// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The tree under construction: making nodes and indexing keys. Look-up uses a PATRICIA tree per
// table whose nodes are the children themselves, so hostile keys cannot make it degenerate as they
// can a hash table: a look-up visits at most nine nodes per byte of the longest key.

#include "toml.h"

struct toml_tree {
    struct arena *arena;
    uint32_t nodes; // made so far
};

// Makes a node as the last child of `parent` (NULL: a root), or fails with TOML_TOO_MANY or
// NO_MEMORY. `where` is the place of its key, or of its value if it has no key.
MUST_CHECK enum status toml_tree_add(struct toml **node, struct toml_tree *tree,
                                     struct toml *parent, struct toml_span where,
                                     struct diag *diag);

// Puts a child of its parent's table under its key, which toml_tree_find does not find yet.
void toml_tree_index(struct toml *child, struct bytes key);

// The child of `table` under `key`, or NULL.
struct toml *toml_tree_find(const struct toml *table, struct bytes key);

// Makes `node` a table or array; TOML_DEPTH when it is nested too deeply.
MUST_CHECK enum status toml_tree_open(struct toml *node, enum toml_kind kind,
                                      enum toml_origin origin, struct diag *diag);
