// SPDX-License-Identifier: BSD-2-Clause
#include "refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool covered[STATUS_COUNT];

void refusal_expect(const char *fault, enum status wanted, enum status found,
                    const struct diag *diag)
{
    if (found != wanted || diag->status != wanted) {
        fail_msg("%s: wanted %s, found %s (diag %s)", fault, status_name(wanted),
                 status_name(found), status_name(diag->status));
    }
    covered[wanted] = true;
}

// Runs last, over the table that the names come from.
static void every_error_has_a_fixture(void **state)
{
    (void)state;
    static const char *const stages[] = {"page0", "trust", "content", "key", "policy"};
    size_t names = 0;
    size_t missing = 0;
    for (enum status status = STATUS_OK + 1; status < STATUS_COUNT; status++) {
        for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
            if (strcmp(status_stage(status), stages[i]) == 0) {
                names++;
                missing += !covered[status];
                if (!covered[status]) {
                    print_error("%s has no fixture\n", status_name(status));
                }
            }
        }
    }
    assert_true(names > 60);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusal_page0),   cmocka_unit_test(refusal_trust),
        cmocka_unit_test(refusal_content), cmocka_unit_test(refusal_policy),
        cmocka_unit_test(refusal_key),     cmocka_unit_test(every_error_has_a_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
