// SPDX-License-Identifier: BSD-2-Clause
// I/O ports, interrupts and domains: control caps, ranges, handlers.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL };

static uint64_t root = SEL4_SLOT_CNODE;

static struct answer issue(uint64_t first, uint64_t last, uint64_t slot)
{
    return CALL(SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE, MRS(first, last, slot, DEPTH),
                CAPS(root));
}

static void ports(void)
{
    heading("I/O ports");
    uint64_t cap = slot_new();
    observe("issue: short",
            CALL(SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE, MRS(1, 2, cap), CAPS(root)));
    observe("issue: no cap",
            CALL(SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE, MRS(1, 2, cap, DEPTH), NO_CAPS));
    observe("issue: last below first", issue(0x210, 0x20f, cap));
    observe("issue: into a full slot", issue(0x210, 0x213, SEL4_SLOT_TCB));
    observe("issue", issue(0x210, 0x213, cap));
    observe("issue the same", issue(0x210, 0x213, slot_new()));
    observe("issue: overlap by one", issue(0x213, 0x220, slot_new()));
    observe("issue: beside it", issue(0x214, 0x214, slot_new()));
    observe("in: no words", CALL(cap, IO_PORT_IN8, NO_MRS, NO_CAPS));
    observe("out: one word", CALL(cap, IO_PORT_OUT8, MRS(0x210), NO_CAPS));
    observe("in below", CALL(cap, IO_PORT_IN8, MRS(0x20f), NO_CAPS));
    observe("in above", CALL(cap, IO_PORT_IN8, MRS(0x214), NO_CAPS));
    observe("in 16 over the end", CALL(cap, IO_PORT_IN16, MRS(0x213), NO_CAPS));
    observe("in 32 over the end", CALL(cap, IO_PORT_IN32, MRS(0x211), NO_CAPS));
    observe("out 16 over the end", CALL(cap, IO_PORT_OUT16, MRS(0x213, 0), NO_CAPS));
    observe("out 8", CALL(cap, IO_PORT_OUT8, MRS(0x210, 0x1ff), NO_CAPS));
    observe("port above 16 bits", CALL(cap, IO_PORT_OUT8, MRS(0x10210, 0), NO_CAPS));
    observe("a label no port knows", invoke_label(cap, 1, NO_MRS, NO_CAPS));
    uint64_t copy = copy_of(cap, RIGHTS);
    delete_slot(cap);
    observe("a copy keeps the range", issue(0x210, 0x213, slot_new()));
    delete_slot(copy);
    observe("free after the last", issue(0x210, 0x213, slot_new()));
}

// How an interrupt arrives: where at the IOAPIC, its form, and the vector it gets.
struct line_of {
    uint64_t io_apic, pin, level, polarity, vector;
};

static struct answer ioapic(uint64_t slot, struct line_of l)
{
    return CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_IOAPIC,
                MRS(slot, DEPTH, l.io_apic, l.pin, l.level, l.polarity, l.vector), CAPS(root));
}

static void interrupts(void)
{
    heading("interrupts");
    uint64_t handler = slot_new();
    observe("plain issue",
            CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_HANDLER, MRS(4, handler, DEPTH), CAPS(root)));
    observe("plain issue: no cap",
            CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_HANDLER, MRS(4, handler, DEPTH), NO_CAPS));
    observe("IOAPIC: short", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_IOAPIC,
                                  MRS(handler, DEPTH, 0, 4, 0, 0), CAPS(root)));
    observe("IOAPIC: no cap", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_IOAPIC,
                                   MRS(handler, DEPTH, 0, 4, 0, 0, 4), NO_CAPS));
    observe("IOAPIC: vector 108", ioapic(handler, (struct line_of){0, 4, 0, 0, 108}));
    observe("IOAPIC: 9", ioapic(handler, (struct line_of){9, 4, 0, 0, 4}));
    observe("IOAPIC: pin 24", ioapic(handler, (struct line_of){0, 24, 0, 0, 4}));
    observe("IOAPIC: level 2", ioapic(handler, (struct line_of){0, 4, 2, 0, 4}));
    observe("IOAPIC: polarity 2", ioapic(handler, (struct line_of){0, 4, 0, 2, 4}));
    observe("IOAPIC", ioapic(handler, (struct line_of){0, 5, 0, 0, 5}));
    observe("IOAPIC: vector in use", ioapic(slot_new(), (struct line_of){0, 6, 0, 0, 5}));
    observe("IOAPIC: pin again, another vector",
            ioapic(slot_new(), (struct line_of){0, 5, 0, 0, 6}));
    observe("IOAPIC: full slot", ioapic(handler, (struct line_of){0, 7, 0, 0, 7}));
    observe("MSI: short", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                               MRS(handler, DEPTH, 0, 0, 0, 0), CAPS(root)));
    observe("MSI: bus 256", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                                 MRS(slot_new(), DEPTH, 256, 0, 0, 0, 20), CAPS(root)));
    observe("MSI: device 32", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                                   MRS(slot_new(), DEPTH, 0, 32, 0, 0, 20), CAPS(root)));
    observe("MSI: function 8", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                                    MRS(slot_new(), DEPTH, 0, 0, 8, 0, 20), CAPS(root)));
    observe("MSI", CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_MSI,
                        MRS(slot_new(), DEPTH, 0, 0, 0, 0, 20), CAPS(root)));
    observe("set: no cap", CALL(handler, IRQ_SET_HANDLER, NO_MRS, NO_CAPS));
    observe("set an endpoint",
            CALL(handler, IRQ_SET_HANDLER, NO_MRS, CAPS(make(SEL4_OBJECT_ENDPOINT, 0))));
    uint64_t ntfn = make(SEL4_OBJECT_NOTIFICATION, 0);
    observe("set without write",
            CALL(handler, IRQ_SET_HANDLER, NO_MRS, CAPS(copy_of(ntfn, SEL4_RIGHT_READ))));
    observe("set", CALL(handler, IRQ_SET_HANDLER, NO_MRS, CAPS(ntfn)));
    observe("acknowledge", CALL(handler, IRQ_ACK, NO_MRS, NO_CAPS));
    observe("clear", CALL(handler, IRQ_CLEAR_HANDLER, NO_MRS, NO_CAPS));
    observe("a label no handler knows", invoke_label(handler, 1, NO_MRS, NO_CAPS));
    delete_slot(handler);
    observe("the vector is free after deletion",
            ioapic(slot_new(), (struct line_of){0, 5, 0, 0, 5}));
}

static void domains(void)
{
    heading("domain schedule");
    if (!abi.config.domain_schedule) {
        return;
    }
    uint64_t d = SEL4_SLOT_DOMAIN;
    observe("configure: short", CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(1, 0), NO_CAPS));
    observe("configure: domain 255", CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(1, 255, 100), NO_CAPS));
    observe("configure: index 99", CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(99, 0, 100), NO_CAPS));
    observe("configure: index of all ones",
            CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(~0ULL, 0, 100), NO_CAPS));
    observe("configure: duration of 56 bits",
            CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(1, 0, 1ULL << 56), NO_CAPS));
    observe("configure: no duration, domain 1",
            CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(1, 1, 0), NO_CAPS));
    observe("configure: no duration, start index",
            CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(0, 0, 0), NO_CAPS));
    observe("configure: end marker", CALL(d, DOMAIN_SCHEDULE_CONFIGURE, MRS(1, 0, 0), NO_CAPS));
    observe("start: no words", CALL(d, DOMAIN_SCHEDULE_SET_START, NO_MRS, NO_CAPS));
    observe("start: at the end marker", CALL(d, DOMAIN_SCHEDULE_SET_START, MRS(1), NO_CAPS));
    observe("start: 100", CALL(d, DOMAIN_SCHEDULE_SET_START, MRS(100), NO_CAPS));
    observe("start: 0", CALL(d, DOMAIN_SCHEDULE_SET_START, MRS(0), NO_CAPS));
}

void conformance_main(void)
{
    ports();
    interrupts();
    domains();
}
