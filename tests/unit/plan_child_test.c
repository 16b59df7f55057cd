// SPDX-License-Identifier: BSD-2-Clause

// The checker bounds a child by its parent without the compiler's help. Each golden case in which
// the compiler refuses a child is compiled as if nobody were its parent, and the plan is then said
// to be that of the system with the parent: every such plan must be refused. Then both judge drawn
// parents and children, and must agree.

#include "plan_check.h"
#include "support/system_fixture.h"
#include "text.h"

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

enum { DRAWS = 600, CASE_SIZE = 8192 };

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

static uint32_t draw(uint32_t below)
{
    static uint64_t state = 20261122;
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(state >> 33) % below;
}

static void put_package(struct text *t, const char *name, uint32_t priority, uint32_t most)
{
    text_put(t, "=== manifest\nschema = 1\n[package]\nname = \"com.example.");
    text_put(t, name);
    text_put(
        t, "\"\nversion = \"1.0.0\"\ncounter = 1\n[binary]\npath = \"p.elf\"\n[cpu]\npriority = ");
    text_put_u64(t, priority);
    text_put(t, "\nmax-priority = ");
    text_put_u64(t, most);
}

// One of the texts, of which the first may be nothing.
static void put_one(struct text *t, const char *const *texts, uint32_t count)
{
    text_put(t, texts[draw(count)]);
}

#define PUT_ONE(t, ...)                                                                            \
    put_one(t, (const char *const[]){__VA_ARGS__},                                                 \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

// Some of what the third package has to offer.
static void put_peers(struct text *t)
{
    PUT_ONE(t, "", "[endpoint.say]\nrole = \"send\"\nto = \"kpkg.root/console\"\n",
            "[endpoint.say]\nrole = \"call\"\nto = \"kpkg.root/console\"\n");
    PUT_ONE(t, "", "[endpoint.log]\nrole = \"send\"\nto = \"com.example.log/log\"\n",
            "[endpoint.log]\nrole = \"call\"\nto = \"com.example.log/log\"\n");
    PUT_ONE(t, "", "[notification.tick]\nrole = \"wait\"\nto = \"com.example.log/tick\"\n");
    PUT_ONE(t, "",
            "[region.ring]\nrole = \"map\"\nto = \"com.example.log/ring\"\nsize = \"4KiB\"\n"
            "access = \"read\"\n",
            "[region.ring]\nrole = \"map\"\nto = \"com.example.log/ring\"\nsize = \"4KiB\"\n"
            "access = \"read-write\"\n");
}

static void put_parent(struct text *t)
{
    put_package(t, "boss", 110, 90 + draw(2));
    text_put(t, "\nbudget = \"5ms\"\nperiod = \"10ms\"\n[memory]\nlimit = \"1MiB\"\n"
                "[endpoint.work]\nrole = \"serve\"\nallow = [\"com.example.worker\"]\n"
                "[spawn.worker]\npackage = \"com.example.worker\"\nmost = 1\n");
    PUT_ONE(t, "memory = \"128KiB\"\n", "memory = \"256KiB\"\n");
    PUT_ONE(t, "cpu = \"5%\"\n", "cpu = \"6%\"\n");
    put_peers(t);
}

static void put_child(struct text *t)
{
    put_package(t, "worker", 90 + draw(2), 90 + draw(2));
    PUT_ONE(t, "\nbudget = \"1ms\"\n", "\nbudget = \"1001us\"\n", "\nbudget = \"1200us\"\n");
    text_put(t, "period = \"20ms\"\n[memory]\n");
    PUT_ONE(t, "limit = \"128KiB\"\n", "limit = \"256KiB\"\n");
    PUT_ONE(t, "", "", "[endpoint.boss]\nrole = \"call\"\nto = \"com.example.boss/work\"\n");
    PUT_ONE(t, "", "", "[endpoint.own]\nrole = \"serve\"\n",
            "[notification.own]\nrole = \"wait\"\n",
            "[region.own]\nrole = \"own\"\nsize = \"4KiB\"\naccess = \"read\"\n");
    put_peers(t);
}

static void load_drawn(void)
{
    static char room[CASE_SIZE];
    struct text t = text_of(room, sizeof room);
    text_put(&t, "=== system\nschema = 1\nname = \"drawn\"\ntrust = \"t\"\n"
                 "[[package]]\nfile = \"l\"\n[[package]]\nfile = \"b\"\n"
                 "[[package]]\nfile = \"w\"\nparent = \"boss/worker\"\n");
    put_package(&t, "log", 120, 0);
    text_put(&t, "\nbudget = \"1ms\"\nperiod = \"10ms\"\n[memory]\nlimit = \"256KiB\"\n"
                 "[endpoint.log]\nrole = \"serve\"\nallow = [\"*\"]\n"
                 "[notification.tick]\nrole = \"signal\"\nallow = [\"*\"]\n"
                 "[region.ring]\nrole = \"own\"\nsize = \"4KiB\"\naccess = \"read\"\n"
                 "allow = { \"*\" = \"read-write\" }\n");
    put_parent(&t);
    put_child(&t);
    assert_false(t.cut);
    system_fixture_read(&fixture, text_bytes(&t), arena_of(memory, sizeof memory));
}

// Whether the compiler takes the child.
static bool compiler_accepts(void)
{
    static struct diag refused[BOUND_TARGETS];
    assert_int_equal(policy_compile(&plan, refused, &fixture.input, &fixture.arena, NULL),
                     STATUS_OK);
    assert_int_equal(refused[1].status, STATUS_OK);
    enum status status = refused[2].status;
    assert_true(status == STATUS_OK || status == STATUS_SPAWN_QUOTA ||
                status == STATUS_SPAWN_EXCEEDS);
    return status == STATUS_OK;
}

static void compiler_and_checker_agree(void **state)
{
    (void)state;
    unsigned accepted = 0;
    for (unsigned i = 0; i < DRAWS; i++) {
        load_drawn();
        bool taken = compiler_accepts();
        accepted += taken;
        compile();
        assert_int_equal(check(), taken ? STATUS_OK : STATUS_PLAN_CHILD);
    }
    assert_in_range(accepted, DRAWS / 50, DRAWS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_child_that_is_refused_is_seen),
        cmocka_unit_test(a_good_child_passes),
        cmocka_unit_test(compiler_and_checker_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
