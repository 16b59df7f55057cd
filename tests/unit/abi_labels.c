// SPDX-License-Identifier: BSD-2-Clause
// The numbers of the four Microkit kernels, as their invocations_all.json gives them.

#include "labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct sel4_config microkit[] = {
    {.hardware_debug = false, .domain_schedule = false, .iommu = true, .huge_page = true},
    {.hardware_debug = false, .domain_schedule = true, .iommu = false, .huge_page = true},
    {.hardware_debug = true, .domain_schedule = true, .iommu = true, .huge_page = true},
    {.hardware_debug = false, .domain_schedule = true, .iommu = true, .huge_page = true},
};

enum { KERNELS = sizeof(microkit) / sizeof(microkit[0]) };

static const struct {
    enum sel4_invocation invocation;
    uint8_t label[KERNELS]; // 2.1.0, 2.2.0, 2.3.0 debug, 2.3.0 release
} expected[] = {
    {SEL4_INVOCATION_UNTYPED_RETYPE, {1, 1, 1, 1}},
    {SEL4_INVOCATION_TCB_UNBIND_NOTIFICATION, {15, 15, 15, 15}},
    {SEL4_INVOCATION_TCB_SET_BREAKPOINT, {0, 0, 16, 0}},
    {SEL4_INVOCATION_TCB_SET_TLS_BASE, {16, 16, 20, 16}},
    {SEL4_INVOCATION_CNODE_REVOKE, {18, 18, 22, 18}},
    {SEL4_INVOCATION_CNODE_ROTATE, {25, 25, 29, 25}},
    {SEL4_INVOCATION_DOMAIN_SCHEDULE_CONFIGURE, {0, 31, 35, 31}},
    {SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS, {31, 33, 37, 33}},
    {SEL4_INVOCATION_PAGE_TABLE_UNMAP, {42, 44, 48, 44}},
    {SEL4_INVOCATION_IO_PAGE_TABLE_MAP, {43, 0, 49, 45}},
    {SEL4_INVOCATION_PAGE_MAP, {45, 45, 51, 47}},
    {SEL4_INVOCATION_PAGE_MAP_IO, {47, 0, 53, 49}},
    {SEL4_INVOCATION_PAGE_GET_ADDRESS, {48, 47, 54, 50}},
    {SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE, {51, 50, 57, 53}},
    {SEL4_INVOCATION_IRQ_ISSUE_MSI, {59, 58, 65, 61}},
};

static void labels_match_the_kernels(void **state)
{
    (void)state;
    for (unsigned k = 0; k < KERNELS; k++) {
        struct sel4_abi abi = labels_of(microkit[k]);
        for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
            assert_int_equal(abi.label[expected[i].invocation], expected[i].label[k]);
            if (expected[i].label[k] != 0) {
                assert_int_equal(labels_invocation(&abi, expected[i].label[k]),
                                 expected[i].invocation);
            }
        }
        assert_int_equal(labels_invocation(&abi, 0), SEL4_INVOCATION_COUNT);
        assert_int_equal(labels_invocation(&abi, 0x100), SEL4_INVOCATION_COUNT);
    }
}

static void types_follow_huge_pages_and_iommu(void **state)
{
    (void)state;
    struct sel4_abi full = labels_of(microkit[3]);
    assert_int_equal(full.type_count, 15);
    assert_int_equal(full.type[SEL4_OBJECT_HUGE_PAGE], 9);
    assert_int_equal(full.type[SEL4_OBJECT_IO_PAGE_TABLE], 14);
    struct sel4_abi bare = labels_of((struct sel4_config){.domain_schedule = true});
    assert_int_equal(bare.type_count, 13);
    assert_int_equal(bare.type[SEL4_OBJECT_HUGE_PAGE], SEL4_TYPE_ABSENT);
    assert_int_equal(bare.type[SEL4_OBJECT_SMALL_PAGE], 9);
    assert_int_equal(labels_object(&bare, 12), SEL4_OBJECT_PAGE_DIRECTORY);
    assert_int_equal(labels_object(&bare, 13), SEL4_OBJECT_COUNT);
    assert_int_equal(labels_object(&bare, SEL4_TYPE_ABSENT), SEL4_OBJECT_COUNT);
}

static void sizes_follow_the_argument_where_it_matters(void **state)
{
    (void)state;
    assert_int_equal(labels_size_bits(SEL4_OBJECT_TCB, 3), 11);
    assert_int_equal(labels_size_bits(SEL4_OBJECT_CNODE, 4), 9);
    assert_int_equal(labels_size_bits(SEL4_OBJECT_UNTYPED, 20), 20);
    assert_int_equal(labels_size_bits(SEL4_OBJECT_SCHED_CONTEXT, 8), 8);
    assert_string_equal(labels_name(SEL4_INVOCATION_IRQ_ACK), "IRQAckIRQ");
    assert_string_equal(labels_name(SEL4_INVOCATION_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_match_the_kernels),
        cmocka_unit_test(types_follow_huge_pages_and_iommu),
        cmocka_unit_test(sizes_follow_the_argument_where_it_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
