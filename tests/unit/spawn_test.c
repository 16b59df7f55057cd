// SPDX-License-Identifier: BSD-2-Clause

// The spawner against a kernel that writes everything down: what it asks for is what the plan says,
// and when any one call is refused it stops there.

#include "record.h"
#include "spawn.h"
#include "support/fake_kernel.h"
#include "support/system_fixture.h"
#include "tcb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    AUDITOR = 900,
    SCHED_CONTROL = 16,
    UNTYPED = 901,
    SYSTEM = 1000,
    FRAMES = 500,
    TICKS = 2400
};

static uint8_t memory[32 << 20];
static struct system_fixture fixture;
static struct plan plan;
static struct cspace cspace = {.top = 800, .next = 2000, .end = 3000, .spare = 801};
static struct sel4_kernel kernel;
static struct spawn_slot made[1 << BOUND_CNODE_BITS];

static int compile(void **state)
{
    (void)state;
    system_fixture_compile(&plan, &fixture, TEST_DATA "/../golden/plan/ok-four-packages.case",
                           arena_of(memory, sizeof memory));
    return 0;
}

static struct objects_site site_of(uint32_t target)
{
    kernel = fake_kernel_start((struct sel4_config){.domain_schedule = true, .huge_page = true});
    return (struct objects_site){
        .kernel = &kernel,
        .cspace = &cspace,
        .plan = &plan,
        .target = target,
        .untyped = UNTYPED,
        .system = SYSTEM,
    };
}

static struct spawn_source source_of(uint32_t target)
{
    static const struct bytes arguments[] = {{(const uint8_t *)"--rate", 6},
                                             {(const uint8_t *)"10", 2}};
    return (struct spawn_source){
        .binary = fixture.verified[plan.targets[target].package_index].binary,
        .frames = FRAMES,
        .arguments = arguments,
        .argument_count = 2,
        .incarnation = 3,
        .ticks_per_us = TICKS,
        .window = fake_kernel.window,
    };
}

static enum status spawn(const struct objects_site *site, struct diag *diag)
{
    struct spawn_source source = source_of(site->target);
    enum status status = objects_build(site, diag);
    if (status == STATUS_OK) {
        status = spawn_load(site, &source, diag);
    }
    if (status == STATUS_OK) {
        status = spawn_populate(made, site, AUDITOR, diag);
    }
    if (status == STATUS_OK) {
        status = spawn_configure(site, AUDITOR, SCHED_CONTROL, 3, diag);
    }
    return status == STATUS_OK ? spawn_start(site, diag) : status;
}

static void spawn_all_right(const struct objects_site *site)
{
    struct diag diag = {0};
    assert_int_equal(spawn(site, &diag), STATUS_OK);
}

// The capability that ends up in a slot of the target's CNode: the one call that put it there.
static const struct fake_call *call_into(const struct objects_site *site, uint32_t slot)
{
    cap_slot cnode = objects_cap(site, objects_find(site, PLAN_CNODE), 0);
    const struct fake_call *found = NULL;
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        if (call->on == cnode && call->words[0] == slot) {
            assert_null(found);
            found = call;
        }
    }
    assert_non_null(found);
    return found;
}

static void every_slot_gets_what_the_plan_says(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < plan.target_count; t++) {
        struct objects_site site = site_of(t);
        const struct plan_target *target = &plan.targets[t];
        spawn_all_right(&site);
        assert_int_equal(target->caps, 1U << target->cnode_bits);
        for (uint32_t i = 0; i < target->caps; i++) {
            const struct plan_cap *cap = &plan.caps[target->first_cap + i];
            const struct fake_call *call = call_into(&site, cap->slot);
            uint64_t from =
                cap->object == PLAN_AUDITOR ? AUDITOR : objects_cap(&site, cap->object, 0);
            assert_int_equal(call->words[1], target->cnode_bits);
            assert_int_equal(call->words[2], from);
            assert_int_equal(call->words[4], cap->rights);
            assert_int_equal(call->words[5], cap->badge);
            assert_int_equal(made[cap->slot].from, from);
        }
    }
}

static void every_object_is_made_once(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    const struct plan_target *target = &plan.targets[0];
    spawn_all_right(&site);
    uint64_t planned = 0, asked = 0;
    for (uint32_t i = 0; i < target->objects; i++) {
        const struct plan_object *object = &plan.objects[target->first_object + i];
        bool is_made = object->type != PLAN_UNTYPED && object->type != PLAN_PACKAGE_PAGES;
        planned += is_made ? object->count : 0;
    }
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        if (call->invocation == SEL4_INVOCATION_UNTYPED_RETYPE) {
            assert_int_equal(call->on, UNTYPED);
            asked += call->words[5];
        }
    }
    assert_int_equal(asked, planned);
}

static void pages_are_mapped_as_planned(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    const struct plan_target *target = &plan.targets[0];
    cap_slot vspace = objects_cap(&site, objects_find(&site, PLAN_VSPACE), 0);
    spawn_all_right(&site);
    unsigned pages = 0, mapped = 0;
    for (uint32_t i = 0; i < target->mappings; i++) {
        pages += plan.mappings[target->first_mapping + i].pages;
    }
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        mapped += call->invocation == SEL4_INVOCATION_PAGE_MAP && call->caps[0] == vspace;
    }
    assert_int_equal(mapped, pages);
    // Package pages: one copy each, which may only be read.
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        bool package = call->words[2] >= FRAMES && call->words[2] < FRAMES + 64;
        if (call->invocation == SEL4_INVOCATION_CNODE_COPY && package) {
            assert_int_equal(call->words[4], SEL4_RIGHT_READ);
        }
    }
}

static void data_is_copied_to_its_address(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    struct spawn_source source = source_of(0);
    const struct plan_target *target = &plan.targets[0];
    unsigned copied = 0;
    spawn_all_right(&site);
    for (uint32_t i = 0; i < target->mappings; i++) {
        const struct plan_mapping *mapping = &plan.mappings[target->first_mapping + i];
        if (mapping->fill != PLAN_FILL_COPY) {
            continue;
        }
        const uint8_t *page =
            fake_kernel_frame(objects_cap(&site, mapping->object, mapping->first));
        assert_non_null(page);
        size_t at = mapping->copy_at - mapping->vaddr;
        assert_memory_equal(page + at, source.binary.at + mapping->copy_from, mapping->copy_len);
        assert_true(bytes_all_zero(
            (struct bytes){page + at + mapping->copy_len, FAKE_PAGE - at - mapping->copy_len}));
        copied++;
    }
    assert_int_equal(copied, 1);
}

static void the_record_names_every_capability(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    const struct plan_target *target = &plan.targets[0];
    struct kpkg_record record;
    spawn_all_right(&site);
    const uint8_t *page = NULL;
    for (uint32_t i = 0; i < target->mappings; i++) {
        const struct plan_mapping *mapping = &plan.mappings[target->first_mapping + i];
        if (mapping->fill == PLAN_FILL_RECORD) {
            page = fake_kernel_frame(objects_cap(&site, mapping->object, mapping->first));
        }
    }
    assert_non_null(page);
    memcpy(&record, page, sizeof record);
    assert_int_equal(record.magic, KPKG_RECORD_MAGIC);
    assert_int_equal(record.incarnation, 3);
    assert_int_equal(record.ticks_per_us, TICKS);
    assert_true(record.stack_low < record.stack_high);
    assert_memory_equal(page + record.arguments_offset,
                        "--rate\0"
                        "10",
                        10);
    assert_int_equal(record.len, record.arguments_offset + 10);
    uint32_t next = 0;
    for (uint32_t i = 0; i < target->caps; i++) {
        const struct plan_cap *cap = &plan.caps[target->first_cap + i];
        struct kpkg_record_cap entry;
        if (cap->name.len == 0) {
            continue;
        }
        memcpy(&entry, page + record.caps_offset + next++ * sizeof entry, sizeof entry);
        assert_true(bytes_is(cap->name, entry.name));
        assert_int_equal(entry.slot, cap->slot);
        assert_int_equal(entry.rights, cap->rights);
        assert_int_equal(entry.flags, cap->kind == PLAN_CAP_TRIPWIRE ? KPKG_CAP_ABSENT : 0);
    }
    assert_int_equal(record.cap_count, next);
}

static void the_last_call_lets_it_run(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    const struct plan_target *target = &plan.targets[0];
    spawn_all_right(&site);
    const struct fake_call *last = &fake_kernel.calls[fake_kernel.count - 1];
    assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_TCB_WRITE_REGISTERS), 1);
    assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_TCB_RESUME), 0);
    assert_int_equal(last->invocation, SEL4_INVOCATION_TCB_WRITE_REGISTERS);
    assert_int_equal(last->words[2 + REG_RIP], target->entry);
    assert_int_equal(last->words[2 + REG_RSP], target->stack_top);
    assert_int_equal(last->words[2 + REG_RDI], target->record);
}

// A refused call ends the spawn. Only the spare slot may be emptied after it.
static void any_call_may_be_refused(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    spawn_all_right(&site);
    unsigned calls = fake_kernel.count;
    for (unsigned n = 1; n <= calls; n++) {
        struct diag diag = {0};
        site = site_of(0);
        fake_kernel.fail_at = n;
        fake_kernel.error = SEL4_ERROR_ILLEGAL_OPERATION;
        assert_int_equal(spawn(&site, &diag), STATUS_KERNEL_REFUSED);
        assert_int_equal(diag.detail, SEL4_ERROR_ILLEGAL_OPERATION);
        assert_int_equal(fake_kernel_calls(SEL4_INVOCATION_TCB_WRITE_REGISTERS), n == calls);
        for (unsigned i = n; i < fake_kernel.count; i++) {
            const struct fake_call *call = &fake_kernel.calls[i];
            bool empties_spare =
                call->invocation == SEL4_INVOCATION_CNODE_DELETE && call->words[0] == cspace.spare;
            assert_true(empties_spare || call->invocation == SEL4_INVOCATION_PAGE_UNMAP);
        }
    }
}

static void one_revoke_takes_it_all_back(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    struct objects_left left = {0};
    fake_kernel.fail_at = 2; // the questions for what is left
    fake_kernel.fail_all = true;
    fake_kernel.error = SEL4_ERROR_NOT_ENOUGH_MEMORY;
    assert_int_equal(objects_reclaim(&left, &site, NULL), STATUS_OK);
    assert_int_equal(fake_kernel.count, 3);
    assert_int_equal(fake_kernel.calls[0].invocation, SEL4_INVOCATION_CNODE_REVOKE);
    assert_int_equal(fake_kernel.calls[0].words[0], UNTYPED);
    assert_int_equal(fake_kernel.calls[1].words[1], plan.targets[0].untyped_bits + 1); // too much
    assert_int_equal(fake_kernel.calls[1].words[4], cspace.spare);
    assert_int_equal(fake_kernel.calls[2].words[4], 1); // the holder's slot
    // This kernel says that nothing is free.
    assert_int_equal(left.bytes, UINT64_C(1) << plan.targets[0].untyped_bits);
    assert_int_equal(left.slots, 0);
}

static void a_slot_that_stays_full_is_counted(void **state)
{
    (void)state;
    struct objects_site site = site_of(0);
    struct objects_left left = {0};
    fake_kernel.fail_at = 2;
    fake_kernel.fail_all = true;
    fake_kernel.error = SEL4_ERROR_DELETE_FIRST;
    assert_int_equal(objects_reclaim(&left, &site, NULL), STATUS_OK);
    assert_int_equal(left.slots, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_slot_gets_what_the_plan_says),
        cmocka_unit_test(every_object_is_made_once),
        cmocka_unit_test(pages_are_mapped_as_planned),
        cmocka_unit_test(data_is_copied_to_its_address),
        cmocka_unit_test(the_record_names_every_capability),
        cmocka_unit_test(the_last_call_lets_it_run),
        cmocka_unit_test(any_call_may_be_refused),
        cmocka_unit_test(one_revoke_takes_it_all_back),
        cmocka_unit_test(a_slot_that_stays_full_is_counted),
    };
    return cmocka_run_group_tests(tests, compile, NULL);
}
