// SPDX-License-Identifier: BSD-2-Clause
#include "attempts.h"

// Invocation labels of a common kernel build. On the tripwires that these calls meet no label means
// anything; the auditor records which was tried.
enum { LABEL_UNTYPED_RETYPE = 1, LABEL_CNODE_MINT = 22, LABEL_PAGE_MAP = 45 };

enum { SMALL_PAGE_TYPE = 10, NOT_SEL4 = -99, LINUX_WRITE = 1 };

#define KERNEL_ADDRESS UINT64_C(0xffffffff80000000)
#define UNUSED_ADDRESS UINT64_C(0x7f0000000000)
#define OUTSIDE_CSPACE UINT64_C(0x100000000)

// The lowest slot above 0 that the record does not name.
static uint64_t unissued_slot(void)
{
    const struct kpkg_record *record = kpkg_record();
    const struct kpkg_record_cap *caps = (const void *)((const char *)record + record->caps_offset);
    uint64_t slot = 1;
    for (uint32_t i = 0; i < record->cap_count; i++) {
        if (caps[i].slot == slot) {
            slot++;
            i = UINT32_MAX; // from the start again: the record promises no order
        }
    }
    return slot;
}

static uint64_t call(uint64_t cap, uint64_t label, uint64_t first, uint64_t second)
{
    struct kpkg_message message = {.label = label, .length = 2, .word = {first, second}};
    kpkg_call(cap, &message);
    return message.label;
}

static uint64_t call_null_slot(void)
{
    return call(0, 1, 0, 0);
}

static uint64_t call_unissued_slot(void)
{
    return call(unissued_slot(), 1, 0, 0);
}

static uint64_t call_outside(void)
{
    return call(OUTSIDE_CSPACE, 1, 0, 0);
}

static uint64_t receive_unissued_slot(void)
{
    return kpkg_wait(unissued_slot());
}

static uint64_t ring_the_bell(void)
{
    return call(kpkg_cap("bell"), 0, 0, 0);
}

// A copy of its own log capability, with the badge of somebody else.
static uint64_t forge_badge(void)
{
    return call(unissued_slot(), LABEL_CNODE_MINT, kpkg_cap("log"), 0x300000000000000);
}

static uint64_t retype_untyped(void)
{
    return call(unissued_slot(), LABEL_UNTYPED_RETYPE, SMALL_PAGE_TYPE, 12);
}

static uint64_t map_page(void)
{
    return call(unissued_slot(), LABEL_PAGE_MAP, UNUSED_ADDRESS, 3);
}

static uint64_t read_at(uint64_t address)
{
    (void)*(volatile const uint64_t *)address; // NOLINT: bad addresses are the point
    return 0;
}

static uint64_t write_at(uint64_t address)
{
    *(volatile uint64_t *)address = 1; // NOLINT: bad addresses are the point
    return 0;
}

static uint64_t read_null(void)
{
    return read_at(0);
}

static uint64_t write_unmapped(void)
{
    return write_at(UNUSED_ADDRESS);
}

static uint64_t read_kernel(void)
{
    return read_at(KERNEL_ADDRESS);
}

static uint64_t write_kernel(void)
{
    return write_at(KERNEL_ADDRESS);
}

static uint64_t write_text(void)
{
    return write_at((uintptr_t)write_text);
}

static uint64_t write_rodata(void)
{
    return write_at((uintptr_t)attempts);
}

static uint64_t write_record(void)
{
    return write_at((uintptr_t)&kpkg_record()->budget_us);
}

static uint64_t overrun_stack(void)
{
    for (uint64_t at = kpkg_record()->stack_high; at != 0;) {
        at -= sizeof(uint64_t);
        (void)read_at(at);
    }
    return 0;
}

static uint64_t unknown_syscall(void)
{
    uint64_t cap = 0;
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     : "+D"(cap)
                     : "d"((int64_t)NOT_SEL4), "S"((uint64_t)0)
                     : "rbx", "rcx", "r11", "memory");
    return 0;
}

// write(1, text, len) as Linux has it; to seL4 the length in RDX is the number of a system call.
static uint64_t linux_syscall(void)
{
    static const char text[] = "outside\n";
    uint64_t result = LINUX_WRITE;
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     : "+a"(result)
                     : "D"((uint64_t)1), "S"(text), "d"(sizeof text - 1)
                     : "rbx", "rcx", "r11", "memory");
    return 0;
}

// The same by the 32-bit gate.
static uint64_t linux_interrupt(void)
{
    static const char text[] = "outside\n";
    uint64_t result = 4;
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"((uint64_t)1), "c"(text), "d"(sizeof text - 1)
                     : "memory");
    return 0;
}

static uint64_t write_port(void)
{
    __asm__ volatile("outb %0, %1" : : "a"((uint8_t)0xfe), "Nd"((uint16_t)0x64));
    return 0;
}

static uint64_t halt_processor(void)
{
    __asm__ volatile("hlt");
    return 0;
}

static uint64_t divide_by_zero(void)
{
    uint32_t quotient = 1, zero = 0;
    __asm__ volatile("divl %1" : "+a"(quotient) : "r"(zero), "d"(0) : "cc");
    return quotient;
}

static uint64_t overrun_budget(void)
{
    for (uint64_t left = UINT64_MAX; left != 0; left--) {
        __asm__ volatile("pause");
    }
    return 0;
}

const struct attempt attempts[] = {
    {"call slot 0", STOPPED, call_null_slot},
    {"call a slot that was not issued", STOPPED, call_unissued_slot},
    {"call a capability outside its CSpace", STOPPED, call_outside},
    {"wait on a slot that was not issued", STOPPED, receive_unissued_slot},
    {"ring a bell it may only wait for", REFUSED, ring_the_bell},
    {"mint a capability with another's badge", STOPPED, forge_badge},
    {"retype memory it does not own", STOPPED, retype_untyped},
    {"map a page it does not own", STOPPED, map_page},
    {"read address 0", STOPPED, read_null},
    {"write unmapped memory", STOPPED, write_unmapped},
    {"read kernel memory", STOPPED, read_kernel},
    {"write kernel memory", STOPPED, write_kernel},
    {"write its own code", STOPPED, write_text},
    {"write its own constants", STOPPED, write_rodata},
    {"raise its own budget in the start-up record", STOPPED, write_record},
    {"run off its stack", STOPPED, overrun_stack},
    {"make a system call that seL4 does not have", STOPPED, unknown_syscall},
    {"make a Linux system call", STOPPED, linux_syscall},
    {"make a Linux system call by int 0x80", STOPPED, linux_interrupt},
    {"write an I/O port", STOPPED, write_port},
    {"halt the processor", STOPPED, halt_processor},
    {"divide by zero", STOPPED, divide_by_zero},
    {"run longer than its budget", STOPPED, overrun_budget},
};

const unsigned attempt_count = sizeof attempts / sizeof attempts[0];
