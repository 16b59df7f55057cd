// SPDX-License-Identifier: BSD-2-Clause
#include "detect.h"

#include "support/fake_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CONFIGS = 16, DEVICE = 20, RAM = 21 };

static struct sel4_config config_of(unsigned bits)
{
    return (struct sel4_config){
        .hardware_debug = bits & 1,
        .domain_schedule = bits & 2,
        .iommu = bits & 4,
        .huge_page = bits & 8,
    };
}

static struct sel4_bootinfo bootinfo_of(struct sel4_config config)
{
    return (struct sel4_bootinfo){
        .io_pt_levels = config.iommu ? 0 : SEL4_BOOTINFO_NO_IOMMU,
        .sched_control = {FAKE_SCHED_CONTROL, FAKE_SCHED_CONTROL + 1},
        .untyped = {DEVICE, RAM + 1},
        .untyped_list = {{.size_bits = 12, .is_device = 1}, {.size_bits = 20}},
    };
}

static void every_configuration_is_found(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CONFIGS; i++) {
        struct sel4_kernel kernel = fake_kernel_start(config_of(i));
        struct sel4_abi expected = kernel.abi;
        struct sel4_bootinfo bootinfo = bootinfo_of(config_of(i));
        struct diag diag = {0};
        kernel.abi = (struct sel4_abi){0};
        assert_int_equal(detect_kernel(&kernel, &bootinfo, &diag), STATUS_OK);
        assert_memory_equal(&kernel.abi, &expected, sizeof expected);
        for (unsigned call = 0; call < fake_kernel.count; call++) {
            assert_int_equal(fake_kernel.calls[call].on, RAM);     // never a device untyped
            assert_int_equal(fake_kernel.calls[call].words[5], 0); // nothing is made
        }
    }
}

static void a_kernel_with_other_methods_is_refused(void **state)
{
    (void)state;
    struct sel4_kernel kernel = fake_kernel_start(config_of(0));
    struct sel4_bootinfo bootinfo = bootinfo_of(config_of(0));
    struct diag diag = {0};
    kernel.abi = (struct sel4_abi){0};
    fake_kernel.cnode_methods = 9;
    assert_int_equal(detect_kernel(&kernel, &bootinfo, &diag), STATUS_KERNEL_UNKNOWN);
    assert_string_equal(diag.what, "CNode methods");
    assert_int_equal(diag.where, 9);
    assert_int_equal(diag.detail, 8);
}

static void a_refused_kernel_can_still_be_told_so(void **state)
{
    (void)state;
    struct sel4_kernel kernel = fake_kernel_start(config_of(0));
    struct sel4_abi real = kernel.abi;
    struct sel4_bootinfo bootinfo = bootinfo_of(config_of(4)); // says IOMMU, numbers say none
    kernel.abi = (struct sel4_abi){0};
    assert_int_equal(detect_kernel(&kernel, &bootinfo, NULL), STATUS_KERNEL_UNKNOWN);
    static const enum sel4_invocation needed[] = {
        SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE,
        SEL4_INVOCATION_IO_PORT_IN8,
        SEL4_INVOCATION_IO_PORT_OUT8,
    };
    for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++) {
        assert_int_equal(kernel.abi.label[needed[i]], real.label[needed[i]]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_configuration_is_found),
        cmocka_unit_test(a_kernel_with_other_methods_is_refused),
        cmocka_unit_test(a_refused_kernel_can_still_be_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
