// SPDX-License-Identifier: BSD-2-Clause
// Device interrupts: the timer of a PC (8254, I/O APIC pin 2) and the transmitter of the serial
// line (16550, pin 4) through handlers, notifications and acknowledgement.
#include "timer.h"

enum { LONGEST = 0xffff };

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

static uint64_t ticks, handler;

static void handlers(void)
{
    heading("timer handler");
    handler = slot_new();
    ticks = make(SEL4_OBJECT_NOTIFICATION, 0);
    // A debug kernel prints that nobody takes the interrupt, so nothing else is printed meanwhile.
    struct answer issued = irq_issue(handler, TIMER_PIN, TIMER_VECTOR);
    timer_set(TIMER_REPEAT, TIMER_MILLISECOND);
    spin_ms(3);
    observe("issue", issued);
    observe("set", irq_set(handler, ticks, TICK));
    spin_ms(3);
    observe_word("an interrupt before that masked the line", do_nb_wait(ticks).badge);
    observe("acknowledge", irq_acknowledge(handler));
    observe_word("a tick", do_wait(ticks).badge);
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    spin_ms(3);
    observe_word("masked until acknowledged", do_nb_wait(ticks).badge);
    observe("acknowledge", irq_acknowledge(handler));
    observe_word("the edge in between is lost", do_nb_wait(ticks).badge);
    timer_set(TIMER_REPEAT, TIMER_MILLISECOND);
    observe_word("the next tick", do_wait(ticks).badge);
    observe("acknowledge", irq_acknowledge(handler));
    spin_ms(5);
    observe_word("one of several is kept", do_nb_wait(ticks).badge);
    spin_ms(3);
    observe_word("and only one", do_nb_wait(ticks).badge);
}

static void periods(void)
{
    enum { COUNT = 20 };
    heading("periods");
    timer_set(TIMER_REPEAT, TIMER_MILLISECOND);
    need(irq_acknowledge(handler), "acknowledge");
    do_wait(ticks);
    uint64_t begin = __builtin_ia32_rdtsc();
    unsigned good = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        need(irq_acknowledge(handler), "acknowledge");
        good += do_wait(ticks).badge == TICK;
    }
    uint64_t us = (__builtin_ia32_rdtsc() - begin) / ticks_per_us();
    observe_word("ticks", good);
    observe_yes("in no less than their time", us >= (COUNT - 2) * 1000);
    observe_yes("the count is within the period", timer_count() <= TIMER_MILLISECOND);
}

static void once(void)
{
    heading("once");
    // The line is unmasked before the count begins: a shot that came before would be lost.
    timer_set(TIMER_ONCE, LONGEST);
    do_nb_wait(ticks);
    need(irq_acknowledge(handler), "acknowledge");
    timer_set(TIMER_ONCE, 2 * TIMER_MILLISECOND);
    observe_word("one tick", do_wait(ticks).badge);
    observe("acknowledge", irq_acknowledge(handler));
    spin_ms(5);
    observe_word("no second one", do_nb_wait(ticks).badge);
}

static void bound(void)
{
    heading("bound notification");
    uint64_t endpoint = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t reply = make(SEL4_OBJECT_REPLY, 0);
    observe("bind", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(ticks)));
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    observe_word("a tick while receiving on an endpoint", do_recv(endpoint, reply).badge);
    need(irq_acknowledge(handler), "acknowledge");
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    spin_ms(3);
    observe_word("a tick before receiving", do_nb_recv(endpoint, reply).badge);
    need(irq_acknowledge(handler), "acknowledge");
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
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    while (woken == 0) {
    }
    observe_word("it ran when the timer fired", woken);
    need(irq_acknowledge(handler), "acknowledge");
}

static void removal(void)
{
    heading("removal");
    observe("clear", CALL(handler, IRQ_CLEAR_HANDLER, NO_MRS, NO_CAPS));
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    spin_ms(3);
    observe_word("nothing without a notification", do_nb_wait(ticks).badge);
    observe("set", irq_set(handler, ticks, TICK));
    observe_word("what came before is gone", do_nb_wait(ticks).badge);
    need(irq_acknowledge(handler), "acknowledge");
    delete_slot(handler);
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    spin_ms(3);
    observe_word("nothing without a handler", do_nb_wait(ticks).badge);
    handler = slot_new();
    observe("issue again", irq_issue(handler, TIMER_PIN, TIMER_VECTOR + 1));
    observe("set", irq_set(handler, ticks, TICK + 8));
    timer_set(TIMER_ONCE, TIMER_MILLISECOND);
    observe_word("a tick under another vector, nothing acknowledged", do_wait(ticks).badge);
}

// What is printed goes through the same line, so it is told with the interrupt disabled.
static void transmitter(void)
{
    uint64_t irq = slot_new();
    uint64_t sent = make(SEL4_OBJECT_NOTIFICATION, 0);
    uint64_t seen[4];
    heading("serial line");
    observe("issue", irq_issue(irq, COM1_PIN, COM1_VECTOR));
    observe("set", irq_set(irq, sent, SENT));
    need(irq_acknowledge(irq), "acknowledge");
    port_out(serial, COM1_MODEM_CONTROL, OUT2 | 3);
    port_in(serial, COM1_IDENTITY);
    do_nb_wait(sent);
    need(irq_acknowledge(irq), "acknowledge");
    port_out(serial, COM1_INTERRUPT_ENABLE, ENABLE_SENT);
    seen[0] = do_wait(sent).badge;
    seen[1] = port_in(serial, COM1_IDENTITY) & IDENTITY;
    seen[2] = port_in(serial, COM1_IDENTITY) & IDENTITY;
    need(irq_acknowledge(irq), "acknowledge");
    port_out(serial, COM1, '\n');
    seen[3] = do_wait(sent).badge;
    port_out(serial, COM1_INTERRUPT_ENABLE, 0);
    observe_words("enabled, identity, identity again, sent", seen, 4);
    need(irq_acknowledge(irq), "acknowledge");
    observe_word("nothing while disabled", do_nb_wait(sent).badge);
}

// The transmitter is empty until its identity is read, so its level stays.
static void by_level(void)
{
    uint64_t irq = slot_new();
    uint64_t sent = make(SEL4_OBJECT_NOTIFICATION, 0);
    uint64_t seen[4];
    heading("serial line, by level");
    observe("issue", irq_issue_as(irq, COM1_PIN, 1, COM1_VECTOR + 1));
    observe("set", irq_set(irq, sent, SENT));
    need(irq_acknowledge(irq), "acknowledge");
    port_out(serial, COM1_INTERRUPT_ENABLE, ENABLE_SENT);
    seen[0] = do_wait(sent).badge;
    need(irq_acknowledge(irq), "acknowledge");
    seen[1] = do_wait(sent).badge;
    seen[2] = port_in(serial, COM1_IDENTITY) & IDENTITY;
    need(irq_acknowledge(irq), "acknowledge");
    seen[3] = do_nb_wait(sent).badge;
    port_out(serial, COM1_INTERRUPT_ENABLE, 0);
    observe_words("enabled, acknowledged, identity, after it", seen, 4);
}

void conformance_main(void)
{
    timer_take();
    handlers();
    periods();
    once();
    bound();
    preemption();
    removal();
    transmitter();
    by_level();
}
