// SPDX-License-Identifier: BSD-2-Clause
#include "name.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define A31 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void check_is(const char *name, enum status status, uint64_t where)
{
    struct diag diag = {0};
    assert_int_equal(name_check(bytes_text(name), &diag), status);
    assert_int_equal(diag.where, where);
}

static void names_follow_the_label_rule(void **state)
{
    (void)state;
    check_is("a", STATUS_OK, 0);
    check_is("com.example.sensor-2", STATUS_OK, 0);
    check_is(A31 "." A31, STATUS_OK, 0);
    check_is("", STATUS_NAME_EMPTY, 0);
    check_is(A31 "." A31 ".", STATUS_NAME_UNTERMINATED, 63);
    check_is(A31 "a", STATUS_NAME_LABEL, 0);
    check_is("com.Example", STATUS_NAME_CHAR, 4);
    check_is("com.exa_mple", STATUS_NAME_CHAR, 7);
    check_is("com..example", STATUS_NAME_LABEL, 4);
    check_is(".com", STATUS_NAME_LABEL, 0);
    check_is("com.", STATUS_NAME_LABEL, 4);
    check_is("com.1st", STATUS_NAME_LABEL, 4);
    check_is("com.-a", STATUS_NAME_LABEL, 4);
}

static void last_label_follows_the_last_dot(void **state)
{
    (void)state;
    assert_true(bytes_is(name_last_label(bytes_text("com.example.log")), "log"));
    assert_true(bytes_is(name_last_label(bytes_text("log")), "log"));
}

static bool pattern_ok(const char *pattern)
{
    return name_pattern_check(bytes_text(pattern), NULL) == STATUS_OK;
}

static void patterns_have_three_forms(void **state)
{
    (void)state;
    assert_true(pattern_ok("*"));
    assert_true(pattern_ok("net.*"));
    assert_true(pattern_ok("net.driver"));
    assert_false(pattern_ok(""));
    assert_false(pattern_ok(".*"));
    assert_false(pattern_ok("net*"));
    assert_false(pattern_ok("*.net"));
    assert_false(pattern_ok("net.*.x"));
    assert_false(pattern_ok("net.**"));
    assert_int_equal(name_pattern_check(bytes_text("N"), NULL), STATUS_POLICY_PATTERN);
}

static bool matches(const char *pattern, const char *name)
{
    return name_matches(bytes_text(pattern), bytes_text(name));
}

static void a_star_stands_for_one_or_more_labels(void **state)
{
    (void)state;
    assert_true(matches("*", "a.b"));
    assert_true(matches("net.*", "net.a"));
    assert_true(matches("net.*", "net.a.b"));
    assert_false(matches("net.*", "net"));
    assert_false(matches("net.*", "network.a"));
    assert_true(matches("net.a", "net.a"));
    assert_false(matches("net.a", "net.a.b"));
}

static void rank_orders_by_specificity(void **state)
{
    (void)state;
    size_t any = name_pattern_rank(bytes_text("*"));
    size_t wide = name_pattern_rank(bytes_text("n.*"));
    size_t narrow = name_pattern_rank(bytes_text("n." A31 ".*"));
    size_t exact = name_pattern_rank(bytes_text("n.a"));
    assert_true(any < wide && wide < narrow && narrow < exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_label_rule),
        cmocka_unit_test(last_label_follows_the_last_dot),
        cmocka_unit_test(patterns_have_three_forms),
        cmocka_unit_test(a_star_stands_for_one_or_more_labels),
        cmocka_unit_test(rank_orders_by_specificity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
