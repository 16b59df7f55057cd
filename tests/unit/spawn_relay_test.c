// SPDX-License-Identifier: BSD-2-Clause

// The relays of traced capabilities against a kernel that writes everything down: each gets the
// CSpace of spec/plan.md, 5, a page of its own, and no time but to begin with.

#include "spawn.h"
#include "support/fake_kernel.h"
#include "support/system_fixture.h"
#include "tcb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { VIEW = 1, AUDITOR = 900, STARTER = 902, SYSTEM = 1000, FRAMES = 500, ENTRY = 0x401000 };

static uint8_t memory[32 << 20];
static _Alignas(SPAWN_RELAY_PAGE) uint8_t pages[PLAN_RELAYS_MAX][SPAWN_RELAY_PAGE];
static struct system_fixture fixture;
static struct plan plan;
static struct cspace cspace = {.top = 800, .next = 2000, .end = 3000, .spare = 801};
static struct sel4_kernel kernel;
static struct objects_site site;

static int compile(void **state)
{
    (void)state;
    system_fixture_compile(&plan, &fixture, TEST_DATA "/../golden/plan/ok-traced.case",
                           arena_of(memory, sizeof memory));
    return 0;
}

static int begin(void **state)
{
    (void)state;
    kernel = fake_kernel_start((struct sel4_config){.domain_schedule = true, .huge_page = true});
    site = (struct objects_site){
        .kernel = &kernel, .cspace = &cspace, .plan = &plan, .target = VIEW, .system = SYSTEM};
    return 0;
}

static enum status make(void)
{
    struct spawn_relays relays = {.auditor = AUDITOR,
                                  .starter = STARTER,
                                  .entry = ENTRY,
                                  .pages = pages[0],
                                  .frames = FRAMES};
    struct diag diag = {0};
    enum status status = spawn_relays(&site, &relays, &diag);
    assert_int_equal(diag.status, status);
    return status;
}

static const struct plan_cap *traced(uint32_t relay)
{
    const struct plan_target *target = &plan.targets[VIEW];
    for (uint32_t i = 0; i < target->caps; i++) {
        const struct plan_cap *cap = &plan.caps[target->first_cap + i];
        if (cap->relay == relay) {
            return cap;
        }
    }
    return NULL;
}

// The one call on `on` with this invocation and, where it is not 0, this first word.
static const struct fake_call *only(cap_slot on, enum sel4_invocation invocation, uint64_t word)
{
    const struct fake_call *found = NULL;
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        if (call->on == on && call->invocation == invocation &&
            (word == 0 || call->words[0] == word)) {
            assert_null(found);
            found = call;
        }
    }
    assert_non_null(found);
    return found;
}

static void holds(const struct plan_cap *cap, enum plan_relay_slot slot, cap_slot from,
                  uint8_t rights, uint64_t badge)
{
    enum sel4_invocation how = badge == 0 ? SEL4_INVOCATION_CNODE_COPY : SEL4_INVOCATION_CNODE_MINT;
    const struct fake_call *call = only(objects_relay(&site, cap, PLAN_RELAY_CNODE), how, slot);
    assert_int_equal(call->words[1], PLAN_RELAY_RADIX);
    assert_int_equal(call->words[2], from);
    assert_int_equal(call->words[4], rights);
    assert_int_equal(badge == 0 ? 0 : call->words[5], badge);
}

static void a_relay_holds_four_capabilities(void **state)
{
    (void)state;
    assert_int_equal(make(), STATUS_OK);
    for (uint32_t relay = 1; relay <= 4; relay++) {
        const struct plan_cap *cap = traced(relay);
        if (relay == 3) { // its peer is not there
            assert_null(cap);
            continue;
        }
        uint64_t note = UINT64_C(0x700000100000000) | cap->slot;
        holds(cap, PLAN_RELAY_IN, objects_relay(&site, cap, PLAN_RELAY_ENDPOINT), 2, 0);
        holds(cap, PLAN_RELAY_ANSWER, objects_relay(&site, cap, PLAN_RELAY_REPLY), 0, 0);
        holds(cap, PLAN_RELAY_OUT, objects_cap(&site, cap->object, 0), 9, cap->badge);
        holds(cap, PLAN_RELAY_AUDITOR, AUDITOR, 9, note);
    }
    assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_CNODE_COPY) +
                         fake_kernel_calls(SEL4_INVOCATION_CNODE_MINT),
                     3 * 4);
}

static void a_relay_has_a_page_and_no_time(void **state)
{
    (void)state;
    assert_int_equal(make(), STATUS_OK);
    for (uint32_t relay = 1; relay <= 4; relay += relay == 2 ? 2 : 1) {
        const struct plan_cap *cap = traced(relay);
        cap_slot tcb = objects_relay(&site, cap, PLAN_RELAY_TCB);
        const struct fake_call *spaces = only(tcb, SEL4_INVOCATION_TCB_CONFIGURE, 0);
        assert_int_equal(spaces->caps[0], objects_relay(&site, cap, PLAN_RELAY_CNODE));
        assert_int_equal(spaces->caps[1], SEL4_SLOT_VSPACE);
        assert_int_equal(spaces->caps[2], FRAMES + relay - 1);
        assert_int_equal(spaces->words[2], (uintptr_t)pages[relay - 1]);
        const struct fake_call *start = only(tcb, SEL4_INVOCATION_TCB_WRITE_REGISTERS, 0);
        assert_int_equal(start->words[2 + REG_RIP], ENTRY);
        assert_int_equal(start->words[2 + REG_RSP], (uintptr_t)pages[relay] - sizeof(uint64_t));
        // Greeted, then left without time, at its target's priority, with no fault handler.
        assert_true(only(objects_relay(&site, cap, PLAN_RELAY_ENDPOINT), SEL4_INVOCATION_COUNT, 0) >
                    start);
        const struct fake_call *priority = only(tcb, SEL4_INVOCATION_TCB_SET_PRIORITY, 0);
        assert_int_equal(priority->words[0], plan.targets[VIEW].priority);
        assert_int_equal(priority[-1].on, STARTER);
        assert_int_equal(priority[-1].invocation, SEL4_INVOCATION_SCHED_CONTEXT_UNBIND);
        assert_int_equal(only(tcb, SEL4_INVOCATION_TCB_SET_SCHED_PARAMS, 0)->caps[1], STARTER);
        assert_int_equal(only(tcb, SEL4_INVOCATION_TCB_SET_SCHED_PARAMS, 0)->caps[2], 0);
    }
}

static void a_refused_call_is_the_last(void **state)
{
    assert_int_equal(make(), STATUS_OK);
    unsigned calls = fake_kernel.count;
    for (unsigned n = 1; n <= calls; n++) {
        begin(state);
        fake_kernel.fail_at = n;
        fake_kernel.error = SEL4_ERROR_ILLEGAL_OPERATION;
        bool greeting = make() == STATUS_OK; // is no invocation, and nobody refuses it
        assert_int_equal(fake_kernel.count, greeting ? calls : n);
        assert_true(!greeting || fake_kernel.calls[n - 1].invocation == SEL4_INVOCATION_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_relay_holds_four_capabilities, begin),
        cmocka_unit_test_setup(a_relay_has_a_page_and_no_time, begin),
        cmocka_unit_test_setup(a_refused_call_is_the_last, begin),
    };
    return cmocka_run_group_tests(tests, compile, NULL);
}
