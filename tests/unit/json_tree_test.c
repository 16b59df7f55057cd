// SPDX-License-Identifier: BSD-2-Clause

// Documents by chance, whole and spoilt, read by json_tree and by jansson: both refuse the same,
// and have the same values of what they take.

#include "json_tree.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

enum { ROUNDS = 60000, DEPTH = 5, SIZE = 1 << 16 };

static uint8_t memory[1 << 20];

// xorshift64*: the same run for the same seed, everywhere.
static uint32_t below(uint32_t end)
{
    static uint64_t state = 99;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 33) % end;
}

static void put_one_of(struct text *t, const char *const *words, uint32_t count)
{
    text_put(t, words[below(count)]);
}
#define PUT(t, words) put_one_of(t, words, sizeof(words) / sizeof *(words))

static void put_space(struct text *t)
{
    static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t\r", "  "};
    PUT(t, spaces);
}

static void put_string(struct text *t)
{
    static const char *const parts[] = {"a",       "slot", "\xc3\xa9", "\xf0\x9f\x94\x91", "\\n",
                                        "\\u00e9", "\\\\", "\\\"",     "\\ud83d\\udd11",   "x y",
                                        "\\/",     "\x7f", "b",        "\xef\xbf\xbf",     "c"};
    text_put(t, "\"");
    for (uint32_t i = below(4); i > 0; i--) {
        PUT(t, parts);
    }
    text_put(t, "\"");
}

static void put_scalar(struct text *t)
{
    static const char *const scalars[] = {"0",
                                          "7",
                                          "4096",
                                          "-1",
                                          "2.5",
                                          "-0.25",
                                          "1e3",
                                          "12E-2",
                                          "1.0e+1",
                                          "true",
                                          "false",
                                          "null",
                                          "9223372036854775807"};
    if (below(2) == 0) {
        put_string(t);
    } else {
        PUT(t, scalars);
    }
}

static void put_value(struct text *t, unsigned depth)
{
    put_space(t);
    if (depth == 0 || (depth < DEPTH && below(2) == 0)) {
        put_scalar(t);
        put_space(t);
        return;
    }
    bool object = below(2) == 0;
    text_put(t, object ? "{" : "[");
    put_space(t);
    for (uint32_t i = 0, count = below(8) == 0 ? 0 : 1 + below(3); i < count; i++) {
        text_put(t, i > 0 ? "," : "");
        if (object) {
            put_space(t);
            put_string(t);
            put_space(t);
            text_put(t, ":");
        }
        put_value(t, depth - 1);
    }
    text_put(t, object ? "}" : "]");
    put_space(t);
}

// Changes, inserts or takes away one byte.
static size_t spoil(char *at, size_t len)
{
    static const char bytes[] = "\"\\{}[],:0159.eE+-u \n\x80\xc3\xed\xff\x01tfn";
    size_t place = below((uint32_t)len);
    char byte = bytes[below(sizeof bytes - 1)];
    switch (below(3)) {
    case 0:
        at[place] = byte;
        return len;
    case 1:
        memmove(at + place + 1, at + place, len - place);
        at[place] = byte;
        return len + 1;
    default:
        memmove(at + place, at + place + 1, len - place - 1);
        return len - 1;
    }
}

static void assert_text(struct bytes got, const char *want, size_t len)
{
    assert_int_equal(got.len, len);
    assert_memory_equal(got.at, want, len);
}

static void assert_same(const struct json_tree_node *got, json_t *want)
{
    static const json_type types[] = {JSON_NULL,   JSON_FALSE, JSON_TRUE,  JSON_REAL,
                                      JSON_STRING, JSON_ARRAY, JSON_OBJECT};
    uint64_t count = 0;
    bool whole = json_tree_count(&count, got);
    assert_int_equal(types[got->kind], json_is_integer(want) ? JSON_REAL : json_typeof(want));
    assert_true(!whole || (json_int_t)count == json_integer_value(want));
    assert_true(whole || !json_is_integer(want) || json_integer_value(want) <= 0);
    if (json_is_string(want)) {
        assert_text(got->text, json_string_value(want), json_string_length(want));
    }
    assert_int_equal(got->count, json_array_size(want) + json_object_size(want));
    void *member = json_object_iter(want);
    const struct json_tree_node *item = json_tree_first(got);
    for (size_t i = 0; item != NULL; i++, item = json_tree_next(item)) {
        if (member != NULL) {
            const char *name = json_object_iter_key(member);
            assert_text(item->name, name, strlen(name));
            assert_ptr_equal(json_tree_member(got, name), item);
        }
        assert_same(item,
                    member != NULL ? json_object_iter_value(member) : json_array_get(want, i));
        member = member != NULL ? json_object_iter_next(want, member) : NULL;
    }
}

static void reads_what_jansson_reads(void **state)
{
    static char document[SIZE];
    unsigned taken = 0, refused = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena arena = arena_of(memory, sizeof memory);
        struct text text = text_of(document, sizeof document - 8);
        struct json_tree tree;
        struct diag diag = {0};
        json_error_t error;
        put_value(&text, DEPTH);
        size_t len = text.len;
        for (uint32_t spoils = below(3); spoils > 0 && len > 1; spoils--) {
            len = spoil(document, len);
        }
        json_t *want = json_loadb(document, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
        struct bytes bytes = {(const uint8_t *)document, len};
        enum status status = json_tree_read(&tree, bytes, &arena, &diag);
        enum json_error_code code = want == NULL ? json_error_code(&error) : json_error_unknown;
        if (want != NULL) {
            assert_int_equal(status, STATUS_OK);
            assert_same(tree.nodes, want);
            taken++;
        } else if (code != json_error_duplicate_key && code != json_error_numeric_overflow) {
            assert_int_equal(status, STATUS_PLAN_SHAPE);
            assert_int_equal(diag.status, status);
            refused++;
        }
        json_decref(want);
        json_tree_free(&tree);
    }
    assert_true(taken > ROUNDS / 3 && refused > ROUNDS / 3);
}

static enum status read_bytes(struct bytes text, struct diag *diag)
{
    struct arena arena = arena_of(memory, sizeof memory);
    struct json_tree tree;
    enum status status = json_tree_read(&tree, text, &arena, diag);
    json_tree_free(&tree);
    return status;
}

static enum status read(const char *text, struct diag *diag)
{
    return read_bytes(bytes_text(text), diag);
}

// jansson 2.14 takes it after a number.
static void refuses_nul_everywhere(void **state)
{
    static const char document[] = " [ 1 , \"a\" , { \"b\" : true } ] ";
    char spoilt[sizeof document + 1];
    struct diag diag;
    (void)state;
    assert_int_equal(read(document, &diag), STATUS_OK);
    for (size_t i = 0; i < sizeof document; i++) {
        memcpy(spoilt, document, i);
        spoilt[i] = '\0';
        memcpy(spoilt + i + 1, document + i, sizeof document - i);
        struct bytes text = {(const uint8_t *)spoilt, sizeof document};
        assert_int_equal(read_bytes(text, &diag), STATUS_PLAN_SHAPE);
    }
    assert_int_equal(read("[\"\\u0000\"]", &diag), STATUS_PLAN_SHAPE);
}

static void says_where_it_is_wrong(void **state)
{
    struct diag diag;
    (void)state;
    assert_int_equal(read("{\"a\":1,\n \"\xc3\xa9\" 2}", &diag), STATUS_PLAN_SHAPE);
    assert_int_equal(diag.line, 2);
    assert_int_equal(diag.column, 6);
    assert_int_equal(read("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", &diag), STATUS_OK);
    assert_int_equal(read("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", &diag), STATUS_PLAN_SHAPE);
    assert_int_equal(diag.column, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_jansson_reads),
        cmocka_unit_test(refuses_nul_everywhere),
        cmocka_unit_test(says_where_it_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
