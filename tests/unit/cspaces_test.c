// SPDX-License-Identifier: BSD-2-Clause
#include "cspaces.h"

#include "sel4_cap.h"
#include "support/audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// What a kernel tells, made from a plan and then changed: every change must be found.

enum { AUDITOR = 0x1000, FIRST_OBJECT = 0x2000, ELSEWHERE = 0x9000 };

static struct plan plan;
static struct hosted_slot live[AUDIT_FIXTURE_SLOTS];
static char *written;

static unsigned kind_of(enum plan_type type)
{
    return type == PLAN_ENDPOINT       ? SEL4_CAP_TAG_ENDPOINT
           : type == PLAN_NOTIFICATION ? SEL4_CAP_TAG_NOTIFICATION
                                       : SEL4_CAP_TAG_REPLY;
}

static void as_planned(void)
{
    plan = audit_fixture_plan();
    for (uint32_t i = 0; i < AUDIT_FIXTURE_SLOTS; i++) {
        const struct plan_cap *cap = &plan.caps[i];
        bool auditor = cap->object == PLAN_AUDITOR;
        live[i] = (struct hosted_slot){.slot = cap->slot,
                                       .kind = kind_of(cap->type),
                                       .rights = cap->rights,
                                       .badge = cap->badge,
                                       .object = auditor ? AUDITOR : FIRST_OBJECT + cap->object};
        if (!auditor) {
            plan.objects[cap->object].owner =
                cap->type == PLAN_REPLY ? 0 : PLAN_SYSTEM; // as in a real plan
        }
    }
}

static struct hosted_cspace told(uint32_t incarnation)
{
    return (struct hosted_cspace){.handler = plan_badge_of(PLAN_BADGE_FAULT, 0, incarnation),
                                  .radix = 4,
                                  .slots = live,
                                  .count = AUDIT_FIXTURE_SLOTS};
}

static void begin(struct cspaces *cspaces)
{
    static size_t len;
    *cspaces = (struct cspaces){.json = true, .to = open_memstream(&written, &len)};
    assert_int_equal(cspaces_begin(cspaces, &plan, NULL), STATUS_OK);
}

static void end(struct cspaces *cspaces)
{
    fclose(cspaces->to);
    cspaces_end(cspaces);
    free(written);
}

// How many slots differ when this is told after a spawn that was as planned.
static size_t differs_in(const struct hosted_cspace *second)
{
    struct cspaces cspaces;
    struct hosted_slot changed[AUDIT_FIXTURE_SLOTS];
    memcpy(changed, live, sizeof(changed));
    as_planned();
    begin(&cspaces);
    struct hosted_cspace first = told(1);
    cspaces_take(&cspaces, &first);
    assert_int_equal(cspaces.differs, 0);
    memcpy(live, changed, sizeof(changed));
    cspaces_take(&cspaces, second);
    size_t differs = cspaces.differs;
    end(&cspaces);
    return differs;
}

static void the_planned_slots_are_as_planned(void **state)
{
    (void)state;
    as_planned();
    struct hosted_cspace again = told(2);
    assert_int_equal(differs_in(&again), 0);
}

static void every_change_is_found(void **state)
{
    (void)state;
    struct hosted_cspace again = told(2);
    for (uint32_t i = 0; i < AUDIT_FIXTURE_SLOTS; i++) {
        as_planned();
        live[i].kind = SEL4_CAP_TAG_TCB;
        assert_int_equal(differs_in(&again), 1);
        for (unsigned bit = 1; bit < 16; bit <<= 1) {
            as_planned();
            live[i].rights ^= bit;
            assert_int_equal(differs_in(&again), 1);
        }
        as_planned();
        live[i].badge ^= 1;
        assert_int_equal(differs_in(&again), 1);
        as_planned();
        live[i].object = ELSEWHERE; // a reply object is made anew for each incarnation
        assert_int_equal(differs_in(&again), plan.caps[i].type == PLAN_REPLY ? 0 : 1);
    }
}

static void missing_and_additional_slots_are_found(void **state)
{
    (void)state;
    as_planned();
    struct hosted_cspace less = told(2);
    less.count--;
    assert_int_equal(differs_in(&less), 1);
    as_planned();
    live[AUDIT_FIXTURE_SLOTS - 1].slot++;
    struct hosted_cspace other = told(2);
    other.radix = 5;
    assert_int_equal(differs_in(&other), 3); // one is missing, one is new, and the size
}

// The system's objects are apart from each other, whichever is seen first.
static void two_objects_are_not_at_one_place(void **state)
{
    (void)state;
    struct cspaces cspaces;
    as_planned();
    for (uint32_t i = 0; i < AUDIT_FIXTURE_SLOTS; i++) {
        live[i].object = plan.caps[i].object == PLAN_AUDITOR ? AUDITOR : FIRST_OBJECT;
    }
    begin(&cspaces);
    struct hosted_cspace first = told(1);
    cspaces_take(&cspaces, &first);
    assert_true(cspaces.differs > 0);
    end(&cspaces);
}

static void an_endpoint_may_be_stood_in_for(void **state)
{
    (void)state;
    struct hosted_cspace again = told(2);
    for (uint32_t i = 0; i < AUDIT_FIXTURE_SLOTS; i++) {
        as_planned();
        bool endpoint = plan.caps[i].type == PLAN_ENDPOINT;
        live[i].object = AUDITOR;
        assert_int_equal(differs_in(&again), endpoint ? 0 : 1);
    }
}

static void a_thread_that_goes_on_is_not_told_again(void **state)
{
    (void)state;
    struct cspaces cspaces;
    as_planned();
    begin(&cspaces);
    struct hosted_cspace first = told(1);
    cspaces_take(&cspaces, &first);
    long len = ftell(cspaces.to);
    cspaces_take(&cspaces, &first);
    assert_int_equal(ftell(cspaces.to), len);
    first.ended = true;
    cspaces_take(&cspaces, &first);
    assert_true(ftell(cspaces.to) > len);
    end(&cspaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_planned_slots_are_as_planned),
        cmocka_unit_test(every_change_is_found),
        cmocka_unit_test(missing_and_additional_slots_are_found),
        cmocka_unit_test(two_objects_are_not_at_one_place),
        cmocka_unit_test(an_endpoint_may_be_stood_in_for),
        cmocka_unit_test(a_thread_that_goes_on_is_not_told_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
