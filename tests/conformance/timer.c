// SPDX-License-Identifier: BSD-2-Clause
#include "timer.h"

enum { DEPTH = 64, TIMER = 0x40, TIMER_CONTROL = 0x43, LATCH = 0x00 };

static uint64_t ports;

void port_out(uint64_t cap, uint64_t port, uint64_t value)
{
    need(CALL(cap, IO_PORT_OUT8, MRS(port, value), NO_CAPS), "write a port");
}

uint64_t port_in(uint64_t cap, uint64_t port)
{
    struct answer answer = CALL(cap, IO_PORT_IN8, MRS(port), NO_CAPS);
    need(answer, "read a port");
    return answer.mr[0];
}

void timer_take(void)
{
    ports = slot_new();
    need(CALL(SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE,
              MRS(TIMER, TIMER_CONTROL, ports, DEPTH), CAPS(SEL4_SLOT_CNODE)),
         "take the timer's ports");
}

void timer_set(uint64_t mode, uint64_t count)
{
    port_out(ports, TIMER_CONTROL, mode);
    port_out(ports, TIMER, count & 0xff);
    port_out(ports, TIMER, count >> 8);
}

uint64_t timer_count(void)
{
    port_out(ports, TIMER_CONTROL, LATCH);
    uint64_t low = port_in(ports, TIMER);
    return port_in(ports, TIMER) << 8 | low;
}

struct answer irq_issue_as(uint64_t slot, uint64_t pin, uint64_t level, uint64_t vector)
{
    return CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_IOAPIC, MRS(slot, DEPTH, 0, pin, level, 0, vector),
                CAPS(SEL4_SLOT_CNODE));
}

struct answer irq_issue(uint64_t slot, uint64_t pin, uint64_t vector)
{
    return irq_issue_as(slot, pin, 0, vector);
}

struct answer irq_set(uint64_t handler, uint64_t notification, uint64_t badge)
{
    return CALL(handler, IRQ_SET_HANDLER, NO_MRS,
                CAPS(mint_of(notification, SEL4_RIGHT_ALL, badge)));
}

struct answer irq_acknowledge(uint64_t handler)
{
    return CALL(handler, IRQ_ACK, NO_MRS, NO_CAPS);
}

uint64_t ticks_per_us(void)
{
    const uint8_t *at = (const uint8_t *)boot + PAGE;
    const uint8_t *end = at + boot->extra_len;
    while (at < end) {
        uint64_t id = 0;
        uint64_t len = 0;
        uint32_t value = 0;
        __builtin_memcpy(&id, at, sizeof(id));
        __builtin_memcpy(&len, at + 8, sizeof(len));
        __builtin_memcpy(&value, at + 16, sizeof(value));
        if (id == SEL4_BOOTINFO_TSC_FREQUENCY) {
            return value;
        }
        at += len;
    }
    return 0;
}

void spin_ms(uint64_t ms)
{
    uint64_t end = __builtin_ia32_rdtsc() + ms * 1000 * ticks_per_us();
    while (__builtin_ia32_rdtsc() < end) {
    }
}
