// SPDX-License-Identifier: BSD-2-Clause

// The public toml-test suite (tests/golden/toml-test): every valid file must yield the value that
// its tagged JSON says, every invalid one must be refused with a TOML_* status and a position.

#include "bounds.h"
#include "toml.h"

#include <dirent.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define SUITE TEST_DATA "/../golden/toml-test"

// Files of the suite, so that none is passed over.
enum { VALID_COUNT = 99, INVALID_COUNT = 237 };

static uint8_t memory[4 << 20];

// A JSON string of TOML text. jansson cannot hold a NUL in a key, so on both sides NUL shows as
// U+2400.
static json_t *json_of(struct bytes text)
{
    char *copy = malloc(3 * text.len + 1);
    assert_non_null(copy);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *shown = text.at[i] == 0 ? "\xe2\x90\x80" : NULL;
        memcpy(copy + len, shown != NULL ? shown : (const char *)&text.at[i],
               shown != NULL ? 3 : 1);
        len += shown != NULL ? 3 : 1;
    }
    json_t *json = json_stringn(copy, len);
    free(copy);
    assert_non_null(json);
    return json;
}

static json_t *load_json(const char *path, json_error_t *error)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (char *at = strchr(text, '\\'); at != NULL; at = strchr(at + 2, '\\')) {
        if (strncmp(at, "\\u0000", 6) == 0) {
            at[2] = '2';
            at[3] = '4';
        }
    }
    return json_loads(text, 0, error);
}

static const char *tag_of(enum toml_kind kind)
{
    static const char *const tags[] = {
        [TOML_STRING] = "string",
        [TOML_INTEGER] = "integer",
        [TOML_BOOLEAN] = "bool",
        [TOML_FLOAT] = "float",
        [TOML_OFFSET_DATETIME] = "datetime",
        [TOML_LOCAL_DATETIME] = "datetime-local",
        [TOML_LOCAL_DATE] = "date-local",
        [TOML_LOCAL_TIME] = "time-local",
    };
    return tags[kind];
}

// The suite writes dates with 'T' and 'Z'.
static json_t *date_value(struct bytes text)
{
    char copy[64];
    assert_true(text.len < sizeof copy);
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.at[i];
        copy[i] = c == ' ' || c == 't' ? 'T' : c == 'z' ? 'Z' : c;
    }
    return json_stringn(copy, text.len);
}

static json_t *scalar_value(const struct toml *node)
{
    char digits[32];
    switch (node->kind) {
    case TOML_INTEGER:
        snprintf(digits, sizeof digits, "%lld", (long long)node->integer);
        return json_string(digits);
    case TOML_BOOLEAN:
        return json_string(node->boolean ? "true" : "false");
    case TOML_STRING:
    case TOML_FLOAT:
        return json_of(node->text);
    default:
        return date_value(node->text);
    }
}

// Test code may recurse: the parser has bounded the depth.
static json_t *tagged(const struct toml *node)
{
    if (node->kind == TOML_TABLE) {
        json_t *object = json_object();
        for (const struct toml *child = node->first; child != NULL; child = child->next) {
            json_t *key = json_of(child->key);
            json_object_set_new(object, json_string_value(key), tagged(child));
            json_decref(key);
        }
        return object;
    }
    if (node->kind == TOML_ARRAY) {
        json_t *array = json_array();
        for (const struct toml *child = node->first; child != NULL; child = child->next) {
            json_array_append_new(array, tagged(child));
        }
        return array;
    }
    return json_pack("{s:s, s:o}", "type", tag_of(node->kind), "value", scalar_value(node));
}

// A TOML float or the suite's decimal form of one.
static double float_of(const char *text)
{
    char digits[128];
    size_t len = 0;
    for (; *text != '\0' && len < sizeof digits - 1; text++) {
        if (*text != '_') {
            digits[len++] = *text;
        }
    }
    digits[len] = '\0';
    return strtod(digits, NULL);
}

static bool same_float(const char *a, const char *b)
{
    double left = float_of(a);
    double right = float_of(b);
    return left == right || (left != left && right != right);
}

static bool same(const json_t *got, const json_t *want);

static bool same_scalar(const json_t *got, const json_t *want)
{
    const char *type = json_string_value(json_object_get(want, "type"));
    if (strcmp(type, "float") != 0) {
        return json_equal(got, want);
    }
    return json_equal(json_object_get(got, "type"), json_object_get(want, "type")) &&
           same_float(json_string_value(json_object_get(got, "value")),
                      json_string_value(json_object_get(want, "value")));
}

static bool same_children(const json_t *got, const json_t *want)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)want, key, value)
    {
        if (!same(json_object_get(got, key), value)) {
            return false;
        }
    }
    return json_object_size(got) == json_object_size(want);
}

static bool same(const json_t *got, const json_t *want)
{
    if (json_is_string(json_object_get(want, "type")) &&
        json_is_string(json_object_get(want, "value"))) {
        return same_scalar(got, want);
    }
    if (json_is_object(want)) {
        return json_is_object(got) && same_children(got, want);
    }
    size_t count = json_array_size(want);
    for (size_t i = 0; i < count; i++) {
        if (!same(json_array_get(got, i), json_array_get(want, i))) {
            return false;
        }
    }
    return json_is_array(got) && json_array_size(got) == count;
}

static struct bytes read_file(const char *path)
{
    static uint8_t buffer[BOUND_TOML + 1];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    return (struct bytes){buffer, len};
}

struct tally {
    unsigned run, wrong;
};

static void wrong(struct tally *tally, const char *path, const char *why)
{
    print_error("%s: %s\n", path, why);
    tally->wrong++;
}

static void check_valid(struct tally *tally, const char *path)
{
    struct toml *root;
    struct diag diag = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    tally->run++;
    if (toml_parse(&root, read_file(path), &arena, &diag) != STATUS_OK) {
        print_error("line %u column %u: %s\n", diag.line, diag.column, diag.what);
        wrong(tally, path, "refused");
        return;
    }
    char json_path[4096];
    snprintf(json_path, sizeof json_path, "%.*s.json", (int)(strlen(path) - strlen(".toml")), path);
    json_error_t error;
    json_t *want = load_json(json_path, &error);
    if (want == NULL) {
        wrong(tally, json_path, error.text);
        return;
    }
    json_t *got = tagged(root);
    if (!same(got, want)) {
        wrong(tally, path, json_dumps(got, 0));
    }
    json_decref(got);
    json_decref(want);
}

static void check_invalid(struct tally *tally, const char *path)
{
    struct toml *root = NULL;
    struct diag diag = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    tally->run++;
    enum status status = toml_parse(&root, read_file(path), &arena, &diag);
    if (status == STATUS_OK) {
        wrong(tally, path, "accepted");
    } else if (root != NULL || diag.status != status || diag.line == 0 || diag.column == 0 ||
               strcmp(status_stage(status), "toml") != 0) {
        wrong(tally, path, "refused without a proper diagnosis");
    }
}

static void each_file(struct tally *tally, const char *folder,
                      void (*check)(struct tally *, const char *))
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &info) != 0) {
            continue;
        }
        size_t len = strlen(path);
        if (S_ISDIR(info.st_mode)) {
            each_file(tally, path, check);
        } else if (strcmp(path + len - 5, ".toml") == 0) {
            check(tally, path);
        }
    }
    closedir(dir);
}

static void valid_files_yield_their_value(void **state)
{
    (void)state;
    struct tally tally = {0};
    each_file(&tally, SUITE "/valid", check_valid);
    assert_int_equal(tally.wrong, 0);
    assert_int_equal(tally.run, VALID_COUNT);
}

static void invalid_files_are_refused(void **state)
{
    (void)state;
    struct tally tally = {0};
    each_file(&tally, SUITE "/invalid", check_invalid);
    assert_int_equal(tally.wrong, 0);
    assert_int_equal(tally.run, INVALID_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_files_yield_their_value),
        cmocka_unit_test(invalid_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
