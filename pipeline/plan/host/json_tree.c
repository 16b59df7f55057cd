// SPDX-License-Identifier: BSD-2-Clause
#include "json_tree.h"

#include "utf8.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct json_tree tree;
    struct bytes document;
    size_t at;
    struct arena *arena;
    struct bytes name;              // of the member whose value comes next
    uint32_t open[JSON_TREE_DEPTH]; // containers that are not closed, outermost first
    uint32_t last[JSON_TREE_DEPTH]; // and what was last added to each
    unsigned depth;
    enum status status;
    const char *expected; // where it failed
};

static bool fail(struct parser *p, enum status status, const char *expected)
{
    p->status = status;
    p->expected = expected;
    return false;
}

static bool refuse(struct parser *p, const char *expected)
{
    return fail(p, STATUS_PLAN_SHAPE, expected);
}

static int peek(const struct parser *p)
{
    return p->at < p->document.len ? p->document.at[p->at] : -1;
}

static bool accept(struct parser *p, char c)
{
    bool there = peek(p) == c;
    p->at += there;
    return there;
}

static void skip_space(struct parser *p)
{
    for (int c = peek(p); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = peek(p)) {
        p->at++;
    }
}

// Passes a character of a string that stands for itself.
static bool take_plain(struct parser *p)
{
    uint32_t code;
    int c = peek(p);
    if (c < 0x20 || c == '"' || c == '\\') {
        return false;
    }
    size_t width = c < 0x80 ? 1 : utf8_decode(&code, bytes_from(p->document, p->at));
    p->at += width;
    return width != 0;
}

// A string with escapes, which are rare, is jansson's to read; it begins at the quote `from`.
static bool take_escaped(struct bytes *out, struct parser *p, size_t from)
{
    while (peek(p) >= 0 && !accept(p, '"')) {
        p->at += peek(p) == '\\' ? 2 : 1;
    }
    size_t end = p->at < p->document.len ? p->at : p->document.len;
    json_t *string =
        json_loadb((const char *)p->document.at + from, end - from, JSON_DECODE_ANY, NULL);
    size_t len = json_string_length(string);
    uint8_t *at = arena_take(p->arena, len + 1, 1);
    bool good = string != NULL && at != NULL;
    if (good) {
        memcpy(at, json_string_value(string), len);
        *out = (struct bytes){at, len};
    }
    json_decref(string);
    p->at = good ? p->at : from;
    return good || (at == NULL ? fail(p, STATUS_NO_MEMORY, "") : refuse(p, "a string expected"));
}

static bool take_string(struct bytes *out, struct parser *p)
{
    size_t from = p->at;
    if (!accept(p, '"')) {
        return refuse(p, "a string expected");
    }
    while (take_plain(p)) {
    }
    *out = bytes_part(p->document, from + 1, p->at - from - 1);
    if (accept(p, '"')) {
        return true;
    }
    return peek(p) == '\\' ? take_escaped(out, p, from)
                           : refuse(p, "a character of a string expected");
}

static size_t take_digits(struct parser *p)
{
    size_t from = p->at;
    while (peek(p) >= '0' && peek(p) <= '9') {
        p->at++;
    }
    return p->at - from;
}

static bool take_number(struct bytes *out, struct parser *p)
{
    size_t from = p->at;
    (void)accept(p, '-');
    bool good = accept(p, '0') || take_digits(p) != 0;
    if (good && accept(p, '.')) {
        good = take_digits(p) != 0;
    }
    if (good && (accept(p, 'e') || accept(p, 'E'))) {
        (void)(accept(p, '+') || accept(p, '-'));
        good = take_digits(p) != 0;
    }
    *out = bytes_part(p->document, from, p->at - from);
    return good || refuse(p, "a value expected");
}

static bool take_word(struct parser *p, const char *word)
{
    struct bytes want = bytes_text(word);
    bool there = bytes_starts_with(bytes_from(p->document, p->at), want);
    p->at += there ? want.len : 0;
    return there || refuse(p, "a value expected");
}

static bool make_room(struct json_tree *tree)
{
    if (tree->count < tree->room) {
        return true;
    }
    uint32_t room = tree->room == 0 ? 1024 : 2 * tree->room;
    struct json_tree_node *more = realloc(tree->nodes, room * sizeof(*more));
    if (more != NULL) {
        tree->nodes = more;
        tree->room = room;
    }
    return more != NULL;
}

// A node at the end of what is open innermost.
static bool add_node(struct parser *p, enum json_tree_kind kind)
{
    struct json_tree *tree = &p->tree;
    if (!make_room(tree)) {
        return fail(p, STATUS_NO_MEMORY, "");
    }
    uint32_t at = tree->count++;
    tree->nodes[at] = (struct json_tree_node){.kind = kind, .name = p->name};
    p->name = (struct bytes){0};
    if (p->depth > 0) {
        struct json_tree_node *container = &tree->nodes[p->open[p->depth - 1]];
        uint32_t last = p->last[p->depth - 1];
        tree->nodes[last].skip = container->count > 0 ? at - last : tree->nodes[last].skip;
        container->count++;
        p->last[p->depth - 1] = at;
    }
    return true;
}

static bool take_name(struct parser *p)
{
    skip_space(p);
    if (p->tree.nodes[p->open[p->depth - 1]].kind != JSON_TREE_OBJECT) {
        return true;
    }
    bool good = take_string(&p->name, p);
    skip_space(p);
    return good && (accept(p, ':') || refuse(p, "a colon expected"));
}

// Opens a container that is not empty.
static bool take_container(struct parser *p, bool *opened)
{
    bool object = p->document.at[p->at++] == '{';
    if (!add_node(p, object ? JSON_TREE_OBJECT : JSON_TREE_ARRAY)) {
        return false;
    }
    skip_space(p);
    if (accept(p, object ? '}' : ']')) {
        return true;
    }
    if (p->depth == JSON_TREE_DEPTH) {
        return refuse(p, "a value that is less deep expected");
    }
    p->open[p->depth] = p->last[p->depth] = p->tree.count - 1;
    p->depth++;
    *opened = true;
    return take_name(p);
}

static bool take_scalar(struct parser *p, int first)
{
    enum json_tree_kind kind = first == '"'   ? JSON_TREE_STRING
                               : first == 't' ? JSON_TREE_TRUE
                               : first == 'f' ? JSON_TREE_FALSE
                               : first == 'n' ? JSON_TREE_NULL
                                              : JSON_TREE_NUMBER;
    static const char *const words[] = {"null", "false", "true"};
    if (!add_node(p, kind)) {
        return false;
    }
    struct bytes *text = &p->tree.nodes[p->tree.count - 1].text;
    return kind == JSON_TREE_STRING   ? take_string(text, p)
           : kind == JSON_TREE_NUMBER ? take_number(text, p)
                                      : take_word(p, words[kind]);
}

// A value, or the beginning of a container.
static bool take_value(struct parser *p, bool *opened)
{
    *opened = false;
    skip_space(p);
    int first = peek(p);
    return first == '{' || first == '[' ? take_container(p, opened) : take_scalar(p, first);
}

// What follows a value: a comma and the next name, or the ends of what is open.
static bool take_end(struct parser *p)
{
    while (p->depth > 0) {
        bool object = p->tree.nodes[p->open[p->depth - 1]].kind == JSON_TREE_OBJECT;
        skip_space(p);
        if (accept(p, ',')) {
            return take_name(p);
        }
        if (!accept(p, object ? '}' : ']')) {
            return refuse(p, object ? "a comma or } expected" : "a comma or ] expected");
        }
        p->depth--;
    }
    skip_space(p);
    return peek(p) < 0 || refuse(p, "the end expected");
}

static bool take_document(struct parser *p)
{
    bool opened;
    do {
        if (!take_value(p, &opened) || (!opened && !take_end(p))) {
            return false;
        }
    } while (p->depth > 0);
    return true;
}

// Line and column, in characters, of where the parser stands.
static void place(struct diag *diag, const struct parser *p)
{
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < p->at && i < p->document.len; i++) {
        uint8_t c = p->document.at[i];
        line += c == '\n';
        column = c == '\n' ? 1 : column + ((c & 0xc0) != 0x80);
    }
    diag_position(diag, line, column);
}

enum status json_tree_read(struct json_tree *out, struct bytes document, struct arena *arena,
                           struct diag *diag)
{
    struct parser p = {.document = document, .arena = arena, .status = STATUS_OK};
    bool good = take_document(&p);
    *out = p.tree;
    if (!good) {
        (void)diag_fail(diag, p.status, "plan document", p.at);
        place(diag, &p);
        diag_subject(diag, bytes_text(p.expected));
    }
    return p.status;
}

void json_tree_free(struct json_tree *tree)
{
    free(tree->nodes);
}

const struct json_tree_node *json_tree_first(const struct json_tree_node *container)
{
    return container->count > 0 ? container + 1 : NULL;
}

const struct json_tree_node *json_tree_next(const struct json_tree_node *node)
{
    return node->skip != 0 ? node + node->skip : NULL;
}

const struct json_tree_node *json_tree_member(const struct json_tree_node *object, const char *name)
{
    const struct json_tree_node *member =
        json_tree_is(object, JSON_TREE_OBJECT) ? json_tree_first(object) : NULL;
    while (member != NULL && !bytes_is(member->name, name)) {
        member = json_tree_next(member);
    }
    return member;
}

bool json_tree_is(const struct json_tree_node *node, enum json_tree_kind kind)
{
    return node != NULL && node->kind == kind;
}

bool json_tree_says(const struct json_tree_node *node, const char *text)
{
    return json_tree_is(node, JSON_TREE_STRING) && bytes_is(node->text, text);
}

bool json_tree_count(uint64_t *out, const struct json_tree_node *node)
{
    uint64_t count = 0;
    if (!json_tree_is(node, JSON_TREE_NUMBER)) {
        return false;
    }
    for (size_t i = 0; i < node->text.len; i++) {
        uint8_t digit = (uint8_t)(node->text.at[i] - '0');
        if (digit > 9 || count > ((uint64_t)INT64_MAX - digit) / 10) {
            return false;
        }
        count = count * 10 + digit;
    }
    *out = count;
    return true;
}
