// SPDX-License-Identifier: BSD-2-Clause

// Hardware and regions against a kernel that writes everything down: what is made for the system,
// and what a driver gets of it.

#include "objects_system.h"
#include "record.h"
#include "spawn.h"
#include "support/fake_kernel.h"
#include "support/system_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    RAM = 60,
    DEVICE = 61,
    AUDITOR = 900,
    UNTYPED = 901,
    FRAMES = 500,
    DEVICE_BITS = 24,
    DRIVER_NOTIFICATION = 0, // the system's objects in the order of the plan
    DRIVER_HANDLER = 1,
    DRIVER_PORTS = 2,
    DRIVER_FRAMES = 3,
};

static const uint64_t device_base = 0xfe000000, timer = 0xfed00000;

static uint8_t storage[32 << 20];
static struct system_fixture fixture;
static struct plan plan;
static struct sel4_kernel kernel;
static struct cspace cspace;
static struct memory memory;
static struct objects_pool pool = {&kernel, &memory, &cspace};
static cap_slot first;

static int compile(void **state)
{
    (void)state;
    system_fixture_compile(&plan, &fixture, TEST_DATA "/../golden/plan/ok-hardware.case",
                           arena_of(storage, sizeof storage));
    return 0;
}

static enum status make_system(struct diag *diag)
{
    kernel = fake_kernel_start((struct sel4_config){.domain_schedule = true, .huge_page = true});
    cspace = (struct cspace){.top = 800, .next = 2000, .end = 3000, .spare = 801};
    memory = (struct memory){
        .blocks =
            {{.untyped = RAM, .size_bits = 20},
             {.untyped = DEVICE, .size_bits = DEVICE_BITS, .device = true, .paddr = device_base}},
        .count = 2,
    };
    return objects_system_make(&first, &pool, &plan, diag);
}

static const struct fake_call *only_call(enum sel4_invocation invocation)
{
    assert_int_equal(fake_kernel_calls(invocation), 1);
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        if (fake_kernel.calls[i].invocation == invocation) {
            return &fake_kernel.calls[i];
        }
    }
    return NULL;
}

static void a_line_signals_its_notification(void **state)
{
    (void)state;
    assert_int_equal(make_system(NULL), STATUS_OK);
    const struct fake_call *issue = only_call(SEL4_INVOCATION_IRQ_ISSUE_IOAPIC);
    assert_int_equal(issue->on, SEL4_SLOT_IRQ_CONTROL);
    assert_int_equal(issue->words[0], first + DRIVER_HANDLER);
    assert_int_equal(issue->words[3], 4); // the line
    const struct fake_call *bind = only_call(SEL4_INVOCATION_IRQ_SET_HANDLER);
    assert_int_equal(bind->on, first + DRIVER_HANDLER);
    assert_int_equal(bind->caps[0], cspace.spare);
    const struct fake_call *mint = only_call(SEL4_INVOCATION_CNODE_MINT);
    assert_int_equal(mint->words[2], first + DRIVER_NOTIFICATION);
    assert_int_equal(mint->words[5], UINT64_C(1) << 63); // its badge
}

static void ports_are_those_of_the_manifest(void **state)
{
    (void)state;
    assert_int_equal(make_system(NULL), STATUS_OK);
    const struct fake_call *issue = only_call(SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE);
    assert_int_equal(issue->words[0], 0x2f8);
    assert_int_equal(issue->words[1], 0x2ff);
    assert_int_equal(issue->words[2], first + DRIVER_PORTS);
}

// The kernel makes objects where the bump pointer stands: what is made before the device's frames
// fills the untyped exactly up to them.
static void device_frames_are_at_their_address(void **state)
{
    (void)state;
    assert_int_equal(make_system(NULL), STATUS_OK);
    uint64_t at = device_base;
    unsigned frames = 0;
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        if (call->invocation != SEL4_INVOCATION_UNTYPED_RETYPE || call->on != DEVICE) {
            continue;
        }
        bool untyped = call->words[0] == kernel.abi.type[SEL4_OBJECT_UNTYPED];
        uint64_t size = UINT64_C(1) << (untyped ? call->words[1] : 12);
        assert_int_equal(at % size, 0);
        if (!untyped) {
            assert_int_equal(call->words[0], kernel.abi.type[SEL4_OBJECT_SMALL_PAGE]);
            assert_int_equal(at, timer);
            assert_int_equal(call->words[4], first + DRIVER_FRAMES);
            frames += (unsigned)call->words[5];
        }
        at += size * call->words[5];
    }
    assert_int_equal(frames, 2);
}

static void a_machine_without_the_device_says_so(void **state)
{
    (void)state;
    struct diag diag = {0};
    uint64_t last = device_base + (UINT64_C(1) << DEVICE_BITS);
    assert_int_equal(make_system(NULL), STATUS_OK);
    assert_null(memory_device(&memory, timer, 1)); // taken
    assert_non_null(memory_device(&memory, last - 4096, 4096));
    assert_null(memory_device(&memory, last - 4096, 8192));
    assert_null(memory_device(&memory, device_base - 4096, 4096));
    plan.objects[DRIVER_FRAMES].vaddr = last;
    enum status status = make_system(&diag);
    plan.objects[DRIVER_FRAMES].vaddr = timer;
    assert_int_equal(status, STATUS_RESOURCE_ABSENT);
    assert_int_equal(diag.where, last);
}

static void spawn(struct objects_site *site)
{
    static struct spawn_slot made[1 << BOUND_CNODE_BITS];
    assert_int_equal(make_system(NULL), STATUS_OK);
    *site = (struct objects_site){
        .kernel = &kernel, .cspace = &cspace, .plan = &plan, .untyped = UNTYPED, .system = first};
    struct spawn_source source = {
        .binary = fixture.verified[0].binary,
        .frames = FRAMES,
        .incarnation = 1,
        .window = fake_kernel.window,
    };
    assert_int_equal(objects_build(site, NULL), STATUS_OK);
    assert_int_equal(spawn_load(site, &source, NULL), STATUS_OK);
    assert_int_equal(spawn_populate(made, site, AUDITOR, NULL), STATUS_OK);
}

static const struct plan_mapping *device_mapping(void)
{
    const struct plan_target *target = &plan.targets[0];
    return &plan.mappings[target->first_mapping + target->mappings - 1];
}

static void a_driver_gets_copies_of_the_frames_without_cache(void **state)
{
    (void)state;
    struct objects_site site;
    spawn(&site);
    const struct plan_mapping *mapping = device_mapping();
    unsigned copied = 0, mapped = 0;
    for (unsigned i = 0; i < fake_kernel.count; i++) {
        const struct fake_call *call = &fake_kernel.calls[i];
        bool of_device =
            call->words[2] >= first + DRIVER_FRAMES && call->words[2] < first + DRIVER_FRAMES + 2;
        copied += call->invocation == SEL4_INVOCATION_CNODE_COPY && of_device;
        if (call->invocation == SEL4_INVOCATION_PAGE_MAP && call->words[0] >= mapping->vaddr &&
            call->words[0] < mapping->vaddr + 8192) {
            assert_int_equal(call->words[1], SEL4_RIGHT_READ | SEL4_RIGHT_WRITE);
            assert_int_equal(call->words[2], SEL4_VM_UNCACHED);
            mapped++;
        }
    }
    assert_int_equal(copied, 2);
    assert_int_equal(mapped, 2);
}

static void the_record_says_where_the_device_is(void **state)
{
    (void)state;
    struct objects_site site;
    struct kpkg_record record;
    struct kpkg_record_region region;
    const uint8_t *page = NULL;
    spawn(&site);
    for (uint32_t i = 0; i < plan.targets[0].mappings; i++) {
        const struct plan_mapping *mapping = &plan.mappings[plan.targets[0].first_mapping + i];
        if (mapping->fill == PLAN_FILL_RECORD) {
            page = fake_kernel_frame(objects_cap(&site, mapping->object, 0));
        }
    }
    assert_non_null(page);
    memcpy(&record, page, sizeof record);
    assert_int_equal(record.region_count, 1);
    memcpy(&region, page + record.regions_offset, sizeof region);
    assert_string_equal(region.name, "timer");
    assert_int_equal(region.address, device_mapping()->vaddr);
    assert_int_equal(region.len, 8192);
    assert_int_equal(region.rights, 3);
    assert_int_equal(region.device, 1);
    assert_int_equal(record.labels.irq_ack, kernel.abi.label[SEL4_INVOCATION_IRQ_ACK]);
    assert_int_equal(record.labels.out32, kernel.abi.label[SEL4_INVOCATION_IO_PORT_OUT32]);
}

// Every call of the making may be refused; then it ends there.
static void any_call_may_be_refused(void **state)
{
    (void)state;
    assert_int_equal(make_system(NULL), STATUS_OK);
    unsigned calls = fake_kernel.count;
    for (unsigned n = 1; n <= calls; n++) {
        struct diag diag = {0};
        kernel = fake_kernel_start((struct sel4_config){.domain_schedule = true});
        cspace.next = 2000;
        memory.blocks[0].used = memory.blocks[1].used = 0;
        fake_kernel.fail_at = n;
        fake_kernel.error = SEL4_ERROR_REVOKE_FIRST;
        assert_int_equal(objects_system_make(&first, &pool, &plan, &diag), STATUS_KERNEL_REFUSED);
        assert_int_equal(fake_kernel.count, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_signals_its_notification),
        cmocka_unit_test(ports_are_those_of_the_manifest),
        cmocka_unit_test(device_frames_are_at_their_address),
        cmocka_unit_test(a_machine_without_the_device_says_so),
        cmocka_unit_test(a_driver_gets_copies_of_the_frames_without_cache),
        cmocka_unit_test(the_record_says_where_the_device_is),
        cmocka_unit_test(any_call_may_be_refused),
    };
    return cmocka_run_group_tests(tests, compile, NULL);
}
