// SPDX-License-Identifier: BSD-2-Clause

// Two plans of one system are the same to a target when nothing that it is made of or holds
// differs, whatever else arrived; and each such difference is seen.

#include "plan_same.h"
#include "support/system_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PLACE = 4, PLACES = 2 };

static uint8_t memory[2][8 << 20];
static struct system_fixture fixture[2];
static struct plan before, after; // without and with a package in the first place

// `with` is the package of the file that has arrived as well; as none of them = 0.
static void compile(struct plan *plan, struct system_fixture *f, uint8_t *room, size_t with)
{
    static struct diag refused[BOUND_TARGETS];
    struct diag diag = {0};
    system_fixture_open(f, TEST_DATA "/../golden/plan/ok-four-packages.case",
                        arena_of(room, sizeof memory[0]));
    system_fixture_places(f, PLACES);
    if (with != 0) {
        f->instances[PLACE] = f->instances[with];
        f->instances[PLACE].name = bytes_text("arrived");
    }
    assert_int_equal(policy_compile(plan, refused, &f->input, &f->arena, &diag), STATUS_OK);
    assert_int_equal(plan->target_count, PLACE + PLACES);
}

static int start(void **state)
{
    (void)state;
    compile(&before, &fixture[0], memory[0], 0);
    compile(&after, &fixture[1], memory[1], 3);
    return 0;
}

static void others_are_the_same_beside_one_that_arrives(void **state)
{
    (void)state;
    assert_true(plan_same_system(&before, &after));
    for (uint32_t i = 0; i < before.target_count; i++) {
        assert_int_equal(plan_same_target(&before, &after, i), i != PLACE);
        assert_int_equal(plan_same_target(&after, &before, i), i != PLACE);
    }
    assert_int_not_equal(before.targets[PLACE + 1].first_object,
                         after.targets[PLACE + 1].first_object);
}

// A changed byte of this field is seen; where it is put back, nothing is.
#define SEEN(item, field, target)                                                                  \
    {                                                                                              \
        uint8_t *at = (uint8_t *)&(item)->field;                                                   \
        at[0] ^= 1;                                                                                \
        if (plan_same_target(&before, &after, target)) {                                           \
            fail_msg("a change of %s is not seen", #field);                                        \
        }                                                                                          \
        at[0] ^= 1;                                                                                \
        assert_true(plan_same_target(&before, &after, target));                                    \
    }

static void each_number_of_a_target_is_compared(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PLACE; i++) {
        struct plan_target *t = &after.targets[i];
        SEEN(t, name.len, i)
        SEEN(t, package_index, i)
        SEEN(t, package_id[31], i)
        SEEN(t, untyped_bits, i)
        SEEN(t, cnode_bits, i)
        SEEN(t, holder_bits, i)
        SEEN(t, objects, i)
        SEEN(t, caps, i)
        SEEN(t, mappings, i)
        SEEN(t, entry, i)
        SEEN(t, priority, i)
        SEEN(t, budget_us, i)
        SEEN(t, period_us, i)
        SEEN(t, parent, i)
        SEEN(t, parent_slot, i)
        SEEN(t, child, i)
    }
}

static void each_object_of_a_target_is_compared(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PLACE; i++) {
        for (uint32_t k = 0; k < after.targets[i].objects; k++) {
            struct plan_object *o = &after.objects[after.targets[i].first_object + k];
            SEEN(o, type, i)
            SEEN(o, size_bits, i)
            SEEN(o, owner, i)
            SEEN(o, count, i)
            SEEN(o, holder_slot, i)
            SEEN(o, vaddr, i)
            SEEN(o, signals, i)
            SEEN(o, level, i)
            SEEN(o, low, i)
        }
    }
}

static void each_capability_and_mapping_is_compared(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PLACE; i++) {
        for (uint32_t k = 0; k < after.targets[i].caps; k++) {
            struct plan_cap *c = &after.caps[after.targets[i].first_cap + k];
            SEEN(c, kind, i)
            SEEN(c, type, i)
            SEEN(c, service, i)
            SEEN(c, rights, i)
            SEEN(c, object, i)
            SEEN(c, badge, i)
            SEEN(c, relay, i)
        }
        for (uint32_t k = 0; k < after.targets[i].mappings; k++) {
            struct plan_mapping *m = &after.mappings[after.targets[i].first_mapping + k];
            SEEN(m, write, i)
            SEEN(m, fill, i)
            SEEN(m, object, i)
            SEEN(m, first, i)
            SEEN(m, pages, i)
            SEEN(m, vaddr, i)
        }
    }
}

static void objects_of_the_system_are_compared(void **state)
{
    (void)state;
    uint32_t end = after.targets[0].first_object;
    assert_true(end > 0);
    for (uint32_t i = 0; i < end; i++) {
        after.objects[i].size_bits ^= 1;
        assert_false(plan_same_system(&before, &after));
        after.objects[i].size_bits ^= 1;
    }
    after.targets[0].first_object--;
    assert_false(plan_same_system(&before, &after));
    after.targets[0].first_object++;
    assert_true(plan_same_system(&before, &after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_the_same_beside_one_that_arrives),
        cmocka_unit_test(each_number_of_a_target_is_compared),
        cmocka_unit_test(each_object_of_a_target_is_compared),
        cmocka_unit_test(each_capability_and_mapping_is_compared),
        cmocka_unit_test(objects_of_the_system_are_compared),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
