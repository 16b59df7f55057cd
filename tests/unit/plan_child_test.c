// SPDX-License-Identifier: BSD-2-Clause

// The checker bounds a child by its parent without the compiler's help. Each golden case in which
// the compiler refuses a child is compiled as if nobody were its parent, and the plan is then said
// to be that of the system with the parent: every such plan must be refused.

#include "plan_check.h"
#include "support/system_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER TEST_DATA "/../golden/plan"

static uint8_t memory[8 << 20];
static struct system_fixture fixture;
static struct plan plan;

static void load(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    struct arena arena = arena_of(memory, sizeof memory);
    struct bytes text = system_fixture_load(path, &arena);
    size_t head = (size_t)((uint8_t *)memmem(text.at, text.len, "=== ", 4) - text.at);
    system_fixture_read(&fixture, bytes_part(text, head, text.len - head), arena);
}

// The slot of the right that "instance/name" is, and its target from 1; nothing where there is
// none.
static void mark(struct plan_target *child, struct bytes parent)
{
    char text[128];
    for (uint32_t i = 0; i < plan.cap_count; i++) {
        const struct plan_cap *cap = &plan.caps[i];
        struct bytes holder = plan.targets[cap->holder].name;
        snprintf(text, sizeof text, "%.*s/%.*s", (int)holder.len, (const char *)holder.at,
                 (int)cap->name.len, (const char *)cap->name.at);
        if (cap->service == PLAN_SERVICE_SPAWN && bytes_is(parent, text)) {
            child->parent = cap->holder + 1U;
            child->parent_slot = cap->slot;
        }
    }
}

// Compiles without parents, then gives them back to the system file and the plan.
static void compile(void)
{
    static struct diag refused[BOUND_TARGETS];
    static struct system_package with[BOUND_TARGETS], without[BOUND_TARGETS];
    size_t count = fixture.system.package_count;
    memcpy(with, fixture.system.packages, count * sizeof *with);
    memcpy(without, with, sizeof with);
    for (size_t i = 0; i < count; i++) {
        without[i].parent = (struct schema_text){0};
    }
    fixture.system.packages = without;
    assert_int_equal(policy_compile(&plan, refused, &fixture.input, &fixture.arena, NULL),
                     STATUS_OK);
    fixture.system.packages = with;
    uint32_t children = 0;
    for (uint32_t i = 0; i < plan.target_count; i++) {
        struct bytes parent = with[plan.targets[i].package_index].parent.value;
        if (parent.len != 0) {
            mark(&plan.targets[i], parent);
            plan.targets[i].child = children++;
        }
    }
    assert_true(children != 0);
}

static enum status check(void)
{
    struct diag diag = {0};
    return plan_check(&plan, &fixture.input, &fixture.arena, &diag);
}

static void every_child_that_is_refused_is_seen(void **state)
{
    (void)state;
    DIR *dir = opendir(FOLDER);
    assert_non_null(dir);
    unsigned run = 0, unseen = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strncmp(entry->d_name, "child-", 6) != 0) {
            continue;
        }
        load(entry->d_name);
        compile();
        run++;
        if (check() != STATUS_PLAN_CHILD) {
            print_error("%s: the checker lets it pass\n", entry->d_name);
            unseen++;
        }
    }
    closedir(dir);
    assert_int_equal(unseen, 0);
    assert_true(run >= 19);
}

// What is compared above is the whole difference: a good system passes when treated alike.
static void a_good_child_passes(void **state)
{
    (void)state;
    load("ok-children.case");
    compile();
    assert_int_equal(check(), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_child_that_is_refused_is_seen),
        cmocka_unit_test(a_good_child_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
