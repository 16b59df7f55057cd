// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The timer of a PC for the programs that want interrupts from it: channel 0 of an 8254, counting
// at 1193182 Hz, on I/O APIC pin 2.

#include "harness.h"

enum {
    TIMER_ONCE = 0x30,   // both bytes, interrupt on terminal count
    TIMER_REPEAT = 0x34, // the same, rate generator
    TIMER_MILLISECOND = 1193,
    TIMER_PIN = 2,
    TIMER_VECTOR = 20,
};

// Takes the timer's ports. Before anything else here.
void timer_take(void);
// Starts it: an interrupt after `count` clocks, or every `count` clocks.
void timer_set(uint64_t mode, uint64_t count);
// What channel 0 counts now.
uint64_t timer_count(void);

// The handler of an interrupt line, in a new slot; and its notification, with a badge.
struct answer irq_issue(uint64_t slot, uint64_t pin, uint64_t vector);
struct answer irq_issue_as(uint64_t slot, uint64_t pin, uint64_t level, uint64_t vector);
struct answer irq_set(uint64_t handler, uint64_t notification, uint64_t badge);
struct answer irq_acknowledge(uint64_t handler);

// A port that is written and read with nothing to go wrong.
void port_out(uint64_t cap, uint64_t port, uint64_t value);
uint64_t port_in(uint64_t cap, uint64_t port);

// Ticks of the processor's counter in a microsecond, as the kernel says.
uint64_t ticks_per_us(void);
void spin_ms(uint64_t ms);
