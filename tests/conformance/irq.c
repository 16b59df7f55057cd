// SPDX-License-Identifier: BSD-2-Clause
// Device interrupts: the timer of a PC (8254, I/O APIC pin 2) and the transmitter of the serial
// line (16550, pin 4) through handlers, notifications and acknowledgement.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL };

// The timer: channel 0, counting at 1193182 Hz.
enum {
    TIMER = 0x40,
    TIMER_CONTROL = 0x43,
    MODE_ONCE = 0x30,   // channel 0, both bytes, interrupt on terminal count
    MODE_REPEAT = 0x34, // the same, rate generator
    TIMER_LATCH = 0x00,
    MILLISECOND = 1193,
    LONGEST = 0xffff,
    TIMER_PIN = 2,
    TIMER_VECTOR = 20,
};

// The serial line.
enum {
    COM1 = 0x3f8,
    COM1_INTERRUPT_ENABLE = COM1 + 1,
    COM1_IDENTITY = COM1 + 2,
    COM1_MODEM_CONTROL = COM1 + 4,
    ENABLE_SENT = 2,
    IDENTITY = 0x0f,
    OUT2 = 8,
    COM1_PIN = 4,
    COM1_VECTOR = 24,
};

enum { TICK = 0x71, SENT = 0x72 };

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t timer, ticks, handler;

static void out(uint64_t cap, uint64_t port, uint64_t value)
{
    need(CALL(cap, IO_PORT_OUT8, MRS(port, value), NO_CAPS), "write a port");
}

static uint64_t in(uint64_t cap, uint64_t port)
{
    struct answer answer = CALL(cap, IO_PORT_IN8, MRS(port), NO_CAPS);
    need(answer, "read a port");
    return answer.mr[0];
}

static struct answer issue_as(uint64_t slot, uint64_t pin, uint64_t level, uint64_t vector)
{
    return CALL(SEL4_SLOT_IRQ_CONTROL, IRQ_ISSUE_IOAPIC, MRS(slot, DEPTH, 0, pin, level, 0, vector),
                CAPS(root));
}

static struct answer issue(uint64_t slot, uint64_t pin, uint64_t vector)
{
    return issue_as(slot, pin, 0, vector);
}

static struct answer set_handler(uint64_t irq, uint64_t notification, uint64_t badge)
{
    return CALL(irq, IRQ_SET_HANDLER, NO_MRS, CAPS(mint_of(notification, RIGHTS, badge)));
}

static struct answer acknowledge(uint64_t irq)
{
    return CALL(irq, IRQ_ACK, NO_MRS, NO_CAPS);
}

static void timer_set(uint64_t mode, uint64_t count)
{
    out(timer, TIMER_CONTROL, mode);
    out(timer, TIMER, count & 0xff);
    out(timer, TIMER, count >> 8);
}

static uint64_t ticks_per_us(void)
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

static void spin_ms(uint64_t ms)
{
    uint64_t end = __builtin_ia32_rdtsc() + ms * 1000 * ticks_per_us();
    while (__builtin_ia32_rdtsc() < end) {
    }
}

static void handlers(void)
{
    heading("timer handler");
    handler = slot_new();
    ticks = make(SEL4_OBJECT_NOTIFICATION, 0);
    observe("issue", issue(handler, TIMER_PIN, TIMER_VECTOR));
    timer_set(MODE_REPEAT, MILLISECOND);
    spin_ms(3);
    observe("set", set_handler(handler, ticks, TICK));
    spin_ms(3);
    observe_word("an interrupt before that masked the line", do_nb_wait(ticks).badge);
    observe("acknowledge", acknowledge(handler));
    observe_word("a tick", do_wait(ticks).badge);
    timer_set(MODE_ONCE, MILLISECOND);
    spin_ms(3);
    observe_word("masked until acknowledged", do_nb_wait(ticks).badge);
    observe("acknowledge", acknowledge(handler));
    observe_word("the edge in between is lost", do_nb_wait(ticks).badge);
    timer_set(MODE_REPEAT, MILLISECOND);
    observe_word("the next tick", do_wait(ticks).badge);
    observe("acknowledge", acknowledge(handler));
    spin_ms(5);
    observe_word("one of several is kept", do_nb_wait(ticks).badge);
    spin_ms(3);
    observe_word("and only one", do_nb_wait(ticks).badge);
}

static void periods(void)
{
    enum { COUNT = 20 };
    heading("periods");
    timer_set(MODE_REPEAT, MILLISECOND);
    need(acknowledge(handler), "acknowledge");
    do_wait(ticks);
    uint64_t begin = __builtin_ia32_rdtsc();
    unsigned good = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        need(acknowledge(handler), "acknowledge");
        good += do_wait(ticks).badge == TICK;
    }
    uint64_t us = (__builtin_ia32_rdtsc() - begin) / ticks_per_us();
    observe_word("ticks", good);
    observe_yes("in no less than their time", us >= (COUNT - 2) * 1000);
    out(timer, TIMER_CONTROL, TIMER_LATCH);
    uint64_t low = in(timer, TIMER);
    uint64_t count = in(timer, TIMER) << 8 | low;
    observe_yes("the count is within the period", count <= MILLISECOND);
}

static void once(void)
{
    heading("once");
    // The line is unmasked before the count begins: a shot that came before would be lost.
    timer_set(MODE_ONCE, LONGEST);
    do_nb_wait(ticks);
    need(acknowledge(handler), "acknowledge");
    timer_set(MODE_ONCE, 2 * MILLISECOND);
    observe_word("one tick", do_wait(ticks).badge);
    observe("acknowledge", acknowledge(handler));
    spin_ms(5);
    observe_word("no second one", do_nb_wait(ticks).badge);
}

static void bound(void)
{
    heading("bound notification");
    uint64_t endpoint = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t reply = make(SEL4_OBJECT_REPLY, 0);
    observe("bind", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(ticks)));
    timer_set(MODE_ONCE, MILLISECOND);
    observe_word("a tick while receiving on an endpoint", do_recv(endpoint, reply).badge);
    need(acknowledge(handler), "acknowledge");
    timer_set(MODE_ONCE, MILLISECOND);
    spin_ms(3);
    observe_word("a tick before receiving", do_nb_recv(endpoint, reply).badge);
    need(acknowledge(handler), "acknowledge");
    observe("unbind", CALL(SEL4_SLOT_TCB, TCB_UNBIND_NOTIFICATION, NO_MRS, NO_CAPS));
}

static volatile uint64_t woken;

static void wake(void *argument)
{
    (void)argument;
    do_wait(ticks);
    woken++;
    thread_park();
}

static void preemption(void)
{
    heading("preemption");
    struct thread thread = thread_make();
    thread_start(&thread, wake, NULL);
    observe_word("it waits", woken);
    timer_set(MODE_ONCE, MILLISECOND);
    while (woken == 0) {
    }
    observe_word("it ran when the timer fired", woken);
    need(acknowledge(handler), "acknowledge");
}

static void removal(void)
{
    heading("removal");
    observe("clear", CALL(handler, IRQ_CLEAR_HANDLER, NO_MRS, NO_CAPS));
    timer_set(MODE_ONCE, MILLISECOND);
    spin_ms(3);
    observe_word("nothing without a notification", do_nb_wait(ticks).badge);
    observe("set", set_handler(handler, ticks, TICK));
    observe_word("what came before is gone", do_nb_wait(ticks).badge);
    need(acknowledge(handler), "acknowledge");
    delete_slot(handler);
    timer_set(MODE_ONCE, MILLISECOND);
    spin_ms(3);
    observe_word("nothing without a handler", do_nb_wait(ticks).badge);
    handler = slot_new();
    observe("issue again", issue(handler, TIMER_PIN, TIMER_VECTOR + 1));
    observe("set", set_handler(handler, ticks, TICK + 8));
    timer_set(MODE_ONCE, MILLISECOND);
    observe_word("a tick under another vector, nothing acknowledged", do_wait(ticks).badge);
}

// What is printed goes through the same line, so it is told with the interrupt disabled.
static void transmitter(void)
{
    uint64_t irq = slot_new();
    uint64_t sent = make(SEL4_OBJECT_NOTIFICATION, 0);
    uint64_t seen[4];
    heading("serial line");
    observe("issue", issue(irq, COM1_PIN, COM1_VECTOR));
    observe("set", set_handler(irq, sent, SENT));
    need(acknowledge(irq), "acknowledge");
    out(serial, COM1_MODEM_CONTROL, OUT2 | 3);
    in(serial, COM1_IDENTITY);
    do_nb_wait(sent);
    need(acknowledge(irq), "acknowledge");
    out(serial, COM1_INTERRUPT_ENABLE, ENABLE_SENT);
    seen[0] = do_wait(sent).badge;
    seen[1] = in(serial, COM1_IDENTITY) & IDENTITY;
    seen[2] = in(serial, COM1_IDENTITY) & IDENTITY;
    need(acknowledge(irq), "acknowledge");
    out(serial, COM1, '\n');
    seen[3] = do_wait(sent).badge;
    out(serial, COM1_INTERRUPT_ENABLE, 0);
    observe_words("enabled, identity, identity again, sent", seen, 4);
    need(acknowledge(irq), "acknowledge");
    observe_word("nothing while disabled", do_nb_wait(sent).badge);
}

// The transmitter is empty until its identity is read, so its level stays.
static void by_level(void)
{
    uint64_t irq = slot_new();
    uint64_t sent = make(SEL4_OBJECT_NOTIFICATION, 0);
    uint64_t seen[4];
    heading("serial line, by level");
    observe("issue", issue_as(irq, COM1_PIN, 1, COM1_VECTOR + 1));
    observe("set", set_handler(irq, sent, SENT));
    need(acknowledge(irq), "acknowledge");
    out(serial, COM1_INTERRUPT_ENABLE, ENABLE_SENT);
    seen[0] = do_wait(sent).badge;
    need(acknowledge(irq), "acknowledge");
    seen[1] = do_wait(sent).badge;
    seen[2] = in(serial, COM1_IDENTITY) & IDENTITY;
    need(acknowledge(irq), "acknowledge");
    seen[3] = do_nb_wait(sent).badge;
    out(serial, COM1_INTERRUPT_ENABLE, 0);
    observe_words("enabled, acknowledged, identity, after it", seen, 4);
}

void conformance_main(void)
{
    timer = slot_new();
    need(CALL(SEL4_SLOT_IO_PORT_CONTROL, IO_PORT_CONTROL_ISSUE,
              MRS(TIMER, TIMER_CONTROL, timer, DEPTH), CAPS(root)),
         "take the timer's ports");
    handlers();
    periods();
    once();
    bound();
    preemption();
    removal();
    transmitter();
    by_level();
}
