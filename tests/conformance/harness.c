// SPDX-License-Identifier: BSD-2-Clause
#include "harness.h"

// The first slot that programs use: above what any kernel fills at boot, so that slot numbers may
// be printed.
enum { FIRST_SLOT = 0x1000 };
enum { COM1 = 0x3f8, COM1_LINE_STATUS = 0x3fd, TRANSMIT_EMPTY = 0x20, DEBUG_EXIT = 0xf4 };

struct sel4_abi abi;
const struct sel4_bootinfo *boot;
struct sel4_ipc_buffer *buffer;
uint64_t serial;

void harness_start(const struct sel4_bootinfo *info);

static uint64_t next_slot;
static uint64_t exit_port;

// --- invocations
// -------------------------------------------------------------------------------------------------

static void take_answer(struct answer *answer, const struct trap *t)
{
    answer->label = sel4_message_label(t->rsi);
    answer->length = sel4_message_length(t->rsi);
    answer->badge = t->rdi;
    answer->mr[0] = t->r10;
    answer->mr[1] = t->r8;
    answer->mr[2] = t->r9;
    answer->mr[3] = t->r15;
    for (size_t i = SEL4_MESSAGE_REGISTERS; i < answer->length && i < 32; i++) {
        answer->mr[i] = buffer->message[i];
    }
}

struct answer invoke_label(uint64_t cptr, uint64_t label, struct words mrs, struct words caps)
{
    for (size_t i = SEL4_MESSAGE_REGISTERS; i < mrs.count; i++) {
        buffer->message[i] = mrs.at[i];
    }
    for (size_t i = 0; i < caps.count; i++) {
        buffer->caps_or_badges[i] = caps.at[i];
    }
    struct trap t = {
        .rdx = (uint64_t)SEL4_SYSCALL_CALL,
        .rdi = cptr,
        .rsi = sel4_message_info(label, 0, caps.count, mrs.count),
        .r10 = mrs.count > 0 ? mrs.at[0] : 0,
        .r8 = mrs.count > 1 ? mrs.at[1] : 0,
        .r9 = mrs.count > 2 ? mrs.at[2] : 0,
        .r15 = mrs.count > 3 ? mrs.at[3] : 0,
    };
    trap_enter(&t);
    struct answer answer = {0};
    take_answer(&answer, &t);
    return answer;
}

struct answer invoke(uint64_t cptr, enum sel4_invocation invocation, struct words mrs,
                     struct words caps)
{
    return invoke_label(cptr, abi.label[invocation], mrs, caps);
}

// --- reports
// -----------------------------------------------------------------------------------------------------

static void put(char c)
{
    struct answer status;
    do {
        status = CALL(serial, IO_PORT_IN8, MRS(COM1_LINE_STATUS), NO_CAPS);
    } while ((status.mr[0] & TRANSMIT_EMPTY) == 0);
    CALL(serial, IO_PORT_OUT8, MRS(COM1, (uint64_t)c), NO_CAPS);
}

void print(const char *text)
{
    while (*text != '\0') {
        put(*text++);
    }
}

void print_word(uint64_t value)
{
    unsigned shift = 60;
    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    print("0x");
    for (;; shift -= 4) {
        put("0123456789abcdef"[value >> shift & 15]);
        if (shift == 0) {
            return;
        }
    }
}

void line(const char *name)
{
    print("> ");
    print(name);
    print(":");
}

void heading(const char *title)
{
    print("> # ");
    print(title);
    print("\n");
}

static void print_words(const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print(" ");
        print_word(words[i]);
    }
}

static void print_error(uint64_t label)
{
    static const char *const names[SEL4_ERROR_COUNT] = {
        "ok",          "InvalidArgument", "InvalidCapability", "IllegalOperation",
        "RangeError",  "AlignmentError",  "FailedLookup",      "TruncatedMessage",
        "DeleteFirst", "RevokeFirst",     "NotEnoughMemory",
    };
    if (label < SEL4_ERROR_COUNT) {
        print(names[label]);
    } else {
        print("label ");
        print_word(label);
    }
}

void observe(const char *name, struct answer answer)
{
    line(name);
    print(" ");
    print_error(answer.label);
    print_words(answer.mr, answer.length < 32 ? answer.length : 32);
    print("\n");
}

void words_end(const uint64_t *words, size_t count)
{
    print_words(words, count);
    print("\n");
}

void observe_words(const char *name, const uint64_t *words, size_t count)
{
    line(name);
    words_end(words, count);
}

void observe_word(const char *name, uint64_t value)
{
    observe_words(name, &value, 1);
}

void observe_yes(const char *name, bool yes)
{
    line(name);
    print(yes ? " yes\n" : " no\n");
}

static _Noreturn void end_run(uint64_t outcome)
{
    CALL(exit_port, IO_PORT_OUT8, MRS(DEBUG_EXIT, outcome), NO_CAPS);
    for (;;) {
        do_wait(0); // a cap fault without a handler: this thread stops
    }
}

void need(struct answer answer, const char *what)
{
    if (answer.label != SEL4_ERROR_NONE) {
        print("> HARNESS FAILED\n");
        observe(what, answer);
        end_run(1);
    }
}

// --- raw system calls
// --------------------------------------------------------------------------------------------

static struct answer do_trap(int64_t number, uint64_t rdi, uint64_t info, uint64_t mr0,
                             uint64_t r12)
{
    struct trap t = {.rdx = (uint64_t)number, .rdi = rdi, .rsi = info, .r10 = mr0, .r12 = r12};
    trap_enter(&t);
    struct answer answer = {0};
    take_answer(&answer, &t);
    return answer;
}

struct answer do_call(uint64_t cptr, uint64_t info)
{
    return do_trap(SEL4_SYSCALL_CALL, cptr, info, 0, 0);
}

void do_send(uint64_t cptr, uint64_t info, uint64_t mr0)
{
    do_trap(SEL4_SYSCALL_SEND, cptr, info, mr0, 0);
}

void do_nb_send(uint64_t cptr, uint64_t info, uint64_t mr0)
{
    do_trap(SEL4_SYSCALL_NB_SEND, cptr, info, mr0, 0);
}

struct answer do_recv(uint64_t cptr, uint64_t reply)
{
    return do_trap(SEL4_SYSCALL_RECV, cptr, 0, 0, reply);
}

struct answer do_nb_recv(uint64_t cptr, uint64_t reply)
{
    return do_trap(SEL4_SYSCALL_NB_RECV, cptr, 0, 0, reply);
}

struct answer do_wait(uint64_t cptr)
{
    return do_trap(SEL4_SYSCALL_WAIT, cptr, 0, 0, 0);
}

struct answer do_nb_wait(uint64_t cptr)
{
    return do_trap(SEL4_SYSCALL_NB_WAIT, cptr, 0, 0, 0);
}

struct answer do_reply_recv(uint64_t cptr, uint64_t reply, uint64_t info, uint64_t mr0)
{
    return do_trap(SEL4_SYSCALL_REPLY_RECV, cptr, info, mr0, reply);
}

void do_yield(void)
{
    do_trap(SEL4_SYSCALL_YIELD, 0, 0, 0, 0);
}

// --- start
// -------------------------------------------------------------------------------------------------------

// The label that answers an empty message with TruncatedMessage is one the cap knows (fact
// sheet 13.4).
static bool knows(uint64_t cptr, uint64_t label)
{
    return invoke_label(cptr, label, NO_MRS, NO_CAPS).label == SEL4_ERROR_TRUNCATED_MESSAGE;
}

static void detect(void)
{
    struct sel4_config config = {.huge_page = true};
    config.iommu = boot->io_pt_levels != SEL4_BOOTINFO_NO_IOMMU;
    for (unsigned d = 0; d < 2; d++) {
        for (unsigned s = 0; s < 2; s++) {
            config.hardware_debug = d == 1;
            config.domain_schedule = s == 1;
            abi = labels_of(config);
            if (knows(SEL4_SLOT_CNODE, abi.label[SEL4_INVOCATION_CNODE_REVOKE]) &&
                !knows(SEL4_SLOT_CNODE, abi.label[SEL4_INVOCATION_CNODE_REVOKE] - 1U) &&
                knows(SEL4_SLOT_IO_PORT_CONTROL,
                      abi.label[SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE])) {
                return;
            }
        }
    }
}

static uint64_t issue_ports(uint64_t first, uint64_t last)
{
    uint64_t slot = slot_new();
    CALL(SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE, MRS(first, last, slot, 64),
         CAPS(SEL4_SLOT_CNODE));
    return slot;
}

uint64_t slots_new(uint64_t count)
{
    next_slot += count;
    return next_slot - count;
}

uint64_t slot_new(void)
{
    return slots_new(1);
}

void harness_start(const struct sel4_bootinfo *info)
{
    boot = info;
    buffer = (struct sel4_ipc_buffer *)info->ipc_buffer;
    next_slot = FIRST_SLOT;
    detect();
    serial = issue_ports(COM1, COM1 + 7);
    exit_port = issue_ports(DEBUG_EXIT, DEBUG_EXIT + 3);
    need(CALL(SEL4_SLOT_TCB, TCB_SET_PRIORITY, MRS(MAIN_PRIORITY), CAPS(SEL4_SLOT_TCB)),
         "set the main priority");
    print("\n> BEGIN\n");
    conformance_main();
    print("> END\n");
    end_run(0);
}
