// SPDX-License-Identifier: BSD-2-Clause

// What a debug kernel says about a CNode decides, whatever the spawner believes: a slot of another
// kind or an empty one is a difference from the plan.

#include "live_debug.h"

#include "sel4_cap.h"
#include "support/fake_kernel.h"
#include "support/system_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint8_t memory[32 << 20];
static struct system_fixture fixture;
static struct plan plan;
static const struct cspace cspace = {.top = 800, .next = 2000, .end = 3000, .spare = 801};
static struct sel4_kernel kernel;
static struct audit_slot slots[1 << BOUND_CNODE_BITS];

static int compile(void **state)
{
    (void)state;
    system_fixture_compile(&plan, &fixture, TEST_DATA "/../golden/plan/ok-four-packages.case",
                           arena_of(memory, sizeof memory));
    return 0;
}

static uint64_t tag_of(enum plan_type type)
{
    return type == PLAN_NOTIFICATION ? SEL4_CAP_TAG_NOTIFICATION
           : type == PLAN_REPLY      ? SEL4_CAP_TAG_REPLY
                                     : SEL4_CAP_TAG_ENDPOINT;
}

// The fake kernel holds what the plan says, and the spawner believes the same.
static struct objects_site planned(void)
{
    kernel = fake_kernel_start((struct sel4_config){.domain_schedule = true, .huge_page = true});
    for (uint32_t i = 0; i < UINT32_C(1) << plan.targets[0].cnode_bits; i++) {
        fake_kernel.tags[i] = SEL4_CAP_TAG_ENDPOINT;
        slots[i] = (struct audit_slot){.type = PLAN_ENDPOINT,
                                       .rights = SEL4_RIGHT_WRITE,
                                       .object = PLAN_AUDITOR,
                                       .badge = plan_badge_of(PLAN_BADGE_TRIPWIRE, 0, i)};
    }
    for (uint32_t i = 0; i < plan.targets[0].caps; i++) {
        const struct plan_cap *cap = &plan.caps[plan.targets[0].first_cap + i];
        fake_kernel.tags[cap->slot] = tag_of(cap->type);
        slots[cap->slot] = (struct audit_slot){
            .type = cap->type, .rights = cap->rights, .object = cap->object, .badge = cap->badge};
    }
    return (struct objects_site){.kernel = &kernel, .cspace = &cspace, .plan = &plan};
}

static enum status compare(const struct objects_site *site, struct diag *diag)
{
    assert_int_equal(live_debug_read(slots, site, diag), STATUS_OK);
    return audit_compare(&plan, 0, slots, (size_t)1 << plan.targets[0].cnode_bits, diag);
}

static void agrees_with_the_plan(void **state)
{
    (void)state;
    struct objects_site site = planned();
    struct diag diag = {0};
    assert_int_equal(compare(&site, &diag), STATUS_OK);
    assert_int_equal(site.kernel->calls, 0);
    assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_CNODE_MINT), 1);
    assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_CNODE_DELETE), 1);
}

static void sees_every_other_kind(void **state)
{
    (void)state;
    static const uint64_t tags[] = {SEL4_CAP_TAG_NULL, SEL4_CAP_TAG_UNTYPED, SEL4_CAP_TAG_TCB,
                                    SEL4_CAP_TAG_FRAME, SEL4_CAP_TAG_CNODE};
    for (uint32_t slot = 0; slot < UINT32_C(1) << plan.targets[0].cnode_bits; slot++) {
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
            struct objects_site site = planned();
            struct diag diag = {0};
            fake_kernel.tags[slot] = tags[i];
            assert_int_equal(compare(&site, &diag), STATUS_LIVE_DIFFERS);
            assert_int_equal(diag.where, slot);
        }
    }
}

static void leaves_no_view_when_refused(void **state)
{
    (void)state;
    struct objects_site site = planned();
    struct diag diag = {0};
    fake_kernel.fail_at = 1;
    fake_kernel.error = SEL4_ERROR_DELETE_FIRST;
    assert_int_equal(live_debug_read(slots, &site, &diag), STATUS_KERNEL_REFUSED);
    assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_CNODE_DELETE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(agrees_with_the_plan, compile),
        cmocka_unit_test_setup(sees_every_other_kind, compile),
        cmocka_unit_test_setup(leaves_no_view_when_refused, compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
