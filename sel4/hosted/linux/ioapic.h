// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The I/O APIC of the hosted board: 24 pins (Intel 82093AA). An edge on a masked pin is lost; an
// edge on an open one waits until the kernel takes it. A level-triggered pin interrupts whenever it
// is active and open.

#include <stdbool.h>
#include <stdint.h>

enum { IOAPIC_PINS = 24 };

struct ioapic {
    uint32_t line;    // pins that are high
    uint32_t low;     // pins that are active low
    uint32_t level;   // pins triggered by level, not by edge
    uint32_t open;    // pins that are not masked
    uint32_t pending; // interrupts not yet taken
};

void ioapic_set(struct ioapic *ioapic, unsigned pin, bool high);
void ioapic_form(struct ioapic *ioapic, unsigned pin, bool level, bool low);
// Masking forgets an interrupt that waits.
void ioapic_mask(struct ioapic *ioapic, unsigned pin, bool masked);
bool ioapic_is_open(const struct ioapic *ioapic, unsigned pin);
// Takes the lowest pin that waits; -1 = none.
int ioapic_take(struct ioapic *ioapic);
