// SPDX-License-Identifier: BSD-2-Clause
// A hosted run from outside: how it ends, what it tells, what it refuses. The images are a few
// instructions each.
#include "hosted.h"

#include "sel4_error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 4096, VADDR = 0x400000 };

static uint8_t image[2 * PAGE];

// An ELF file whose only segment is this code.
static struct bytes image_of(const void *code, size_t len)
{
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = VADDR,
        .e_phoff = sizeof header,
        .e_ehsize = sizeof header,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1};
    Elf64_Phdr segment = {.p_type = PT_LOAD,
                          .p_flags = PF_R | PF_W | PF_X,
                          .p_offset = PAGE,
                          .p_vaddr = VADDR,
                          .p_paddr = VADDR,
                          .p_filesz = len,
                          .p_memsz = len,
                          .p_align = PAGE};
    memset(image, 0, sizeof image);
    memcpy(image, &header, sizeof header);
    memcpy(image + sizeof header, &segment, sizeof segment);
    memcpy(image + PAGE, code, len);
    return (struct bytes){image, PAGE + len};
}

#define IMAGE(bytes) image_of(bytes, sizeof(bytes) - 1)
#define STOP         "\x0f\x0b" // ud2: nobody handles the root task's faults
#define LOOP         "\xeb\xfe"
// Call of the CNode (slot 2) with label 1, which no CNode knows; then stop.
#define BAD_CALL "\xbf\x02\x00\x00\x00\xbe\x00\x10\x00\x00\x48\xc7\xc2\xff\xff\xff\xff\x0f\x05" STOP

struct seen {
    struct hosted_trace trace[4];
    size_t traces;
    char debug[16];
    size_t debug_len;
};

static void on_trace(void *context, const struct hosted_trace *trace)
{
    struct seen *seen = context;
    assert_true(seen->traces < sizeof seen->trace / sizeof seen->trace[0]);
    seen->trace[seen->traces++] = *trace;
}

static void on_debug(void *context, char c)
{
    struct seen *seen = context;
    if (seen->debug_len < sizeof seen->debug - 1) {
        seen->debug[seen->debug_len++] = c;
    }
}

static struct hosted_result run(const struct hosted_options *options, struct bytes bytes)
{
    struct hosted_result result;
    struct diag diag = {0};
    if (hosted_run(&result, options, bytes, &diag) != STATUS_OK) {
        fail_msg("%s: %s", status_name(diag.status), diag.what);
    }
    return result;
}

static void fault_of_the_root_task_is_a_deadlock(void **state)
{
    (void)state;
    for (int deterministic = 0; deterministic <= 1; deterministic++) {
        struct hosted_options options = {.deterministic = deterministic != 0};
        struct hosted_result result = run(&options, IMAGE(STOP));
        assert_int_equal(result.end, HOSTED_DEADLOCK);
        assert_int_equal(result.invocations, 0);
        // In real time a busy host may end the time slice first.
        assert_true(result.traps == 1 || (!options.deterministic && result.traps > 1));
    }
}

static void time_limit(void **state)
{
    (void)state;
    for (int deterministic = 0; deterministic <= 1; deterministic++) {
        struct hosted_options options = {.time_limit_us = 20000,
                                         .deterministic = deterministic != 0};
        struct hosted_result result = run(&options, IMAGE(LOOP));
        assert_int_equal(result.end, HOSTED_TIME_LIMIT);
        assert_true(result.ticks >= UINT64_C(20000) * result.ticks_per_us);
    }
}

static void user_stops_it(void **state)
{
    (void)state;
    static const volatile int stop = 1;
    struct hosted_options options = {.stop = &stop};
    assert_int_equal(run(&options, IMAGE(LOOP)).end, HOSTED_STOPPED);
}

static void trace_tells_refusals(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct hosted_options options = {.context = &seen, .trace = on_trace};
    struct hosted_result result = run(&options, IMAGE(BAD_CALL));
    assert_int_equal(result.invocations, 1);
    assert_int_equal(seen.traces, 1);
    assert_int_equal(seen.trace[0].syscall, -1);
    assert_int_equal(seen.trace[0].cptr, 2);
    assert_int_equal(seen.trace[0].kind, 10);
    assert_int_equal(seen.trace[0].label, 1);
    assert_int_equal(seen.trace[0].error, SEL4_ERROR_ILLEGAL_OPERATION);
    assert_false(seen.trace[0].fault);
}

static void invocation_is_made_to_fail(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct hosted_options options = {.context = &seen,
                                     .trace = on_trace,
                                     .fail_invocation = 1,
                                     .fail_error = SEL4_ERROR_NOT_ENOUGH_MEMORY};
    (void)run(&options, IMAGE(BAD_CALL));
    assert_int_equal(seen.traces, 1);
    assert_int_equal(seen.trace[0].error, SEL4_ERROR_NOT_ENOUGH_MEMORY);
}

// DebugPutChar 'x', then DebugHalt.
#define DEBUG_CALLS                                                                                \
    "\xbf\x78\x00\x00\x00\x48\xc7\xc2\xf4\xff\xff\xff\x0f\x05\x48\xc7\xc2\xf2\xff\xff\xff\x0f\x05"

static void configurations_differ(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct hosted_options options = {.config = "2.3.0-debug", .context = &seen, .debug = on_debug};
    assert_int_equal(run(&options, IMAGE(DEBUG_CALLS LOOP)).end, HOSTED_HALTED);
    assert_int_equal(seen.debug[0], 'x');
    options.config = "2.3.0"; // there they are unknown system calls, and the end of the root task
    seen.debug_len = 0;
    assert_int_equal(run(&options, IMAGE(DEBUG_CALLS LOOP)).end, HOSTED_DEADLOCK);
    assert_int_equal(seen.debug_len, 0);
}

static void same_image_same_run(void **state)
{
    (void)state;
    struct hosted_options options = {.deterministic = true, .time_limit_us = 1000};
    struct hosted_result first = run(&options, IMAGE("\x0f\x31\x0f\x31\x0f\x31" STOP));
    struct hosted_result second = run(&options, IMAGE("\x0f\x31\x0f\x31\x0f\x31" STOP));
    assert_int_equal(first.ticks, second.ticks);
    assert_int_equal(first.traps, second.traps);
}

static void what_cannot_run_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct hosted_options options;
        size_t len;
        enum status status;
    } cases[] = {
        {{.config = "1.0"}, PAGE + 2, STATUS_USAGE},
        {{.memory_size = 1000}, PAGE + 2, STATUS_USAGE},
        {{.memory_size = PAGE}, PAGE + 2, STATUS_IMAGE},
        {{0}, 60, STATUS_IMAGE},
        {{0}, PAGE, STATUS_IMAGE},
        {{0}, 0, STATUS_IMAGE},
    };
    (void)IMAGE(STOP);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hosted_result result = {0};
        struct diag diag = {0};
        assert_int_equal(
            hosted_run(&result, &cases[i].options, (struct bytes){image, cases[i].len}, &diag),
            cases[i].status);
        assert_int_equal(diag.status, cases[i].status);
        assert_int_equal(result.traps, 0);
    }
}

static void notes_have_words(void **state)
{
    (void)state;
    assert_non_null(hosted_note(1));
    assert_non_null(hosted_note(4 | 8));
    assert_ptr_not_equal(hosted_note(4 | 8), hosted_note(8));
    assert_null(hosted_note(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_of_the_root_task_is_a_deadlock),
        cmocka_unit_test(time_limit),
        cmocka_unit_test(user_stops_it),
        cmocka_unit_test(trace_tells_refusals),
        cmocka_unit_test(invocation_is_made_to_fail),
        cmocka_unit_test(configurations_differ),
        cmocka_unit_test(same_image_same_run),
        cmocka_unit_test(what_cannot_run_is_refused),
        cmocka_unit_test(notes_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
