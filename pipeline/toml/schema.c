// SPDX-License-Identifier: BSD-2-Clause
#include "schema.h"

#include "number.h"
#include "toml_path.h"

void schema_fail(struct schema *schema, const struct toml *at, enum status status, const char *what)
{
    if (schema->status != STATUS_OK) {
        return;
    }
    char buffer[DIAG_SUBJECT];
    struct text subject = text_of(buffer, sizeof buffer);
    toml_path_put(&subject, at);
    if (at->kind > TOML_ARRAY || at->origin == TOML_INLINE) {
        text_put(&subject, " = ");
        text_put_bytes(&subject, bytes_part(schema->text, at->span.offset, at->span.len));
    }
    schema->status = toml_fail(schema->diag, status, what, at->span, text_bytes(&subject));
}

static struct toml *find(const struct toml *table, const char *key)
{
    return table == NULL ? NULL : toml_find(table, bytes_text(key));
}

void schema_refuse_as(struct schema *schema, const struct toml *table, const char *key,
                      enum status status, const char *rule)
{
    const struct toml *node = find(table, key);
    schema_fail(schema, node != NULL ? node : table, status, rule);
}

void schema_refuse(struct schema *schema, const struct toml *table, const char *key,
                   const char *rule)
{
    schema_refuse_as(schema, table, key, schema->codes->value, rule);
}

struct toml *schema_parse(struct schema *schema)
{
    schema->status = toml_parse(&schema->root, schema->text, schema->arena, schema->diag);
    return schema->status == STATUS_OK ? schema->root : NULL;
}

bool schema_has(const struct toml *table, const char *key)
{
    return find(table, key) != NULL;
}

// The node under a key, marked; NULL where it is absent or something has failed.
static struct toml *take(struct schema *s, const struct toml *table, const char *key)
{
    struct toml *node = find(table, key);
    if (s->status != STATUS_OK || node == NULL) {
        return NULL;
    }
    node->used = true;
    return node;
}

static void note_missing(struct schema *s, const struct toml *table, const char *key)
{
    if (table != NULL && s->missing_key == NULL && !schema_has(table, key)) {
        s->missing_table = table;
        s->missing_key = key;
    }
}

static bool has_kind(struct schema *s, const struct toml *node, enum toml_kind kind)
{
    if (node->kind != kind) {
        schema_fail(s, node, STATUS_TOML_TYPE, toml_kind_name(kind));
        return false;
    }
    return true;
}

static void fail_missing(struct schema *s, const struct toml *table, const char *key)
{
    char buffer[DIAG_SUBJECT];
    struct text subject = text_of(buffer, sizeof buffer);
    toml_path_put(&subject, table);
    text_put(&subject, subject.len == 0 ? "" : ".");
    text_put(&subject, key);
    s->status = toml_fail(s->diag, s->codes->missing_key, "a key that is required", table->span,
                          text_bytes(&subject));
}

void schema_require(struct schema *schema, const struct toml *table, const char *key)
{
    if (schema->status == STATUS_OK && table != NULL && !schema_has(table, key)) {
        fail_missing(schema, table, key);
    }
}

// Strings.

static struct schema_text string_of(struct schema *s, const struct toml *node,
                                    const struct schema_form *form)
{
    if (!has_kind(s, node, TOML_STRING)) {
        return (struct schema_text){0};
    }
    if (form != NULL && !form->accepts(node->text)) {
        schema_fail(s, node, s->codes->value, form->rule);
        return (struct schema_text){0};
    }
    return (struct schema_text){node->text, node->span};
}

struct schema_text schema_string(struct schema *schema, struct toml *table, const char *key,
                                 const struct schema_form *form)
{
    note_missing(schema, table, key);
    return schema_string_or(schema, table, key, form, "");
}

struct schema_text schema_string_or(struct schema *schema, struct toml *table, const char *key,
                                    const struct schema_form *form, const char *otherwise)
{
    const struct toml *node = take(schema, table, key);
    if (node != NULL) {
        return string_of(schema, node, form);
    }
    struct toml_span span = table == NULL ? (struct toml_span){0} : table->span;
    return (struct schema_text){bytes_text(otherwise), span};
}

void *schema_take(struct schema *schema, const struct toml *at, size_t count, size_t size)
{
    void *room = arena_take(schema->arena, count, size);
    if (room == NULL) {
        schema_fail(schema, at, STATUS_NO_MEMORY, "arena of the file");
    }
    return room;
}

void *schema_take_each(struct schema *schema, const struct toml *of, size_t size)
{
    return of == NULL ? NULL : schema_take(schema, of, of->count, size);
}

// A list, and room for its elements, or NULL.
static void *take_list(struct schema *s, struct toml **list, const struct toml *table,
                       const char *key, size_t size)
{
    *list = take(s, table, key);
    bool array = *list != NULL && has_kind(s, *list, TOML_ARRAY);
    return schema_take_each(s, array ? *list : NULL, size);
}

struct schema_texts schema_strings(struct schema *schema, struct toml *table, const char *key,
                                   const struct schema_form *form)
{
    struct toml *list;
    struct schema_text *texts = take_list(schema, &list, table, key, sizeof *texts);
    if (texts == NULL) {
        return (struct schema_texts){0};
    }
    size_t count = 0;
    for (struct toml *element = list->first; element != NULL; element = element->next) {
        element->used = true;
        texts[count++] = string_of(schema, element, form);
    }
    return (struct schema_texts){texts, count, list->span};
}

// The index of a node's string in `names`.
static unsigned choice_of(struct schema *s, const struct toml *node, const char *const *names,
                          unsigned otherwise)
{
    if (node == NULL || !has_kind(s, node, TOML_STRING)) {
        return otherwise;
    }
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (bytes_is(node->text, names[i])) {
            return i;
        }
    }
    schema_fail(s, node, s->codes->value, "not one of the words allowed here");
    return otherwise;
}

unsigned schema_choice_or(struct schema *schema, struct toml *table, const char *key,
                          const char *const *names, unsigned otherwise)
{
    return choice_of(schema, take(schema, table, key), names, otherwise);
}

unsigned schema_choice(struct schema *schema, struct toml *table, const char *key,
                       const char *const *names)
{
    note_missing(schema, table, key);
    return schema_choice_or(schema, table, key, names, 0);
}

struct schema_words schema_words(struct schema *schema, struct toml *table, const char *key,
                                 const struct schema_form *form, const char *const *names)
{
    struct toml *all = schema_table_or_null(schema, table, key);
    struct schema_word *words = schema_take_each(schema, all, sizeof *words);
    if (words == NULL) {
        return (struct schema_words){0};
    }
    size_t count = 0;
    for (struct toml *node = all->first; node != NULL; node = node->next) {
        node->used = true;
        if (!form->accepts(node->key)) {
            schema_fail(schema, node, schema->codes->value, form->rule);
        }
        words[count++] = (struct schema_word){node->key, choice_of(schema, node, names, 0)};
    }
    return (struct schema_words){words, count};
}

bool schema_flag(struct schema *schema, struct toml *table, const char *key)
{
    const struct toml *node = take(schema, table, key);
    return node != NULL && has_kind(schema, node, TOML_BOOLEAN) && node->boolean;
}

// Numbers.

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit sizes[] = {
    {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {NULL, 0}};
static const struct unit times[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {NULL, 0}};

// What a number with a unit must look like.
struct measure {
    const struct unit *units;
    const char *rule;
    struct schema_range range;
};

// A decimal number without leading zeros, directly followed by a unit.
static bool read_measure(uint64_t *value, struct bytes text, const struct unit *units)
{
    uint64_t number;
    size_t digits = 0;
    while (digits < text.len && number_digit(text.at[digits], 10) >= 0) {
        digits++;
    }
    if (!number_decimal(&number, bytes_part(text, 0, digits))) {
        return false;
    }
    for (; units->name != NULL; units++) {
        if (bytes_is(bytes_from(text, digits), units->name)) {
            *value = number * units->factor;
            return number <= UINT64_MAX / units->factor;
        }
    }
    return false;
}

static struct schema_number in_range(struct schema *s, const struct toml *node, uint64_t value,
                                     struct schema_range range)
{
    if (value < range.least || value > range.most) {
        schema_fail(s, node, s->codes->value,
                    value < range.least ? "less than the least value allowed here"
                                        : "more than the greatest value allowed here");
        diag_detail(s->diag, value < range.least ? range.least : range.most);
    }
    return (struct schema_number){value, node->span};
}

static struct schema_number integer_of(struct schema *s, const struct toml *node,
                                       struct schema_range range)
{
    if (!has_kind(s, node, TOML_INTEGER)) {
        return (struct schema_number){0};
    }
    if (node->integer < 0) {
        schema_fail(s, node, s->codes->value, "a number that is not negative");
        return (struct schema_number){0};
    }
    return in_range(s, node, (uint64_t)node->integer, range);
}

static struct schema_number number_or(const struct toml *table, uint64_t otherwise)
{
    struct toml_span span = table == NULL ? (struct toml_span){0} : table->span;
    return (struct schema_number){otherwise, span};
}

struct schema_number schema_integer(struct schema *schema, struct toml *table, const char *key,
                                    struct schema_range range)
{
    note_missing(schema, table, key);
    return schema_integer_or(schema, table, key, range, 0);
}

struct schema_number schema_integer_or(struct schema *schema, struct toml *table, const char *key,
                                       struct schema_range range, uint64_t otherwise)
{
    const struct toml *node = take(schema, table, key);
    return node == NULL ? number_or(table, otherwise) : integer_of(schema, node, range);
}

struct schema_numbers schema_integers(struct schema *schema, struct toml *table, const char *key,
                                      struct schema_range range)
{
    struct toml *list;
    struct schema_number *numbers = take_list(schema, &list, table, key, sizeof *numbers);
    if (numbers == NULL) {
        return (struct schema_numbers){0};
    }
    size_t count = 0;
    for (struct toml *element = list->first; element != NULL; element = element->next) {
        element->used = true;
        numbers[count++] = integer_of(schema, element, range);
    }
    return (struct schema_numbers){numbers, count, list->span};
}

// A string that is a number and a unit.
static struct schema_number measured_or(struct schema *s, struct toml *table, const char *key,
                                        const struct measure *measure, uint64_t otherwise)
{
    uint64_t value = otherwise;
    const struct toml *node = take(s, table, key);
    if (node == NULL || !has_kind(s, node, TOML_STRING)) {
        return number_or(table, otherwise);
    }
    if (!read_measure(&value, node->text, measure->units)) {
        schema_fail(s, node, s->codes->value, measure->rule);
        return number_or(table, otherwise);
    }
    return in_range(s, node, value, measure->range);
}

struct schema_number schema_size(struct schema *schema, struct toml *table, const char *key,
                                 struct schema_range range)
{
    note_missing(schema, table, key);
    return schema_size_or(schema, table, key, range, 0);
}

struct schema_number schema_size_or(struct schema *schema, struct toml *table, const char *key,
                                    struct schema_range range, uint64_t otherwise)
{
    const struct measure size = {sizes, "a size such as 4096, \"64KiB\", \"2MiB\"", range};
    const struct toml *node = find(table, key);
    return node != NULL && node->kind == TOML_INTEGER
               ? schema_integer_or(schema, table, key, range, otherwise)
               : measured_or(schema, table, key, &size, otherwise);
}

struct schema_number schema_power(struct schema *schema, struct toml *table, const char *key,
                                  struct schema_range range)
{
    struct schema_number size = schema_size(schema, table, key, range);
    if ((size.value & (size.value - 1)) != 0) {
        schema_refuse(schema, table, key, "a power of two, for an untyped is one");
    }
    return size;
}

struct schema_number schema_time(struct schema *schema, struct toml *table, const char *key,
                                 struct schema_range range)
{
    note_missing(schema, table, key);
    return schema_time_or(schema, table, key, range, 0);
}

struct schema_number schema_time_or(struct schema *schema, struct toml *table, const char *key,
                                    struct schema_range range, uint64_t otherwise)
{
    const struct measure time = {times, "a time such as \"500us\", \"2ms\", \"10s\"", range};
    return measured_or(schema, table, key, &time, otherwise);
}

enum status schema_number_fail(struct diag *diag, enum status status, const char *what,
                               struct schema_number number)
{
    (void)diag_fail(diag, status, what, number.value);
    diag_position(diag, number.span.line, number.span.column);
    return status;
}

// Tables.

struct toml *schema_table(struct schema *schema, struct toml *table, const char *key)
{
    note_missing(schema, table, key);
    return schema_table_or_null(schema, table, key);
}

struct toml *schema_table_or_null(struct schema *schema, struct toml *table, const char *key)
{
    struct toml *node = take(schema, table, key);
    return node != NULL && has_kind(schema, node, TOML_TABLE) ? node : NULL;
}

struct toml *schema_tables(struct schema *schema, struct toml *table, const char *key)
{
    note_missing(schema, table, key);
    return schema_tables_or_null(schema, table, key);
}

struct toml *schema_tables_or_null(struct schema *schema, struct toml *table, const char *key)
{
    struct toml *node = take(schema, table, key);
    return node != NULL && has_kind(schema, node, TOML_ARRAY) ? node : NULL;
}

static struct toml *enter(struct schema *s, struct toml *node)
{
    if (s->status != STATUS_OK || node == NULL || !has_kind(s, node, TOML_TABLE)) {
        return NULL;
    }
    node->used = true;
    return node;
}

struct toml *schema_first(struct schema *schema, struct toml *of)
{
    return enter(schema, of == NULL ? NULL : of->first);
}

struct toml *schema_next(struct schema *schema, struct toml *after)
{
    return enter(schema, after->next);
}

// The end.

// The node after this one and its children, in the order of the tree; NULL at the end.
static const struct toml *after_subtree(const struct toml *node)
{
    while (node != NULL && node->next == NULL) {
        node = node->parent;
    }
    return node == NULL ? NULL : node->next;
}

// The first node that nobody has asked for.
static const struct toml *unknown(const struct toml *root)
{
    const struct toml *node = root->first;
    while (node != NULL && node->used) {
        node = node->first != NULL ? node->first : after_subtree(node);
    }
    return node;
}

static enum status fail_unknown(struct schema *s, const struct toml *node)
{
    char buffer[DIAG_SUBJECT];
    struct text subject = text_of(buffer, sizeof buffer);
    toml_path_put(&subject, node);
    s->status = toml_fail(s->diag, s->codes->unknown_key, "no such key here", node->key_span,
                          text_bytes(&subject));
    return s->status;
}

enum status schema_finish(struct schema *schema)
{
    if (schema->status != STATUS_OK) {
        return schema->status;
    }
    const struct toml *stranger = unknown(schema->root);
    if (stranger != NULL) {
        return fail_unknown(schema, stranger);
    }
    if (schema->missing_key != NULL) {
        fail_missing(schema, schema->missing_table, schema->missing_key);
    }
    return schema->status;
}
