// SPDX-License-Identifier: BSD-2-Clause
#include "audit_compare.h"

#include "audit_console.h"
#include "support/audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct audit_slot live[AUDIT_FIXTURE_SLOTS];

static struct plan build(void)
{
    struct plan plan = audit_fixture_plan();
    for (uint32_t slot = 0; slot < AUDIT_FIXTURE_SLOTS; slot++) {
        const struct plan_cap *cap = &plan.caps[slot];
        live[slot] = (struct audit_slot){
            .type = cap->type, .rights = cap->rights, .object = cap->object, .badge = cap->badge};
    }
    return plan;
}

static void assert_differs(const struct plan *plan, uint32_t slot, const char *what)
{
    struct diag diag;
    assert_int_equal(audit_compare(plan, 0, live, AUDIT_FIXTURE_SLOTS, &diag), STATUS_LIVE_DIFFERS);
    assert_string_equal(diag.what, what);
    assert_int_equal(diag.where, slot);
}

static void the_planned_slots_are_accepted(void **state)
{
    (void)state;
    struct plan plan = build();
    assert_int_equal(audit_compare(&plan, 0, live, AUDIT_FIXTURE_SLOTS, NULL), STATUS_OK);
}

// Every field of every slot, tripwires included, changed on its own.
static void every_difference_is_named(void **state)
{
    (void)state;
    for (uint32_t slot = 0; slot < AUDIT_FIXTURE_SLOTS; slot++) {
        struct plan plan = build();
        live[slot].empty = true;
        assert_differs(&plan, slot, "slot contents");
        plan = build();
        live[slot].type = PLAN_TCB;
        assert_differs(&plan, slot, "slot type");
        plan = build();
        live[slot].object = live[slot].object == 1 ? AUDIT_NO_OBJECT : 1;
        assert_differs(&plan, slot, "slot object");
        for (unsigned bit = 1; bit < 16; bit <<= 1) {
            plan = build();
            live[slot].rights ^= (uint8_t)bit;
            assert_differs(&plan, slot, "slot rights");
        }
        for (unsigned bit = 0; bit < 64; bit++) {
            plan = build();
            live[slot].badge ^= UINT64_C(1) << bit;
            assert_differs(&plan, slot, "slot badge");
        }
    }
}

static void a_cnode_of_another_size_differs(void **state)
{
    (void)state;
    struct plan plan = build();
    struct diag diag;
    assert_int_equal(audit_compare(&plan, 0, live, AUDIT_FIXTURE_SLOTS - 1, &diag),
                     STATUS_LIVE_DIFFERS);
    assert_string_equal(diag.what, "slot count");
    plan.caps[3].slot = 4;
    assert_int_equal(audit_compare(&plan, 0, live, AUDIT_FIXTURE_SLOTS, &diag),
                     STATUS_LIVE_DIFFERS);
    assert_string_equal(diag.what, "slot count");
}

static void assert_console(const char *raw, const char *want)
{
    char at[256];
    struct audit_console console = {0};
    struct text text = text_of(at, sizeof at);
    audit_console_put(&text, &console, bytes_text("x"), bytes_text(raw));
    audit_console_end(&text, &console);
    assert_int_equal(text.len, strlen(want));
    assert_memory_equal(at, want, text.len);
}

static void console_text_stays_on_its_lines(void **state)
{
    (void)state;
    assert_console("one\ntwo", "[x] one\n[x] two\n");
    assert_console("\x1e{\"v\":1}\n", "[x] ?{\"v\":1}\n");
    assert_console("\x1b[2Jgone\r::error::\x7f\b", "[x] ?[2Jgone?::error::??\n");
    assert_console("gr\xc3\xbc\xc3\x9f\xff\t.", "[x] gr\xc3\xbc\xc3\x9f?\t.\n");
    assert_console("\xe2\x80\xae"
                   "abc\xc2\x85"
                   "d\xe2\x80\xa8",
                   "[x] ?abc?d?\n");
    assert_console("\n\n", "[x] \n[x] \n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_planned_slots_are_accepted),
        cmocka_unit_test(every_difference_is_named),
        cmocka_unit_test(a_cnode_of_another_size_differs),
        cmocka_unit_test(console_text_stays_on_its_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
