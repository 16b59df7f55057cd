// SPDX-License-Identifier: BSD-2-Clause

// The checker sees every wrong field: in correct plans - of four packages, of shared regions, of
// hardware - each field of each target, object, capability and mapping is set to many other values,
// one at a time, and each such plan must be refused. The only fields that may differ are listed in
// `for_people`.

#include "plan_check.h"
#include "support/system_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum field_kind { INTEGER, BOOLEAN, TEXT };

struct field {
    const char *name;
    size_t offset, size;
    enum field_kind kind;
};

#define FIELD(type, field)                                                                         \
    {                                                                                              \
#field, offsetof(struct type, field), sizeof(((struct type *)0)->field), INTEGER           \
    }
#define FLAG(type, field)                                                                          \
    {                                                                                              \
#field, offsetof(struct type, field), sizeof(((struct type *)0)->field), BOOLEAN           \
    }
#define NAME(type, field)                                                                          \
    {                                                                                              \
#field, offsetof(struct type, field), sizeof(((struct type *)0)->field), TEXT              \
    }
#define BYTE(type, field, index)                                                                   \
    {                                                                                              \
#field, offsetof(struct type, field) + (index), 1, INTEGER                                 \
    }

static const struct field plan_fields[] = {
    FIELD(plan, target_count),
    FIELD(plan, object_count),
    FIELD(plan, cap_count),
    FIELD(plan, mapping_count),
};

static const struct field target_fields[] = {
    NAME(plan_target, name),           NAME(plan_target, package),
    FIELD(plan_target, package_index), BYTE(plan_target, package_id, 0),
    BYTE(plan_target, package_id, 31), FIELD(plan_target, untyped_bits),
    FIELD(plan_target, cnode_bits),    FIELD(plan_target, holder_bits),
    FLAG(plan_target, serves),         FLAG(plan_target, on_demand),
    FIELD(plan_target, first_object),  FIELD(plan_target, objects),
    FIELD(plan_target, first_cap),     FIELD(plan_target, caps),
    FIELD(plan_target, first_mapping), FIELD(plan_target, mappings),
    FIELD(plan_target, entry),         FIELD(plan_target, stack_top),
    FIELD(plan_target, ipc_buffer),    FIELD(plan_target, record),
    FIELD(plan_target, heap),          FIELD(plan_target, heap_len),
    FIELD(plan_target, priority),      FIELD(plan_target, max_priority),
    FLAG(plan_target, passive),        FIELD(plan_target, budget_us),
    FIELD(plan_target, period_us),     FIELD(plan_target, on_overrun),
    FIELD(plan_target, on_fault),      FIELD(plan_target, max_restarts),
    FIELD(plan_target, window_us),     FIELD(plan_target, backoff_us),
    FIELD(plan_target, max_denials),   FIELD(plan_target, memory_used),
    FIELD(plan_target, parent),        FIELD(plan_target, parent_slot),
    FIELD(plan_target, child),
};

static const struct field object_fields[] = {
    FIELD(plan_object, type),  FIELD(plan_object, size_bits),   FIELD(plan_object, owner),
    FIELD(plan_object, count), FIELD(plan_object, holder_slot), FIELD(plan_object, vaddr),
    NAME(plan_object, name),   FIELD(plan_object, signals),     FLAG(plan_object, level),
    FLAG(plan_object, low),
};

static const struct field cap_fields[] = {
    FIELD(plan_cap, kind),      FIELD(plan_cap, type),        FIELD(plan_cap, service),
    FIELD(plan_cap, holder),    FIELD(plan_cap, rights),      FIELD(plan_cap, slot),
    FIELD(plan_cap, object),    FIELD(plan_cap, badge),       NAME(plan_cap, name),
    FIELD(plan_cap, span.line), FIELD(plan_cap, span.column), FIELD(plan_cap, span.offset),
    FIELD(plan_cap, span.len),  FIELD(plan_cap, signers),     FIELD(plan_cap, relay),
};

static const struct field mapping_fields[] = {
    FIELD(plan_mapping, target),      FLAG(plan_mapping, write),
    FLAG(plan_mapping, execute),      FIELD(plan_mapping, fill),
    FIELD(plan_mapping, object),      FIELD(plan_mapping, first),
    FIELD(plan_mapping, pages),       FIELD(plan_mapping, vaddr),
    FIELD(plan_mapping, copy_from),   FIELD(plan_mapping, copy_len),
    FIELD(plan_mapping, copy_at),     NAME(plan_mapping, name),
    FIELD(plan_mapping, span.line),   FIELD(plan_mapping, span.column),
    FIELD(plan_mapping, span.offset), FIELD(plan_mapping, span.len),
    FIELD(plan_mapping, signers),
};

static uint8_t memory[8 << 20];
static struct system_fixture fixture;
static struct plan plan;
static unsigned mutants, survivors;
static unsigned refused_as[STATUS_COUNT]; // how many mutants, over all plans

static enum status check(void)
{
    struct diag diag = {0};
    size_t before = fixture.arena.used;
    enum status status = plan_check(&plan, &fixture.input, &fixture.arena, &diag);
    assert_int_equal(diag.status, status);
    assert_int_equal(fixture.arena.used, before);
    return status;
}

static void load_plan(const char *path)
{
    system_fixture_compile(&plan, &fixture, path, arena_of(memory, sizeof memory));
}

static int four_packages(void **state)
{
    (void)state;
    load_plan(TEST_DATA "/../golden/plan/ok-four-packages.case");
    return 0;
}

static int regions(void **state)
{
    (void)state;
    load_plan(TEST_DATA "/../golden/plan/ok-regions.case");
    return 0;
}

static int hardware(void **state)
{
    (void)state;
    load_plan(TEST_DATA "/../golden/plan/ok-hardware-of-two.case");
    return 0;
}

static int traced(void **state)
{
    (void)state;
    load_plan(TEST_DATA "/../golden/plan/ok-traced.case");
    return 0;
}

static int shared_hardware(void **state)
{
    (void)state;
    load_plan(TEST_DATA "/../golden/plan/ok-hardware-shared.case");
    return 0;
}

static int children(void **state)
{
    (void)state;
    load_plan(TEST_DATA "/../golden/plan/ok-children.case");
    return 0;
}

// The four packages, and behind them a place that one of them has arrived in, and one without a
// package (spec/control.md, 4).
static int places(void **state)
{
    (void)state;
    static struct diag refused[BOUND_TARGETS];
    system_fixture_open(&fixture, TEST_DATA "/../golden/plan/ok-four-packages.case",
                        arena_of(memory, sizeof memory));
    system_fixture_places(&fixture, 2);
    fixture.instances[4] = fixture.instances[3];
    fixture.instances[4].name = bytes_text("arrived");
    struct diag diag = {0};
    if (policy_compile(&plan, refused, &fixture.input, &fixture.arena, &diag) != STATUS_OK) {
        fail_msg("%s: %s %lu", status_name(diag.status), diag.what, (unsigned long)diag.where);
    }
    assert_int_equal(refused[4].status, STATUS_OK);
    assert_int_equal(plan.targets[4].name.len, 7);
    assert_int_equal(plan.targets[5].name.len, 0);
    return 0;
}

// The plan with one changed field, which is put back afterwards.
static void try_mutant(const char *what, size_t index, const struct field *field)
{
    enum status status = check();
    mutants++;
    refused_as[status]++;
    if (status == STATUS_OK) {
        survivors++;
        print_error("%s %zu: a wrong %s is not seen\n", what, index, field->name);
    }
}

static uint64_t load(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, at, size);
    return value;
}

static void mutate_integer(uint8_t *at, const char *what, size_t index, const struct field *field)
{
    uint64_t old = load(at, field->size);
    uint64_t mask = field->size == 8 ? UINT64_MAX : (1ULL << 8 * field->size) - 1;
    uint64_t values[16 + 64] = {0,       1,       2,       3,          4,       5,    8,   9,
                                old + 1, old - 1, old * 2, old + 4096, old / 2, ~old, 253, mask};
    for (unsigned bit = 0; bit < 64; bit++) {
        values[16 + bit] = old ^ 1ULL << bit;
    }
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        uint64_t value = values[i] & mask;
        if (value != old && (field->kind != BOOLEAN || value <= 1)) {
            memcpy(at, &value, field->size);
            try_mutant(what, index, field);
        }
    }
    memcpy(at, &old, field->size);
}

static void mutate_text(uint8_t *at, const char *what, size_t index, const struct field *field)
{
    struct bytes old, texts[3];
    memcpy(&old, at, sizeof old);
    texts[0] = bytes_text("another");
    texts[1] = old.len != 0 ? bytes_part(old, 0, old.len - 1) : bytes_text("x");
    texts[2] = bytes_text(old.len != 0 ? "" : "exit");
    for (size_t i = 0; i < 3; i++) {
        memcpy(at, &texts[i], sizeof old);
        try_mutant(what, index, field);
    }
    memcpy(at, &old, sizeof old);
}

static bool is_shared(const struct plan_mapping *mapping)
{
    return mapping->fill == PLAN_FILL_REGION || mapping->fill == PLAN_FILL_DEVICE;
}

// What may differ, for nothing is decided by it: the names of a target's own objects and mappings.
// Regions and devices are found by theirs, and so is the memory of children.
static bool for_people(const char *what, size_t index, const struct field *field)
{
    if (field->kind != TEXT) {
        return false;
    }
    return (strcmp(what, "mapping") == 0 && !is_shared(&plan.mappings[index])) ||
           (strcmp(what, "object") == 0 && plan.objects[index].owner != PLAN_SYSTEM &&
            plan.objects[index].type != PLAN_CHILD_UNTYPED);
}

static void mutate(void *item, const char *what, size_t index, const struct field *field)
{
    uint8_t *at = (uint8_t *)item + field->offset;
    if (for_people(what, index, field)) {
        return;
    }
    if (field->kind == TEXT) {
        mutate_text(at, what, index, field);
    } else {
        mutate_integer(at, what, index, field);
    }
}

#define EACH(fields, item, what, index)                                                            \
    for (size_t f_ = 0; f_ < sizeof(fields) / sizeof *(fields); f_++) {                            \
        mutate(item, what, index, &(fields)[f_]);                                                  \
    }

// Marks the bytes of a structure that a table lists.
static void mark(uint8_t *listed, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memset(listed + fields[i].offset, 1, fields[i].size);
    }
}

// Padding is what the tables may leave out: less than a word, before the start of another one.
static void check_complete(const char *what, const uint8_t *listed, size_t size)
{
    size_t gap = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && !listed[i]) {
            gap++;
            continue;
        }
        if (gap != 0 && (gap >= 8 || i % (gap >= 4 ? 8 : gap >= 2 ? 4 : 2) != 0)) {
            print_error("%s: a field before byte %zu is in no table\n", what, i);
            fail();
        }
        gap = 0;
    }
}

#define COMPLETE(type, fields)                                                                     \
    {                                                                                              \
        uint8_t listed[sizeof(struct type)] = {0};                                                 \
        mark(listed, fields, sizeof(fields) / sizeof *(fields));                                   \
        check_complete(#type, listed, sizeof listed);                                              \
    }

static void the_tables_list_every_field(void **state)
{
    (void)state;
    struct field whole_id = {"package_id", offsetof(struct plan_target, package_id), 32, INTEGER};
    uint8_t target[sizeof(struct plan_target)] = {0};
    mark(target, target_fields, sizeof target_fields / sizeof *target_fields);
    mark(target, &whole_id, 1);
    check_complete("plan_target", target, sizeof target);
    COMPLETE(plan_object, object_fields)
    COMPLETE(plan_cap, cap_fields)
    COMPLETE(plan_mapping, mapping_fields)
}

static void accepts_the_compilers_plan(void **state)
{
    (void)state;
    assert_int_equal(check(), STATUS_OK);
}

static void sees_every_wrong_field(void **state)
{
    (void)state;
    mutants = survivors = 0;
    for (uint32_t i = 0; i < plan.target_count; i++) {
        EACH(target_fields, &plan.targets[i], "target", i)
    }
    for (uint32_t i = 0; i < plan.object_count; i++) {
        EACH(object_fields, &plan.objects[i], "object", i)
    }
    for (uint32_t i = 0; i < plan.cap_count; i++) {
        EACH(cap_fields, &plan.caps[i], "capability", i)
    }
    for (uint32_t i = 0; i < plan.mapping_count; i++) {
        EACH(mapping_fields, &plan.mappings[i], "mapping", i)
    }
    assert_int_equal(survivors, 0);
    assert_true(mutants > 10000);
    assert_int_equal(check(), STATUS_OK);
}

// The counts say how long the arrays are, so only smaller ones can be tried.
static void sees_shorter_arrays(void **state)
{
    (void)state;
    mutants = survivors = 0;
    for (size_t f = 0; f < sizeof plan_fields / sizeof *plan_fields; f++) {
        uint8_t *at = (uint8_t *)&plan + plan_fields[f].offset;
        uint32_t old, value;
        memcpy(&old, at, sizeof old);
        for (value = 0; value < old; value++) {
            memcpy(at, &value, sizeof value);
            try_mutant("plan", 0, &plan_fields[f]);
        }
        memcpy(at, &old, sizeof old);
    }
    assert_int_equal(survivors, 0);
}

// Any two items of a kind exchanged.
static void sees_exchanged_items(void **state)
{
    (void)state;
    unsigned accepted = 0;
    for (uint32_t i = 0; i < plan.cap_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            struct plan_cap a = plan.caps[i], b = plan.caps[k];
            plan.caps[i] = b;
            plan.caps[k] = a;
            accepted += check() == STATUS_OK;
            plan.caps[i] = a;
            plan.caps[k] = b;
        }
    }
    for (uint32_t i = 0; i < plan.mapping_count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            struct plan_mapping a = plan.mappings[i], b = plan.mappings[k];
            plan.mappings[i] = b;
            plan.mappings[k] = a;
            accepted += check() == STATUS_OK;
            plan.mappings[i] = a;
            plan.mappings[k] = b;
        }
    }
    assert_int_equal(accepted, 0);
}

// Runs last: each error of the checker is what some mutant is refused as.
static void every_property_refuses_something(void **state)
{
    (void)state;
    unsigned properties = 0, idle = 0;
    for (enum status status = STATUS_OK + 1; status < STATUS_COUNT; status++) {
        if (strcmp(status_stage(status), "check") == 0) {
            properties++;
            if (refused_as[status] == 0) {
                print_error("no mutant is refused as %s\n", status_name(status));
                idle++;
            }
        }
    }
    assert_int_equal(properties, 10);
    assert_int_equal(idle, 0);
}

int main(void)
{
    const struct CMUnitTest last[] = {cmocka_unit_test(every_property_refuses_something)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_list_every_field), cmocka_unit_test(accepts_the_compilers_plan),
        cmocka_unit_test(sees_every_wrong_field),      cmocka_unit_test(sees_shorter_arrays),
        cmocka_unit_test(sees_exchanged_items),
    };
    int failed = cmocka_run_group_tests(tests, four_packages, NULL);
    failed += cmocka_run_group_tests(tests, regions, NULL);
    failed += cmocka_run_group_tests(tests, hardware, NULL);
    failed += cmocka_run_group_tests(tests, traced, NULL);
    failed += cmocka_run_group_tests(tests, children, NULL);
    failed += cmocka_run_group_tests(tests, places, NULL);
    failed += cmocka_run_group_tests(tests, shared_hardware, NULL);
    return failed + cmocka_run_group_tests(last, NULL, NULL);
}
