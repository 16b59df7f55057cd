// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A JSON document (RFC 8259) taken apart in one pass, as an array of nodes, each container right
// before what is in it. A plan has a hundred thousand values: a heap object for each, and a hash
// table for each object, take most of the time of a comparison.
//
// Strict: UTF-8 without NUL, no trailing text. Names of an object's members may be there twice: who
// wants them once compares their number. What lies deeper than JSON_TREE_DEPTH is refused.

#include "arena.h"
#include "bytes.h"
#include "diag.h"

enum { JSON_TREE_DEPTH = 16 };

enum json_tree_kind {
    JSON_TREE_NULL,
    JSON_TREE_FALSE,
    JSON_TREE_TRUE,
    JSON_TREE_NUMBER,
    JSON_TREE_STRING,
    JSON_TREE_ARRAY,
    JSON_TREE_OBJECT,
};

struct json_tree_node {
    enum json_tree_kind kind;
    uint32_t count; // members or items; the first is the next node
    uint32_t skip;  // nodes from here to the next member or item of the same; 0: this is the last
    struct bytes name; // of a member
    struct bytes text; // what a string stands for; a number as it is written
};

struct json_tree {
    struct json_tree_node *nodes; // the first is the document
    uint32_t count, room;
};

// Texts borrow from the document, or lie in `arena` where they have escapes. PLAN_SHAPE with the
// place of the error; NO_MEMORY. The caller frees the tree in any case.
MUST_CHECK enum status json_tree_read(struct json_tree *out, struct bytes document,
                                      struct arena *arena, struct diag *diag);
void json_tree_free(struct json_tree *tree);

// The first member or item, and the one after a node; NULL when there is none.
const struct json_tree_node *json_tree_first(const struct json_tree_node *container);
const struct json_tree_node *json_tree_next(const struct json_tree_node *node);

// A member of this name; NULL when there is none, or no object.
const struct json_tree_node *json_tree_member(const struct json_tree_node *object,
                                              const char *name);

// Whether a node, which may be NULL, is of a kind; is this string.
bool json_tree_is(const struct json_tree_node *node, enum json_tree_kind kind);
bool json_tree_says(const struct json_tree_node *node, const char *text);

// A number that is whole, not negative and at most INT64_MAX; else false.
bool json_tree_count(uint64_t *out, const struct json_tree_node *node);
