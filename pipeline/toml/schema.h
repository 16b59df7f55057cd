// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Typed reading of a TOML tree. Every getter marks the key it asked for, and schema_finish refuses
// every key that nobody asked for, anywhere in the file: that unknown keys are errors needs no list
// of known ones. The first failure sticks: later getters do nothing and give zeros, so a reader
// asks for everything and checks once, at schema_finish. An unknown key is reported before a
// missing one, for it is most often the missing one misspelt.
//
// Each error has the place of the offending text, and as subject its dotted path and the text:
// `cpu.budget = "2 parsecs"`. A value of the wrong type is TOML_TYPE; the other three statuses
// belong to the kind of file.

#include "toml.h"

struct schema_codes {
    enum status unknown_key;
    enum status missing_key;
    enum status value;
};

// One file that is being read.
struct schema {
    const struct schema_codes *codes;
    struct bytes text;
    struct arena *arena; // for the tree and for lists
    struct diag *diag;
    struct toml *root;                // NULL until schema_parse
    const struct toml *missing_table; // the first required key that is missing
    const char *missing_key;
    enum status status; // the first other failure
};

// Values with their place; a default has the place of the table that lacks it.
struct schema_text {
    struct bytes value;
    struct toml_span span;
};
struct schema_number {
    uint64_t value;
    struct toml_span span;
};
struct schema_texts {
    const struct schema_text *at;
    size_t count;
    struct toml_span span;
};

struct schema_numbers {
    const struct schema_number *at;
    size_t count;
    struct toml_span span;
};

// One entry of a table of words.
struct schema_word {
    struct bytes key;
    unsigned choice; // index into the words allowed
};
struct schema_words {
    const struct schema_word *at;
    size_t count;
};

struct schema_range {
    uint64_t least;
    uint64_t most;
};

// What a string must look like; `rule` finishes the sentence "expected ...".
struct schema_form {
    bool (*accepts)(struct bytes text);
    const char *rule;
};

// Parses `schema->text`; the root table, or NULL.
struct toml *schema_parse(struct schema *schema);

// OK, or the first failure: then what was read must not be used.
MUST_CHECK enum status schema_finish(struct schema *schema);

// In all getters `table` may be NULL (a table that is itself missing): the result is then zeros.
// Those without `_or` require the key, but for lists and flags, which may be absent.

bool schema_has(const struct toml *table, const char *key);

// Fails at once where a key is missing on which it depends what else the table may hold.
void schema_require(struct schema *schema, const struct toml *table, const char *key);

// Any string (form NULL) or one of a form.
struct schema_text schema_string(struct schema *schema, struct toml *table, const char *key,
                                 const struct schema_form *form);
struct schema_text schema_string_or(struct schema *schema, struct toml *table, const char *key,
                                    const struct schema_form *form, const char *otherwise);

// A list of strings of a form; an absent one is empty.
struct schema_texts schema_strings(struct schema *schema, struct toml *table, const char *key,
                                   const struct schema_form *form);

// A list of integers in a range; an absent one is empty.
struct schema_numbers schema_integers(struct schema *schema, struct toml *table, const char *key,
                                      struct schema_range range);

// The index of the string in `names`, which ends with NULL.
unsigned schema_choice(struct schema *schema, struct toml *table, const char *key,
                       const char *const *names);
unsigned schema_choice_or(struct schema *schema, struct toml *table, const char *key,
                          const char *const *names, unsigned otherwise);

// A table whose keys have a form and whose values are among `names`, which ends with NULL; an
// absent one is empty.
struct schema_words schema_words(struct schema *schema, struct toml *table, const char *key,
                                 const struct schema_form *form, const char *const *names);

// true or false; an absent one is false.
bool schema_flag(struct schema *schema, struct toml *table, const char *key);

// A number that is not negative; a size in bytes (4096, "64KiB", "2MiB", "1GiB"); a time in
// microseconds ("500us", "2ms", "10s").
struct schema_number schema_integer(struct schema *schema, struct toml *table, const char *key,
                                    struct schema_range range);
struct schema_number schema_integer_or(struct schema *schema, struct toml *table, const char *key,
                                       struct schema_range range, uint64_t otherwise);
struct schema_number schema_size(struct schema *schema, struct toml *table, const char *key,
                                 struct schema_range range);
struct schema_number schema_size_or(struct schema *schema, struct toml *table, const char *key,
                                    struct schema_range range, uint64_t otherwise);
struct schema_number schema_power(struct schema *schema, struct toml *table, const char *key,
                                  struct schema_range range); // a size that is a power of two
struct schema_number schema_time(struct schema *schema, struct toml *table, const char *key,
                                 struct schema_range range);
struct schema_number schema_time_or(struct schema *schema, struct toml *table, const char *key,
                                    struct schema_range range, uint64_t otherwise);

// A table that must be there; one that may be absent (NULL); the same for an array of tables.
struct toml *schema_table(struct schema *schema, struct toml *table, const char *key);
struct toml *schema_table_or_null(struct schema *schema, struct toml *table, const char *key);
struct toml *schema_tables(struct schema *schema, struct toml *table, const char *key);
struct toml *schema_tables_or_null(struct schema *schema, struct toml *table, const char *key);

// Room for `count` items, or NULL: then it has failed with NO_MEMORY at `at`. The second: for one
// of each child of `of`; NULL for NULL.
void *schema_take(struct schema *schema, const struct toml *at, size_t count, size_t size);
void *schema_take_each(struct schema *schema, const struct toml *of, size_t size);

// The tables in a table (endpoint.*) or array of tables, in the order of the text; NULL at the end.
struct toml *schema_first(struct schema *schema, struct toml *of);
struct toml *schema_next(struct schema *schema, struct toml *after);

// Refuses the value under a key, or the table that lacks it, for a rule that the getters do not
// know.
void schema_refuse_as(struct schema *schema, const struct toml *table, const char *key,
                      enum status status, const char *rule);
void schema_refuse(struct schema *schema, const struct toml *table, const char *key,
                   const char *rule);

// Fails at any node with any status, in the same form.
void schema_fail(struct schema *schema, const struct toml *at, enum status status,
                 const char *what);

// Fails over a number that has been read: for rules that need more than its file.
enum status schema_number_fail(struct diag *diag, enum status status, const char *what,
                               struct schema_number number);
