// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The Merkle tree of RFC 6962 over the records of a log, kept as a compact range: the digest of
// each complete subtree, by its level. 64 digests hold any number of records.

#include "bytes.h"

struct audit_digest {
    uint8_t at[32];
};

struct audit_tree {
    uint64_t size; // leaves so far; bit i set = a complete subtree of 2^i leaves is kept
    struct audit_digest subtree[64];
};

// SHA-256(0x00 || record); a record is at most BOUND_EVENT bytes.
struct audit_digest audit_tree_leaf(struct bytes record);

// The next leaf, whose digest audit_tree_leaf made.
void audit_tree_append(struct audit_tree *tree, const struct audit_digest *leaf);

// The tree head; of an empty tree SHA-256 of nothing.
struct audit_digest audit_tree_root(const struct audit_tree *tree);
