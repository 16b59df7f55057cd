// SPDX-License-Identifier: BSD-2-Clause
//
// The runtime of packages against a kernel that is played by plain data: what leaves in registers
// and in the IPC buffer, what comes back.
#include "kpkg.h"

#include "arch.h"
#include "kpkg_start.h"
#include "sel4_message.h"
#include "sel4_syscall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CAPS = 4, LOG = 3, REPLY = 4, EXIT = 1 };

static struct {
    struct kpkg_record record;
    struct kpkg_record_cap caps[CAPS];
    char arguments[16];
} page;

static struct sel4_ipc_buffer buffer;
static _Alignas(16) uint8_t heap[100];
static jmp_buf stopped;

// What the last system call looked like, and the label that answers a Call.
static struct {
    struct arch_message message;
    int64_t number;
    uint64_t reply, label;
    char printed[4096];
    size_t printed_len;
    unsigned calls;
} kernel;

static void take_print(const struct arch_message *message)
{
    size_t len = message->word[0];
    uint64_t words[SEL4_MESSAGE_MAX_LENGTH];
    memcpy(words, buffer.message, sizeof words);
    memcpy(words, message->word, sizeof message->word);
    assert_int_equal(sel4_message_length(message->info), 1 + (len + 7) / 8);
    memcpy(kernel.printed + kernel.printed_len, &words[1], len);
    kernel.printed_len += len;
}

void arch_syscall(struct arch_message *message, int64_t number, uint64_t reply)
{
    kernel.message = *message;
    kernel.number = number;
    kernel.reply = reply;
    kernel.calls++;
    if (number == SEL4_SYSCALL_CALL && message->cap_or_badge == EXIT) {
        longjmp(stopped, 1);
    }
    if (number == SEL4_SYSCALL_CALL && message->cap_or_badge == LOG) {
        take_print(message);
        *message = (struct arch_message){.info = sel4_message_info(kernel.label, 0, 0, 0)};
    }
}

uint64_t arch_ticks(void)
{
    return 5000000;
}

static struct kpkg_record_cap cap(const char *name, uint64_t slot, uint16_t flags)
{
    struct kpkg_record_cap made = {.kind = KPKG_CAP_ENDPOINT, .flags = flags, .slot = slot};
    strncpy(made.name, name, sizeof made.name);
    return made;
}

static int set_up(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof kernel);
    page.record = (struct kpkg_record){
        .magic = KPKG_RECORD_MAGIC,
        .abi = 1,
        .len = sizeof page,
        .incarnation = 2,
        .ipc_buffer = (uintptr_t)&buffer,
        .heap = (uintptr_t)heap,
        .heap_len = sizeof heap,
        .ticks_per_us = 1000,
        .caps_offset = sizeof page.record,
        .cap_count = CAPS,
        .arguments_offset = sizeof page.record + sizeof page.caps,
        .argument_count = 2,
        .name = "test",
    };
    page.caps[0] = cap("exit", EXIT, 0);
    page.caps[1] = cap("a-name-of-just-thirty-one-chars", 2, KPKG_CAP_ABSENT);
    page.caps[2] = cap("log", LOG, 0);
    page.caps[3] = cap("log.reply", REPLY, 0);
    memcpy(page.arguments, "--rate\00010", 10);
    return 0;
}

static void the_record_answers(void **state)
{
    (void)state;
    assert_int_equal(kpkg_record()->incarnation, 2);
    assert_int_equal(kpkg_cap("log"), LOG);
    assert_int_equal(kpkg_reply_cap("log"), REPLY);
    assert_int_equal(kpkg_cap("lo"), 0);
    assert_int_equal(kpkg_cap("log2"), 0);
    assert_int_equal(kpkg_cap("a-name-of-just-thirty-one-chars"), 0); // absent peer
    assert_string_equal(kpkg_argument(0), "--rate");
    assert_string_equal(kpkg_argument(1), "10");
    assert_null(kpkg_argument(2));
    assert_int_equal(kpkg_microseconds(), 5000);
}

static void messages_use_registers_then_the_buffer(void **state)
{
    (void)state;
    struct kpkg_message message = {.label = 9, .length = 6, .word = {1, 2, 3, 4, 5, 6}};
    kpkg_send(7, &message);
    assert_int_equal(kernel.number, SEL4_SYSCALL_SEND);
    assert_int_equal(kernel.message.cap_or_badge, 7);
    assert_int_equal(sel4_message_label(kernel.message.info), 9);
    assert_int_equal(sel4_message_length(kernel.message.info), 6);
    assert_int_equal(kernel.message.word[3], 4);
    assert_int_equal(buffer.message[4], 5);
    assert_int_equal(buffer.message[5], 6);
    message.length = 1000;
    kpkg_reply_receive(LOG, REPLY, &message);
    assert_int_equal(kernel.number, SEL4_SYSCALL_REPLY_RECV);
    assert_int_equal(kernel.reply, REPLY);
    assert_int_equal(message.length, KPKG_MESSAGE_WORDS); // as the kernel clamps it
    assert_int_equal(message.badge, LOG);
    assert_int_equal(kpkg_wait(5), 5);
    assert_int_equal(kernel.number, SEL4_SYSCALL_WAIT);
    kpkg_yield();
    assert_int_equal(kernel.number, SEL4_SYSCALL_YIELD);
}

#define ASSERT_FORMAT(want, ...)                                                                   \
    do {                                                                                           \
        char at[64];                                                                               \
        assert_int_equal(kpkg_format(at, sizeof at, __VA_ARGS__), sizeof(want) - 1);               \
        assert_string_equal(at, want);                                                             \
    } while (0)

static void formats_are_those_of_printf(void **state)
{
    (void)state;
    ASSERT_FORMAT("a b 100%", "a %s 100%%", "b");
    ASSERT_FORMAT("-1 4294967295 ff", "%d %u %x", -1, UINT32_MAX, 255U);
    ASSERT_FORMAT("-9223372036854775808", "%ld", INT64_MIN);
    ASSERT_FORMAT("18446744073709551615 0", "%llu %zu", UINT64_C(18446744073709551615) + 0ULL,
                  (size_t)0);
    ASSERT_FORMAT("[  7|007|-07| ab|x]", "[%3d|%03d|%03d|%3s|%c]", 7, 7, -7, "ab", 'x');
    ASSERT_FORMAT("1f", "%p", (void *)0x1f);
    char at[4];
    assert_int_equal(kpkg_format(at, sizeof at, "%s", "too long"), 3);
    assert_string_equal(at, "too");
}

static void long_text_goes_in_parts(void **state)
{
    (void)state;
    static char text[2000];
    memset(text, 'x', sizeof text);
    text[KPKG_PRINT_MAX] = 'y';
    assert_true(kpkg_write(LOG, text, sizeof text));
    assert_int_equal(kernel.calls, 3);
    assert_int_equal(kernel.printed_len, sizeof text);
    assert_memory_equal(kernel.printed, text, sizeof text);
    assert_true(kpkg_write(LOG, text, 0));
    assert_int_equal(kernel.calls, 3);
    assert_false(kpkg_write(0, text, 1));
    assert_int_equal(kernel.calls, 3);
    kernel.label = 1;
    assert_false(kpkg_print(LOG, "%d", 5));
    assert_int_equal(kernel.calls, 4);
}

static void the_heap_ends(void **state)
{
    (void)state;
    assert_ptr_equal(kpkg_alloc(1), heap);
    assert_ptr_equal(kpkg_alloc(16), heap + 16);
    assert_null(kpkg_alloc(69));
    assert_null(kpkg_alloc(SIZE_MAX));
    assert_ptr_equal(kpkg_alloc(68), heap + 32); // the tail is not lost to alignment
    assert_null(kpkg_alloc(1));
}

int main(void)
{
    static bool started;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_record_answers, set_up),
        cmocka_unit_test_setup(messages_use_registers_then_the_buffer, set_up),
        cmocka_unit_test_setup(formats_are_those_of_printf, set_up),
        cmocka_unit_test_setup(long_text_goes_in_parts, set_up),
        cmocka_unit_test_setup(the_heap_ends, set_up),
    };
    if (started) {
        return cmocka_run_group_tests(tests, NULL, NULL);
    }
    // The runtime calls main, as it does for a package, and its value leaves through "exit".
    started = true;
    set_up(NULL);
    if (setjmp(stopped) == 0) {
        kpkg_start(&page.record);
    }
    return (int)kernel.message.word[0];
}
