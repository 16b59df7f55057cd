// SPDX-License-Identifier: BSD-2-Clause

// The TOML parser: any bytes are either refused with a place inside the text, or yield a tree in
// which every key is found, every span lies in the text and every bound is kept.

#include "toml.h"

#include "bounds.h"
#include "fuzz.h"

static uint8_t memory[4 << 20];

static void check_span(struct toml_span span, struct bytes text)
{
    FUZZ_CHECK(span.line >= 1 && span.column >= 1);
    FUZZ_CHECK(span.offset <= text.len && span.len <= text.len - span.offset);
}

static void check_node(const struct toml *node, struct bytes text)
{
    uint32_t count = 0;
    check_span(node->span, text);
    check_span(node->key_span, text);
    FUZZ_CHECK(node->depth <= BOUND_TOML_DEPTH + 1);
    for (struct toml *child = node->first; child != NULL; child = child->next) {
        FUZZ_CHECK(child->parent == node && child->depth == node->depth + 1);
        FUZZ_CHECK(node->kind == TOML_ARRAY || toml_find(node, child->key) == child);
        count++;
    }
    FUZZ_CHECK(count == node->count);
    FUZZ_CHECK(node->kind <= TOML_ARRAY || count == 0);
}

static void check_tree(const struct toml *node, struct bytes text)
{
    uint32_t nodes = 0;
    while (node != NULL) {
        check_node(node, text);
        FUZZ_CHECK(++nodes <= BOUND_TOML_NODES);
        if (node->first != NULL) {
            node = node->first;
            continue;
        }
        while (node != NULL && node->next == NULL) {
            node = node->parent;
        }
        node = node == NULL ? NULL : node->next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes text = {at, len};
    struct toml *root = NULL;
    struct diag diag = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    enum status status = toml_parse(&root, text, &arena, &diag);
    if (status == STATUS_OK) {
        check_tree(root, text);
        return 0;
    }
    FUZZ_CHECK(root == NULL && diag.status == status && status != STATUS_NO_MEMORY);
    FUZZ_CHECK(diag.what != NULL && diag.where <= len);
    FUZZ_CHECK(status == STATUS_TOML_TOO_LARGE || (diag.line >= 1 && diag.column >= 1));
    return 0;
}
