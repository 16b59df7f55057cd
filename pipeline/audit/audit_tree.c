// SPDX-License-Identifier: BSD-2-Clause
#include "audit_tree.h"

#include "crypto.h"

// RFC 6962, 2.1: leaves and nodes begin with different bytes, so that no node passes for a leaf.

struct audit_digest audit_tree_leaf(struct bytes record)
{
    static const uint8_t leaf_prefix = 0;
    struct audit_digest digest;
    struct crypto_sha256 hasher;
    crypto_sha256_start(&hasher);
    crypto_sha256_add(&hasher, (struct bytes){&leaf_prefix, 1});
    crypto_sha256_add(&hasher, record);
    crypto_sha256_end(digest.at, &hasher);
    return digest;
}

static struct audit_digest join(const struct audit_digest *left, const struct audit_digest *right)
{
    uint8_t node[1 + 2 * sizeof left->at] = {1};
    memcpy(node + 1, left->at, sizeof left->at);
    memcpy(node + 1 + sizeof left->at, right->at, sizeof right->at);
    struct audit_digest digest;
    crypto_sha256(digest.at, (struct bytes){node, sizeof node});
    return digest;
}

// Adding a leaf is adding one to a binary number: each carry joins two subtrees of equal size.
void audit_tree_append(struct audit_tree *tree, const struct audit_digest *leaf)
{
    struct audit_digest carry = *leaf;
    unsigned level = 0;
    for (; tree->size >> level & 1; level++) {
        carry = join(&tree->subtree[level], &carry);
    }
    tree->subtree[level] = carry;
    tree->size++;
}

// The smaller subtrees are the later ones, joined first; no records have the digest of nothing.
struct audit_digest audit_tree_root(const struct audit_tree *tree)
{
    struct audit_digest root;
    crypto_sha256(root.at, (struct bytes){root.at, 0});
    bool found = false;
    for (unsigned level = 0; level < 64; level++) {
        if (tree->size >> level & 1) {
            root = found ? join(&tree->subtree[level], &root) : tree->subtree[level];
            found = true;
        }
    }
    return root;
}
