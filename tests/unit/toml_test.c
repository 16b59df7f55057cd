// SPDX-License-Identifier: BSD-2-Clause
#include "toml.h"

#include "bounds.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static uint8_t memory[4 << 20];

static enum status parse(struct toml **root, struct bytes text, struct diag *diag)
{
    struct arena arena = arena_of(memory, sizeof memory);
    return toml_parse(root, text, &arena, diag);
}

static struct toml *parsed(const char *text)
{
    struct toml *root = NULL;
    assert_int_equal(parse(&root, bytes_text(text), NULL), STATUS_OK);
    return root;
}

static struct toml *at(const struct toml *table, const char *key)
{
    struct toml *node = toml_find(table, bytes_text(key));
    assert_non_null(node);
    return node;
}

static void assert_span(struct toml_span span, uint32_t line, uint32_t column, uint32_t offset,
                        uint32_t len)
{
    assert_int_equal(span.line, line);
    assert_int_equal(span.column, column);
    assert_int_equal(span.offset, offset);
    assert_int_equal(span.len, len);
}

static void spans_point_at_keys_and_values(void **state)
{
    (void)state;
    struct toml *root = parsed("a = 1\n\"\xc3\xa9\".b = [ 2, 'x' ]\r\n[ t . u ]\nc = { d = 3 }");
    assert_span(at(root, "a")->key_span, 1, 1, 0, 1);
    assert_span(at(root, "a")->span, 1, 5, 4, 1);
    struct toml *b = at(at(root, "\xc3\xa9"), "b");
    assert_span(b->key_span, 2, 5, 11, 1);
    assert_span(b->span, 2, 9, 15, 10);
    assert_span(b->last->span, 2, 14, 20, 3);
    struct toml *u = at(at(root, "t"), "u");
    assert_span(u->key_span, 3, 7, 33, 1);
    assert_span(u->span, 3, 1, 27, 9);
    assert_span(at(u, "c")->span, 4, 5, 41, 9);
    assert_span(at(at(u, "c"), "d")->span, 4, 11, 47, 1);
}

static void children_keep_the_order_of_the_text(void **state)
{
    (void)state;
    struct toml *root = parsed("z = 1\na = 2\n[m]\n[b]\nx = 3\n[m.y]\n");
    const char *keys[] = {"z", "a", "m", "b"};
    const struct toml *node = root->first;
    for (size_t i = 0; i < 4; i++, node = node->next) {
        assert_true(bytes_is(node->key, keys[i]));
        assert_ptr_equal(node->parent, root);
    }
    assert_null(node);
    assert_int_equal(root->count, 4);
    assert_int_equal(at(at(root, "m"), "y")->depth, 2);
}

static void find_tells_keys_apart_that_share_beginnings(void **state)
{
    (void)state;
    struct toml *root =
        parsed("'' = 0\n\"\\u0000\" = 1\n\"\\u0000\\u0000\" = 2\na = 3\nab = 4\nb = 5\n"
               "abc = 6\n");
    const struct bytes keys[] = {{(const uint8_t *)"", 0},     {(const uint8_t *)"\0", 1},
                                 {(const uint8_t *)"\0\0", 2}, {(const uint8_t *)"a", 1},
                                 {(const uint8_t *)"ab", 2},   {(const uint8_t *)"b", 1},
                                 {(const uint8_t *)"abc", 3}};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(toml_find(root, keys[i])->integer, i);
    }
    assert_null(toml_find(root, bytes_text("c")));
    assert_null(toml_find(root, bytes_text("abcd")));
    assert_null(toml_find(parsed(""), bytes_text("")));
}

static void strings_are_borrowed_unless_escaped(void **state)
{
    (void)state;
    const char *text = "a = 'plain'\nb = \"x\\ty\"";
    struct toml *root = parsed(text);
    assert_ptr_equal(at(root, "a")->text.at, text + 5);
    assert_true(bytes_is(at(root, "b")->text, "x\ty"));
    assert_true(at(root, "b")->text.at >= memory &&
                at(root, "b")->text.at < memory + sizeof memory);
}

static void integers_reach_both_ends_of_64_bits(void **state)
{
    (void)state;
    struct toml *root = parsed("a = 9223372036854775807\nb = -9223372036854775808\n"
                               "c = 0x7fff_ffff_ffff_ffff");
    assert_true(at(root, "a")->integer == INT64_MAX);
    assert_true(at(root, "b")->integer == INT64_MIN);
    assert_true(at(root, "c")->integer == INT64_MAX);
}

struct fault {
    const char *text;
    enum status status;
    uint32_t line;
    uint32_t column;
    const char *subject;
};

static void check_fault(const struct fault *fault, size_t len)
{
    struct diag diag = {0};
    struct toml *root = NULL;
    struct bytes text = {(const uint8_t *)fault->text, len};
    enum status status = parse(&root, text, &diag);
    struct bytes subject = {(const uint8_t *)diag.subject, diag.subject_len};
    if (status != fault->status || diag.line != fault->line || diag.column != fault->column ||
        !bytes_is(subject, fault->subject)) {
        fail_msg("%s: %s at %u:%u \"%.*s\"", fault->text, status_name(status), diag.line,
                 diag.column, (int)diag.subject_len, diag.subject);
    }
    assert_null(root);
    assert_int_equal(diag.status, status);
    assert_non_null(diag.what);
}

static void every_fault_has_its_name_and_place(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"a = 1\n\xef\xbb\xbf"
         "b = 2",
         STATUS_TOML_BOM, 2, 1, "\xef\xbb\xbf"},
        {"a = '\xc3'", STATUS_TOML_UTF8, 1, 6, "\xc3"},
        {"a = '\xed\xa0\x80'", STATUS_TOML_UTF8, 1, 6, "\xed"},
        {"a = '\xc3\xa9\x1b'", STATUS_TOML_CONTROL, 1, 7, "\x1b"},
        {"# \x7f", STATUS_TOML_CONTROL, 1, 3, "\x7f"},
        {"a = 1\rb = 2", STATUS_TOML_CONTROL, 1, 6, "\r"},
        {"a = ", STATUS_TOML_SYNTAX, 1, 5, ""},
        {"a = 1 b = 2", STATUS_TOML_SYNTAX, 1, 7, "b"},
        {"a = 01", STATUS_TOML_SYNTAX, 1, 5, "01"},
        {"a = [1, 2", STATUS_TOML_SYNTAX, 1, 10, ""},
        {"a = [1 2]", STATUS_TOML_SYNTAX, 1, 8, "2"},
        {"a = {b = 1,}", STATUS_TOML_SYNTAX, 1, 12, "}"},
        {"a = \"x\\qy\"", STATUS_TOML_SYNTAX, 1, 7, "\\"},
        {"a = \"\\ud800\"", STATUS_TOML_SYNTAX, 1, 6, "\\ud800"},
        {"a = 'x\n'", STATUS_TOML_SYNTAX, 1, 5, "'x"},
        {"[a\nb = 1", STATUS_TOML_SYNTAX, 1, 3, "\n"},
        {"a = 2026-02-29", STATUS_TOML_SYNTAX, 1, 5, "2026-02-29"},
        {"a = 1\nb = 2\n\"a\" = 3", STATUS_TOML_DUPLICATE_KEY, 3, 1, "\"a\""},
        {"[a]\n[b]\n[ a ]", STATUS_TOML_DUPLICATE_KEY, 3, 3, "a"},
        {"[a.b]\n[a]\nb.c = 1", STATUS_TOML_DUPLICATE_KEY, 3, 1, "b"},
        {"a = 9223372036854775808", STATUS_TOML_INT_RANGE, 1, 5, "9223372036854775808"},
        {"a = -9223372036854775809", STATUS_TOML_INT_RANGE, 1, 5, "-9223372036854775809"},
        {"a = 0x8000000000000000", STATUS_TOML_INT_RANGE, 1, 5, "0x8000000000000000"},
        {"a = 99999999999999999999", STATUS_TOML_INT_RANGE, 1, 5, "99999999999999999999"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        check_fault(&faults[i], strlen(faults[i].text));
    }
    static const struct fault nul = {"a = 1\n\0", STATUS_TOML_NUL, 2, 1, ""};
    struct diag diag = {0};
    struct toml *root = NULL;
    assert_int_equal(parse(&root, (struct bytes){(const uint8_t *)nul.text, 7}, &diag), nul.status);
    assert_int_equal(diag.line, 2);
    assert_int_equal(diag.column, 1);
}

static char text[BOUND_TOML + 1];

// The text `before`, `count` times `middle`, `after`.
static struct bytes repeat(const char *before, const char *middle, size_t count, const char *after)
{
    struct text out = text_of(text, sizeof text);
    text_put(&out, before);
    for (size_t i = 0; i < count; i++) {
        text_put(&out, middle);
    }
    text_put(&out, after);
    assert_false(out.cut);
    return text_bytes(&out);
}

static enum status status_of(struct bytes source, uint32_t *column)
{
    struct toml *root;
    struct diag diag = {0};
    enum status status = parse(&root, source, &diag);
    *column = diag.column;
    return status;
}

static void depth_is_bounded_exactly(void **state)
{
    (void)state;
    uint32_t column;
    assert_int_equal(status_of(repeat("a=", "[", 16, "]]]]]]]]]]]]]]]]"), &column), STATUS_OK);
    assert_int_equal(status_of(repeat("a=", "[", 17, ""), &column), STATUS_TOML_DEPTH);
    assert_int_equal(column, 19);
    assert_int_equal(status_of(repeat("", "a.", 16, "a=1"), &column), STATUS_OK);
    assert_int_equal(status_of(repeat("", "a.", 17, "a=1"), &column), STATUS_TOML_DEPTH);
    assert_int_equal(column, 33);
    assert_int_equal(status_of(repeat("[", "a.", 16, "a]"), &column), STATUS_TOML_DEPTH);
    assert_int_equal(status_of(repeat("a=", "[", 60000, ""), &column), STATUS_TOML_DEPTH);
    assert_int_equal(status_of(repeat("a=", "{a=", 17, ""), &column), STATUS_TOML_DEPTH);
}

static void nodes_are_bounded_exactly(void **state)
{
    (void)state;
    uint32_t column;
    size_t elements = BOUND_TOML_NODES - 2; // beside them the root and the array
    assert_int_equal(status_of(repeat("a=[", "1,", elements, "]"), &column), STATUS_OK);
    assert_int_equal(status_of(repeat("a=[", "1,", elements + 1, "]"), &column),
                     STATUS_TOML_TOO_MANY);
    assert_int_equal(column, 4 + 2 * elements);
}

static void length_is_bounded_exactly(void **state)
{
    (void)state;
    uint32_t column;
    assert_int_equal(status_of(repeat("", "#", BOUND_TOML, ""), &column), STATUS_OK);
    assert_int_equal(status_of(repeat("", "#", BOUND_TOML + 1, ""), &column),
                     STATUS_TOML_TOO_LARGE);
}

static void a_small_arena_is_refused_at_every_size(void **state)
{
    (void)state;
    struct bytes source = bytes_text("a = \"\\t\"\n[b]\nc = [1, {d = \"\\n\"}]\n");
    enum status status = STATUS_NO_MEMORY;
    size_t size = 0;
    for (; status == STATUS_NO_MEMORY; size += 16) {
        struct toml *root = NULL;
        struct diag diag = {0};
        struct arena arena = arena_of(memory, size);
        status = toml_parse(&root, source, &arena, &diag);
        assert_int_equal(diag.status, status);
        assert_int_equal(root != NULL, status == STATUS_OK);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(size > 7 * sizeof(struct toml));
}

static double seconds_for(struct bytes source)
{
    struct toml *root;
    struct timespec from;
    struct timespec to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    assert_int_equal(parse(&root, source, NULL), STATUS_OK);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
}

// Keys that are beginnings of one another, which deepen the index, and many short ones.
static struct bytes long_and_short_keys(void)
{
    struct text out = text_of(text, sizeof text);
    for (size_t len = 1; len < 250; len++) {
        for (size_t i = 0; i < len; i++) {
            text_char(&out, '-');
        }
        text_put(&out, "=1\n");
    }
    while (out.size - out.len > 16) {
        text_char(&out, 'k');
        text_put_u64(&out, out.len);
        text_put(&out, "=1\n");
    }
    return text_bytes(&out);
}

// Quadratic work would take seconds on these; the bound is wide, for slow and sanitized builds.
static void hostile_texts_take_no_time(void **state)
{
    (void)state;
    assert_true(seconds_for(long_and_short_keys()) < 0.5);
    assert_true(seconds_for(repeat("a=[", "{},", 8000, "]")) < 0.5);
    assert_true(seconds_for(repeat("", "[[a.b]]\n", 8000, "")) < 0.5);
    assert_true(seconds_for(repeat("a=\"", "\\t", 32000, "\"")) < 0.5);
    assert_true(seconds_for(repeat("a='''", "''x", 21000, "'''")) < 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_point_at_keys_and_values),
        cmocka_unit_test(children_keep_the_order_of_the_text),
        cmocka_unit_test(find_tells_keys_apart_that_share_beginnings),
        cmocka_unit_test(strings_are_borrowed_unless_escaped),
        cmocka_unit_test(integers_reach_both_ends_of_64_bits),
        cmocka_unit_test(every_fault_has_its_name_and_place),
        cmocka_unit_test(depth_is_bounded_exactly),
        cmocka_unit_test(nodes_are_bounded_exactly),
        cmocka_unit_test(length_is_bounded_exactly),
        cmocka_unit_test(a_small_arena_is_refused_at_every_size),
        cmocka_unit_test(hostile_texts_take_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
