// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// TOML 1.0 text -> a tree of nodes. Strict: what the TOML specification does not allow is refused
// with a TOML_* status and the exact place. Nothing is trusted about the text, which may be
// hostile: there is no recursion, depth and node count are bounded (base/bounds.h), and time is
// linear in the text's length but for key look-up, which is bounded by the length of a key, not by
// how many keys there are. Floats and dates are checked and kept as text, for the pipeline has no
// floating point.
//
// Decisions that TOML leaves open are in spec/policy.md.

#include "arena.h"
#include "diag.h"

// A piece of the text. Lines and columns count from 1, columns in code points; offset and len are
// in bytes.
struct toml_span {
    uint32_t line;
    uint32_t column;
    uint32_t offset;
    uint32_t len;
};

enum toml_kind {
    TOML_TABLE,
    TOML_ARRAY,
    TOML_STRING,
    TOML_INTEGER,
    TOML_BOOLEAN,
    TOML_FLOAT,
    TOML_OFFSET_DATETIME,
    TOML_LOCAL_DATETIME,
    TOML_LOCAL_DATE,
    TOML_LOCAL_TIME,
};

// How a table or array came to be: it decides who may still add to it.
enum toml_origin {
    TOML_IMPLICIT, // prefix of a [header]: may still be defined
    TOML_HEADER,   // [header] or [[header]]: only further headers add below it
    TOML_DOTTED,   // prefix of a dotted key: may not be defined by a [header]
    TOML_INLINE,   // {...} or [...]: closed
};

struct toml {
    enum toml_kind kind;
    enum toml_origin origin;
    uint32_t depth;            // of nesting; the root is 0
    uint32_t count;            // children
    struct bytes key;          // decoded; empty for the root and for elements of arrays
    struct toml_span key_span; // the key, or the element itself
    struct toml_span span;     // the value; for a [header] table the header
    struct bytes text;         // string, decoded; float, date and time as written
    int64_t integer;
    bool boolean;
    bool used; // for the schema layer: somebody has asked for this key

    struct toml *parent; // NULL for the root
    struct toml *first;  // children, in the order of the text
    struct toml *last;
    struct toml *next;

    // Index over the keys of one table (toml_tree.c).
    struct toml *index;
    struct toml *branch[2];
    uint32_t bit;
};

// Parses `text` (at most BOUND_TOML bytes, which must outlive the tree). Nodes and decoded strings
// are taken from `arena`; NO_MEMORY when it is too small. On failure `root` is untouched and `diag`
// holds status, line, column, byte offset (`where`) and the offending text.
MUST_CHECK enum status toml_parse(struct toml **root, struct bytes text, struct arena *arena,
                                  struct diag *diag);

// The child of `table` under `key`, or NULL.
struct toml *toml_find(const struct toml *table, struct bytes key);

// Fails at a place of a text, about `subject`.
enum status toml_fail(struct diag *diag, enum status status, const char *what, struct toml_span at,
                      struct bytes subject);

// "a string", "an integer", ...: for messages.
const char *toml_kind_name(enum toml_kind kind);
