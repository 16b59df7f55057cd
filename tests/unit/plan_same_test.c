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

struct field {
    const char *name;
    size_t offset;
};

#define FIELD(type, field)                                                                         \
    {                                                                                              \
#field, offsetof(struct type, field)                                                       \
    }

static const struct field target_fields[] = {
    FIELD(plan_target, name.len),    FIELD(plan_target, package_index),
    FIELD(plan_target, package_id),  FIELD(plan_target, untyped_bits),
    FIELD(plan_target, cnode_bits),  FIELD(plan_target, holder_bits),
    FIELD(plan_target, objects),     FIELD(plan_target, caps),
    FIELD(plan_target, mappings),    FIELD(plan_target, entry),
    FIELD(plan_target, priority),    FIELD(plan_target, budget_us),
    FIELD(plan_target, period_us),   FIELD(plan_target, parent),
    FIELD(plan_target, parent_slot), FIELD(plan_target, child),
};

static const struct field object_fields[] = {
    FIELD(plan_object, type),    FIELD(plan_object, size_bits),   FIELD(plan_object, owner),
    FIELD(plan_object, count),   FIELD(plan_object, holder_slot), FIELD(plan_object, vaddr),
    FIELD(plan_object, signals), FIELD(plan_object, level),       FIELD(plan_object, low),
};

static const struct field cap_fields[] = {
    FIELD(plan_cap, kind),   FIELD(plan_cap, type),   FIELD(plan_cap, service),
    FIELD(plan_cap, rights), FIELD(plan_cap, object), FIELD(plan_cap, badge),
    FIELD(plan_cap, relay),
};

static const struct field mapping_fields[] = {
    FIELD(plan_mapping, write), FIELD(plan_mapping, fill),  FIELD(plan_mapping, object),
    FIELD(plan_mapping, first), FIELD(plan_mapping, pages), FIELD(plan_mapping, vaddr),
};

// A changed byte of each field is seen; where it is put back, nothing is.
static void see(void *item, const struct field *fields, size_t count, uint32_t target)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = (uint8_t *)item + fields[i].offset;
        at[0] ^= 1;
        if (plan_same_target(&before, &after, target)) {
            fail_msg("target %u: a change of %s is not seen", target, fields[i].name);
        }
        at[0] ^= 1;
    }
    assert_true(plan_same_target(&before, &after, target));
}

#define SEE(item, fields, target) see(item, fields, sizeof(fields) / sizeof *(fields), target)

static void each_number_of_a_target_is_compared(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PLACE; i++) {
        const struct plan_target *t = &after.targets[i];
        SEE(&after.targets[i], target_fields, i);
        for (uint32_t k = 0; k < t->objects; k++) {
            SEE(&after.objects[t->first_object + k], object_fields, i);
        }
        for (uint32_t k = 0; k < t->caps; k++) {
            SEE(&after.caps[t->first_cap + k], cap_fields, i);
        }
        for (uint32_t k = 0; k < t->mappings; k++) {
            SEE(&after.mappings[t->first_mapping + k], mapping_fields, i);
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
        cmocka_unit_test(objects_of_the_system_are_compared),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
