// SPDX-License-Identifier: BSD-2-Clause
#include "audit_fault.h"

#include "support/audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CAP = 1, SYSCALL = 2, EXCEPTION = 3, DEBUG = 4, TIMEOUT = 5, VM = 6 };

static enum status decode(struct audit_fault *fault, uint64_t label, const uint64_t *words,
                          uint32_t length)
{
    struct plan plan = audit_fixture_plan();
    struct audit_message message = {0x100000000000000, label, words, length};
    return audit_fault_decode(fault, &message, &plan, 0);
}

// What the auditor says about an access to `address` by an instruction at 0x400100.
static void assert_vm(uint64_t address, uint64_t fsr, const char *access, const char *cause,
                      const char *near)
{
    struct audit_fault fault;
    uint64_t words[] = {0x400100, address, 0, fsr};
    assert_int_equal(decode(&fault, VM, words, 4), STATUS_OK);
    assert_int_equal(fault.type, AUDIT_FAULT_VM);
    assert_int_equal(fault.ip, 0x400100);
    assert_int_equal(fault.vm.address, address);
    assert_string_equal(fault.vm.access, access);
    assert_string_equal(fault.vm.cause, cause);
    assert_true(bytes_is(fault.vm.near, near));
}

static void a_vm_fault_says_what_was_hit(void **state)
{
    (void)state;
    assert_vm(0, 4, "read", "unmapped", "none");
    assert_vm(0, 6, "write", "unmapped", "none");
    assert_vm(0x400000, 7, "write", "readonly", "text");
    assert_vm(0x401fff, 7, "write", "readonly", "rodata");
    assert_vm(0x403000, 6, "write", "unmapped", "data"); // behind the binary: no guard page there
    assert_vm(0x404000, 6, "write", "unmapped", "none");
    assert_vm(0x10001ff8, 6, "write", "guard_page", "stack"); // between two areas: the nearer one
    assert_vm(0x10001000, 4, "read", "guard_page", "record");
    assert_vm(0x10000010, 7, "write", "readonly", "record");
    assert_vm(0xfffffff, 4, "read", "guard_page", "record");
    assert_vm(0xfffefff, 4, "read", "unmapped", "none");
    assert_vm(0x10006fff, 4, "read", "guard_page", "stack");
    assert_vm(0x10007000, 4, "read", "unmapped", "none");
    assert_vm(UINT64_MAX, 4, "read", "unmapped", "none");
    assert_vm(0x10002000, 4, "read", "unknown",
              "stack"); // mapped in the plan, absent in the kernel
}

static void a_fetch_is_recognised_with_and_without_smep(void **state)
{
    (void)state;
    struct audit_fault fault;
    const uint64_t flagged[] = {0x500000, 0x500000, 1, 0x14};
    const uint64_t unflagged[] = {0x500000, 0x500000, 0, 4};
    assert_int_equal(decode(&fault, VM, flagged, 4), STATUS_OK);
    assert_string_equal(fault.vm.access, "exec");
    assert_int_equal(decode(&fault, VM, unflagged, 4), STATUS_OK);
    assert_string_equal(fault.vm.access, "exec");
}

static void a_cap_fault_keeps_what_the_kernel_knows(void **state)
{
    (void)state;
    struct audit_fault fault;
    const uint64_t guard[] = {1, 0x1000, 0, 4, 64, 5, 60};
    const uint64_t missing[] = {1, 9, 1, 2, 0};
    const uint64_t stale[] = {1, 9, 1, 1}; // every cap fault of a kernel before 16.0.0
    assert_int_equal(decode(&fault, CAP, guard, 7), STATUS_OK);
    assert_string_equal(fault.cap.lookup, "guard_mismatch");
    assert_false(fault.cap.receiving);
    assert_int_equal(fault.cap.details, 3);
    assert_int_equal(fault.cap.detail[1], 5);
    assert_int_equal(decode(&fault, CAP, missing, 5), STATUS_OK);
    assert_string_equal(fault.cap.lookup, "missing_capability");
    assert_true(fault.cap.receiving);
    assert_int_equal(decode(&fault, CAP, stale, 4), STATUS_OK);
    assert_string_equal(fault.cap.lookup, "invalid_root");
    assert_int_equal(fault.cap.details, 0);
}

static void breakpoints_are_exceptions_on_every_kernel(void **state)
{
    (void)state;
    struct audit_fault fault;
    const uint64_t software[] = {0x400101, 3};
    const uint64_t step[] = {0x400101, 2};
    const uint64_t direct[] = {0x400101, 0x10002000, 0x202, 13, 0x1012};
    assert_int_equal(decode(&fault, DEBUG, software, 2), STATUS_OK);
    assert_int_equal(fault.type, AUDIT_FAULT_EXCEPTION);
    assert_string_equal(fault.exception.name, "breakpoint");
    assert_int_equal(decode(&fault, DEBUG, step, 2), STATUS_OK);
    assert_string_equal(fault.exception.name, "debug");
    assert_int_equal(decode(&fault, EXCEPTION, direct, 5), STATUS_OK);
    assert_string_equal(fault.exception.name, "general_protection");
    assert_int_equal(fault.exception.code, 0x1012);
}

static void what_no_kernel_sends_is_refused(void **state)
{
    (void)state;
    static const uint64_t words[20];
    static const uint64_t bad_lookup[] = {0, 0, 0, 5};
    static const uint32_t least[] = {
        [CAP] = 4, [SYSCALL] = 19, [EXCEPTION] = 5, [DEBUG] = 2, [TIMEOUT] = 2, [VM] = 4};
    struct audit_fault fault;
    for (uint64_t label = CAP; label <= VM; label++) {
        assert_int_equal(decode(&fault, label, words, least[label] - 1), STATUS_KERNEL_UNKNOWN);
        assert_int_equal(decode(&fault, label, words, least[label]), STATUS_OK);
    }
    assert_int_equal(decode(&fault, 0, words, 20), STATUS_KERNEL_UNKNOWN);
    assert_int_equal(decode(&fault, 7, words, 20), STATUS_KERNEL_UNKNOWN);
    assert_int_equal(decode(&fault, UINT64_MAX, words, 20), STATUS_KERNEL_UNKNOWN);
    assert_int_equal(decode(&fault, CAP, words, 8), STATUS_KERNEL_UNKNOWN);
    assert_int_equal(decode(&fault, CAP, bad_lookup, 4), STATUS_KERNEL_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vm_fault_says_what_was_hit),
        cmocka_unit_test(a_fetch_is_recognised_with_and_without_smep),
        cmocka_unit_test(a_cap_fault_keeps_what_the_kernel_knows),
        cmocka_unit_test(breakpoints_are_exceptions_on_every_kernel),
        cmocka_unit_test(what_no_kernel_sends_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
