// SPDX-License-Identifier: BSD-2-Clause

// Numbers and the pieces of texts around them: what is one, what is none, and that what is none
// leaves the outputs alone.

#include "json_text.h"
#include "number.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void decimal(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",   "00", "01", "1 ",
                                        "-1", "+1", "1a", "18446744073709551616"};
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(number_decimal(&value, bytes_text(wrong[i])));
    }
    assert_int_equal(value, 7);
    assert_true(number_decimal(&value, bytes_text("0")));
    assert_int_equal(value, 0);
    assert_true(number_decimal(&value, bytes_text("18446744073709551615")));
    assert_true(value == UINT64_MAX);
}

static void hexadecimal(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "0", "0x", "x1", "1", "0X1", "0xA", "0x12345", "0x1g"};
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(number_hex(&value, bytes_text(wrong[i]), 4));
    }
    assert_int_equal(value, 7);
    assert_true(number_hex(&value, bytes_text("0x0af9"), 4));
    assert_int_equal(value, 0xaf9);
    assert_true(number_hex(&value, bytes_text("0xffffffffffffffff"), 16));
    assert_true(value == UINT64_MAX);
}

static void range(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0x3f8", "0x3ff-0x3f8", "0x1-", "-0x1", "0x1-0x2-0x3"};
    uint64_t first = 7, last = 8;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(number_hex_range(&first, &last, bytes_text(wrong[i]), 4));
    }
    assert_int_equal(first, 7);
    assert_int_equal(last, 8);
    assert_true(number_hex_range(&first, &last, bytes_text("0x3f8-0x3f8"), 4));
    assert_int_equal(first, 0x3f8);
    assert_int_equal(last, 0x3f8);
}

static void ones(void **state)
{
    (void)state;
    assert_int_equal(number_ones(0), 0);
    assert_int_equal(number_ones(UINT64_MAX), 64);
    assert_int_equal(number_ones(UINT64_C(0x8000000000000001)), 2);
}

static void split(void **state)
{
    (void)state;
    struct bytes before = {0}, after = {0};
    assert_false(bytes_split(&before, &after, bytes_text("ab"), '/'));
    assert_null(before.at);
    assert_true(bytes_split(&before, &after, bytes_text("a/b/c"), '/'));
    assert_true(bytes_is(before, "a") && bytes_is(after, "b/c"));
    assert_true(bytes_split(&before, &after, bytes_text("/"), '/'));
    assert_true(before.len == 0 && after.len == 0);
}

static void append(void *to, struct bytes piece)
{
    assert_true(piece.len <= 4);
    text_put_bytes(to, piece);
}

// What is longer than its room arrives whole at the sink, and is not called cut.
static void sink(void **state)
{
    (void)state;
    char all[64], room[4];
    struct text out = text_of(all, sizeof all);
    struct json_text json = {.text =
                                 text_into(room, sizeof room, (struct text_sink){append, &out})};
    json_text_open(&json, NULL, '{');
    json_text_name(&json, "name", "a\"b");
    json_text_open(&json, "list", '[');
    json_text_int(&json, NULL, 1);
    json_text_int(&json, NULL, 2);
    json_text_close(&json, ']');
    json_text_close(&json, '}');
    text_flush(&json.text);
    assert_false(json.text.cut || out.cut);
    assert_true(bytes_is(text_bytes(&out), "{\"name\":\"a\\\"b\",\"list\":[1,2]}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(decimal), cmocka_unit_test(hexadecimal),
                                       cmocka_unit_test(range),   cmocka_unit_test(ones),
                                       cmocka_unit_test(split),   cmocka_unit_test(sink)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
