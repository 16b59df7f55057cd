// SPDX-License-Identifier: BSD-2-Clause
#include "toml.h"

#include "bounds.h"
#include "toml_cursor.h"
#include "toml_scalar.h"
#include "toml_string.h"
#include "toml_tree.h"

// The grammar. A file is a sequence of lines: blank, [header], [[header]] or key = value. Arrays
// and inline tables nest without recursion: `open` holds those that are not closed yet, outermost
// first, and each step of read_open reads one element or one closing bracket of the innermost.

struct parser {
    struct toml_cursor cursor;
    struct toml_tree tree;
    struct arena *arena;
    struct toml *root;
    struct toml *section; // what the last header opened: keys go here
    struct toml *open[BOUND_TOML_DEPTH + 1];
    uint32_t opened;
};

// One part of a dotted key.
struct part {
    struct bytes key;
    struct toml_span span;
};

static bool is_bare(int c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static enum status read_part(struct part *part, struct parser *p)
{
    struct toml_cursor *c = &p->cursor;
    part->span = toml_cursor_mark(c);
    if (toml_cursor_peek(c, 0) == '"' || toml_cursor_peek(c, 0) == '\'') {
        enum status status = toml_string_read(&part->key, c, true, p->arena);
        toml_cursor_close(c, &part->span);
        return status;
    }
    if (!is_bare(toml_cursor_peek(c, 0))) {
        return toml_cursor_fail(c, "a key expected");
    }
    while (is_bare(toml_cursor_peek(c, 0))) {
        toml_cursor_advance(c, 1);
    }
    toml_cursor_close(c, &part->span);
    part->key = bytes_part(c->text, part->span.offset, part->span.len);
    return STATUS_OK;
}

static enum status duplicate(const struct parser *p, const struct part *part)
{
    return toml_cursor_fail_at(&p->cursor, STATUS_TOML_DUPLICATE_KEY, "key", part->span);
}

static enum status add_keyed(struct toml **node, struct parser *p, struct toml *table,
                             const struct part *part)
{
    enum status status = toml_tree_add(node, &p->tree, table, part->span, p->cursor.diag);
    if (status == STATUS_OK) {
        toml_tree_index(*node, part->key);
    }
    return status;
}

static enum status add_table(struct toml **table, struct parser *p, const struct part *part,
                             enum toml_origin origin)
{
    enum status status = add_keyed(table, p, *table, part);
    return status != STATUS_OK ? status
                               : toml_tree_open(*table, TOML_TABLE, origin, p->cursor.diag);
}

// Goes from `*at` into the table that a prefix of a [header] names; of an array of tables, into its
// last element.
static enum status enter_by_header(struct toml **at, struct parser *p, const struct part *part)
{
    struct toml *child = toml_tree_find(*at, part->key);
    if (child == NULL) {
        return add_table(at, p, part, TOML_IMPLICIT);
    }
    if (child->kind > TOML_ARRAY || child->origin == TOML_INLINE) {
        return duplicate(p, part);
    }
    *at = child->kind == TOML_ARRAY ? child->last : child;
    return STATUS_OK;
}

// Goes from `*at` into the table that a prefix of a dotted key names. It may be one that so far was
// only implied, and is defined hereby, or one that dotted keys made; these are of the same section,
// since a table made by dotted keys cannot become a section.
static enum status enter_by_dot(struct toml **at, struct parser *p, const struct part *part)
{
    struct toml *child = toml_tree_find(*at, part->key);
    if (child == NULL) {
        return add_table(at, p, part, TOML_DOTTED);
    }
    if (child->kind != TOML_TABLE ||
        (child->origin != TOML_IMPLICIT && child->origin != TOML_DOTTED)) {
        return duplicate(p, part);
    }
    child->origin = TOML_DOTTED;
    *at = child;
    return STATUS_OK;
}

// Reads key parts up to the last, which is given back; `*at` becomes the table that it belongs to.
static enum status read_key(struct part *last, struct parser *p, struct toml **at,
                            enum status (*enter)(struct toml **, struct parser *,
                                                 const struct part *))
{
    for (;;) {
        toml_cursor_blanks(&p->cursor);
        enum status status = read_part(last, p);
        if (status != STATUS_OK) {
            return status;
        }
        toml_cursor_blanks(&p->cursor);
        if (!toml_cursor_accept(&p->cursor, '.')) {
            return STATUS_OK;
        }
        status = enter(at, p, last);
        if (status != STATUS_OK) {
            return status;
        }
    }
}

static enum status open_container(struct parser *p, struct toml *node, enum toml_kind kind)
{
    enum status status = toml_tree_open(node, kind, TOML_INLINE, p->cursor.diag);
    if (status == STATUS_OK) {
        toml_cursor_advance(&p->cursor, 1);
        p->open[p->opened++] = node;
    }
    return status;
}

// Reads a scalar, or the opening bracket of an array or inline table.
static enum status begin_value(struct parser *p, struct toml *node)
{
    struct toml_cursor *c = &p->cursor;
    node->span = toml_cursor_mark(c);
    switch (toml_cursor_peek(c, 0)) {
    case '[':
        return open_container(p, node, TOML_ARRAY);
    case '{':
        return open_container(p, node, TOML_TABLE);
    case '"':
    case '\'': {
        node->kind = TOML_STRING;
        enum status status = toml_string_read(&node->text, c, false, p->arena);
        toml_cursor_close(c, &node->span);
        return status;
    }
    default:
        return toml_scalar_read(node, c);
    }
}

static enum status begin_key_value(struct parser *p, struct toml *table)
{
    struct part part = {0};
    struct toml *node;
    enum status status = read_key(&part, p, &table, enter_by_dot);
    if (status != STATUS_OK) {
        return status;
    }
    if (toml_tree_find(table, part.key) != NULL) {
        return duplicate(p, &part);
    }
    if (!toml_cursor_accept(&p->cursor, '=')) {
        return toml_cursor_fail(&p->cursor, "'=' expected after a key");
    }
    toml_cursor_blanks(&p->cursor);
    status = add_keyed(&node, p, table, &part);
    return status != STATUS_OK ? status : begin_value(p, node);
}

static enum status begin_element(struct parser *p, struct toml *array)
{
    struct toml *node;
    struct toml_span here = toml_cursor_mark(&p->cursor);
    enum status status = toml_tree_add(&node, &p->tree, array, here, p->cursor.diag);
    return status != STATUS_OK ? status : begin_value(p, node);
}

static void close_container(struct parser *p)
{
    p->opened--;
    toml_cursor_close(&p->cursor, &p->open[p->opened]->span);
}

static enum status step_array(struct parser *p, struct toml *array)
{
    struct toml_cursor *c = &p->cursor;
    toml_cursor_gap(c);
    if (array->count > 0 && toml_cursor_peek(c, 0) != ']') {
        if (!toml_cursor_accept(c, ',')) {
            return toml_cursor_fail(c, "',' or ']' expected in an array");
        }
        toml_cursor_gap(c);
    }
    if (toml_cursor_accept(c, ']')) {
        close_container(p);
        return STATUS_OK;
    }
    return begin_element(p, array);
}

static enum status step_inline_table(struct parser *p, struct toml *table)
{
    struct toml_cursor *c = &p->cursor;
    toml_cursor_blanks(c);
    if (toml_cursor_accept(c, '}')) {
        close_container(p);
        return STATUS_OK;
    }
    if (table->count > 0 && !toml_cursor_accept(c, ',')) {
        return toml_cursor_fail(c, "',' or '}' expected in an inline table");
    }
    return begin_key_value(p, table);
}

// Reads on until every array and inline table is closed.
static enum status finish_value(struct parser *p)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && p->opened > 0) {
        struct toml *innermost = p->open[p->opened - 1];
        status = innermost->kind == TOML_ARRAY ? step_array(p, innermost)
                                               : step_inline_table(p, innermost);
    }
    return status;
}

// [a.b]: the table is new, or so far was only implied.
static enum status define_table(struct toml **table, struct parser *p, const struct part *part)
{
    struct toml *known = toml_tree_find(*table, part->key);
    if (known == NULL) {
        return add_table(table, p, part, TOML_HEADER);
    }
    if (known->kind != TOML_TABLE || known->origin != TOML_IMPLICIT) {
        return duplicate(p, part);
    }
    known->origin = TOML_HEADER;
    known->key_span = part->span;
    *table = known;
    return STATUS_OK;
}

// [[a.b]]: a further element of an array of tables, which may be new.
static enum status define_element(struct toml **table, struct parser *p, const struct part *part)
{
    struct diag *diag = p->cursor.diag;
    struct toml *array = toml_tree_find(*table, part->key);
    enum status status = STATUS_OK;
    if (array == NULL) {
        status = add_keyed(&array, p, *table, part);
        if (status == STATUS_OK) {
            status = toml_tree_open(array, TOML_ARRAY, TOML_HEADER, diag);
        }
    } else if (array->kind != TOML_ARRAY || array->origin != TOML_HEADER) {
        status = duplicate(p, part);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = toml_tree_add(table, &p->tree, array, part->span, diag);
    return status != STATUS_OK ? status : toml_tree_open(*table, TOML_TABLE, TOML_HEADER, diag);
}

static enum status read_header(struct parser *p)
{
    struct toml_cursor *c = &p->cursor;
    struct toml_span span = toml_cursor_mark(c);
    toml_cursor_advance(c, 1);
    bool element = toml_cursor_accept(c, '[');
    struct part part = {0};
    struct toml *table = p->root;
    enum status status = read_key(&part, p, &table, enter_by_header);
    if (status != STATUS_OK) {
        return status;
    }
    if (!toml_cursor_accept(c, ']') || (element && !toml_cursor_accept(c, ']'))) {
        return toml_cursor_fail(c, element ? "']]' expected" : "']' expected");
    }
    toml_cursor_close(c, &span);
    status = element ? define_element(&table, p, &part) : define_table(&table, p, &part);
    if (status == STATUS_OK) {
        table->span = span;
        p->section = table;
    }
    return status;
}

static enum status read_line(struct parser *p)
{
    struct toml_cursor *c = &p->cursor;
    enum status status;
    if (toml_cursor_peek(c, 0) == '[') {
        status = read_header(p);
    } else {
        status = begin_key_value(p, p->section);
        if (status == STATUS_OK) {
            status = finish_value(p);
        }
    }
    if (status != STATUS_OK) {
        return status;
    }
    toml_cursor_comment(c);
    if (toml_cursor_peek(c, 0) != TOML_END && !toml_cursor_newline(c)) {
        return toml_cursor_fail(c, "end of line expected");
    }
    return STATUS_OK;
}

enum status toml_parse(struct toml **root, struct bytes text, struct arena *arena,
                       struct diag *diag)
{
    struct parser p = {.arena = arena, .tree = {.arena = arena}};
    enum status status = toml_cursor_start(&p.cursor, text, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = toml_tree_add(&p.root, &p.tree, NULL, toml_cursor_mark(&p.cursor), diag);
    if (status != STATUS_OK) {
        return status;
    }
    p.root->origin = TOML_HEADER;
    p.section = p.root;
    for (toml_cursor_gap(&p.cursor); toml_cursor_peek(&p.cursor, 0) != TOML_END;
         toml_cursor_gap(&p.cursor)) {
        status = read_line(&p);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *root = p.root;
    return STATUS_OK;
}

struct toml *toml_find(const struct toml *table, struct bytes key)
{
    return toml_tree_find(table, key);
}

enum status toml_fail(struct diag *diag, enum status status, const char *what, struct toml_span at,
                      struct bytes subject)
{
    (void)diag_fail_about(diag, status, what, at.offset, subject);
    diag_position(diag, at.line, at.column);
    return status;
}

const char *toml_kind_name(enum toml_kind kind)
{
    static const char *const names[] = {
        [TOML_TABLE] = "a table",
        [TOML_ARRAY] = "an array",
        [TOML_STRING] = "a string",
        [TOML_INTEGER] = "an integer",
        [TOML_BOOLEAN] = "a boolean",
        [TOML_FLOAT] = "a float",
        [TOML_OFFSET_DATETIME] = "a date and time with offset",
        [TOML_LOCAL_DATETIME] = "a date and time",
        [TOML_LOCAL_DATE] = "a date",
        [TOML_LOCAL_TIME] = "a time of day",
    };
    return names[kind];
}
