// SPDX-License-Identifier: BSD-2-Clause

// The laws of the comparison (spec/diff.md, 2) over authorities by chance: equal sides differ in
// nothing; what one direction gains the other one loses; a union has at least what its parts have.

#include "diff_words.h"
#include "support/random_authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 3000 };

static uint8_t memory[8 << 20];

static struct diff diff_of(const struct authority *was, const struct authority *now,
                           struct arena *arena)
{
    struct diff diff;
    struct diag diag;
    assert_int_equal(diff_make(&diff, was, now, arena, &diag), STATUS_OK);
    return diff;
}

static void what_is_equal_is_the_same(void **state)
{
    (void)state;
    struct random r = {1};
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena arena = arena_of(memory, sizeof memory);
        struct authority made = random_authority(&r, &arena);
        struct authority a = random_finished(&made, &arena), b = random_finished(&made, &arena);
        struct diff diff = diff_of(&a, &b, &arena);
        assert_int_equal(diff.change_count, 0);
        assert_int_equal(diff.verdict, DIFF_SAME);
    }
}

static bool is_about_the_same(const struct diff_change *a, const struct diff_change *b)
{
    char room[2][256];
    struct text x = text_of(room[0], sizeof room[0]), y = text_of(room[1], sizeof room[1]);
    diff_words_put_object(&x, a);
    diff_words_put_object(&y, b);
    return a->kind == b->kind && bytes_equal(text_bytes(&x), text_bytes(&y)) &&
           bytes_equal(diff_words_target(a)->name, diff_words_target(b)->name) &&
           bytes_equal(a->text, b->text) && strcmp(diff_words_kind(a), diff_words_kind(b)) == 0;
}

// Only a capability, whose authority is a set, can be incomparable.
static bool is_opposite(const struct diff_change *a, const struct diff_change *b)
{
    if (a->verdict != b->verdict) {
        return a->auth_added == b->auth_removed && a->auth_removed == b->auth_added;
    }
    return a->kind == DIFF_CAP && a->verdict == DIFF_GREW && a->auth_added == b->auth_removed &&
           a->auth_removed == b->auth_added && a->auth_added != 0 && a->auth_removed != 0;
}

static void one_way_gains_what_the_other_loses(void **state)
{
    (void)state;
    struct random r = {2};
    unsigned grew = 0, shrank = 0, both = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena arena = arena_of(memory, sizeof memory);
        struct authority made[2] = {random_authority(&r, &arena), random_authority(&r, &arena)};
        if (i % 3 == 0) { // comparable ones are rare
            made[0] = random_union(&made[0], &made[1], &arena);
        }
        struct authority a = random_finished(&made[0], &arena);
        struct authority b = random_finished(&made[1], &arena);
        struct diff forth = diff_of(&a, &b, &arena), back = diff_of(&b, &a, &arena);
        assert_int_equal(forth.change_count, back.change_count);
        for (uint32_t k = 0; k < forth.change_count; k++) {
            unsigned found = 0;
            for (uint32_t m = 0; m < back.change_count; m++) {
                found += is_about_the_same(&forth.changes[k], &back.changes[m]) &&
                         is_opposite(&forth.changes[k], &back.changes[m]);
            }
            assert_int_equal(found, 1);
        }
        assert_int_equal(forth.verdict == DIFF_SAME, back.verdict == DIFF_SAME);
        assert_true(forth.verdict != DIFF_SHRANK || back.verdict == DIFF_GREW);
        assert_true(forth.verdict != DIFF_GREW || back.verdict != DIFF_SAME);
        grew += forth.verdict == DIFF_GREW && back.verdict == DIFF_SHRANK;
        shrank += forth.verdict == DIFF_SHRANK;
        both += forth.verdict == DIFF_GREW && back.verdict == DIFF_GREW;
    }
    assert_true(shrank > ROUNDS / 5 && both > ROUNDS / 5);
    assert_true(grew + shrank + both > ROUNDS / 2);
}

static void a_union_has_at_least_what_its_parts_have(void **state)
{
    (void)state;
    struct random r = {3};
    unsigned grew = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena arena = arena_of(memory, sizeof memory);
        struct authority made[2] = {random_authority(&r, &arena), random_authority(&r, &arena)};
        struct authority both = random_union(&made[0], &made[1], &arena);
        struct authority a = random_finished(&made[0], &arena);
        struct authority u = random_finished(&both, &arena);
        struct diff diff = diff_of(&a, &u, &arena);
        for (uint32_t k = 0; k < diff.change_count; k++) {
            assert_int_equal(diff.changes[k].verdict, DIFF_GREW);
            assert_int_equal(diff.changes[k].auth_removed, 0);
        }
        assert_int_not_equal(diff_of(&u, &a, &arena).verdict, DIFF_GREW);
        grew += diff.verdict == DIFF_GREW;
    }
    assert_true(grew > ROUNDS / 2);
}

// Approved growth stops nothing and is still told.
static void approved_growth_does_not_count(void **state)
{
    (void)state;
    struct random r = {4};
    struct arena arena = arena_of(memory, sizeof memory);
    struct authority made = random_authority(&r, &arena), nothing = {0};
    struct authority a = random_finished(&nothing, &arena), b = random_finished(&made, &arena);
    struct diff diff = diff_of(&a, &b, &arena);
    assert_int_equal(diff.verdict, DIFF_GREW);
    for (uint32_t i = 0; i < diff.change_count; i++) {
        diff.changes[i].approved = true;
    }
    diff_judge(&diff);
    assert_int_equal(diff.verdict, DIFF_SAME);
    diff.changes[0].approved = false;
    diff_judge(&diff);
    assert_int_equal(diff.verdict, DIFF_GREW);
}

// As fractions of small numbers, which multiplication can compare.
static void rates_compare_as_fractions(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6 * 6 * 5 * 5; i++) {
        struct authority_limit a = {.value = i % 6, .per = 1 + i / 36 % 5};
        struct authority_limit b = {.value = i / 6 % 6, .per = 1 + i / 180};
        int want = (a.value * b.per > b.value * a.per) - (a.value * b.per < b.value * a.per);
        assert_int_equal(authority_limit_compare(&a, &b), want);
    }
    struct authority_limit less = {.value = UINT64_MAX - 1, .per = UINT64_MAX};
    struct authority_limit more = {.value = UINT64_MAX - 2, .per = UINT64_MAX - 1};
    assert_int_equal(authority_limit_compare(&less, &more), 1);
    assert_int_equal(authority_limit_compare(&more, &less), -1);
}

static void every_step_of_memory_is_enough_or_said(void **state)
{
    (void)state;
    static uint8_t small[1 << 20];
    struct random r = {5};
    struct arena arena = arena_of(memory, sizeof memory);
    struct authority made[2] = {random_authority(&r, &arena), random_authority(&r, &arena)};
    struct authority a = random_finished(&made[0], &arena), b = random_finished(&made[1], &arena);
    enum status status = STATUS_NO_MEMORY;
    size_t size = 0;
    for (; status == STATUS_NO_MEMORY; size += 256) {
        struct diff diff;
        struct diag diag;
        struct arena room = arena_of(small, size);
        assert_true(size < sizeof small);
        status = diff_make(&diff, &a, &b, &room, &diag);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(size > 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_equal_is_the_same),
        cmocka_unit_test(one_way_gains_what_the_other_loses),
        cmocka_unit_test(a_union_has_at_least_what_its_parts_have),
        cmocka_unit_test(approved_growth_does_not_count),
        cmocka_unit_test(rates_compare_as_fractions),
        cmocka_unit_test(every_step_of_memory_is_enough_or_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
