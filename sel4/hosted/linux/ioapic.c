// SPDX-License-Identifier: BSD-2-Clause

// A pin is active or not (line against polarity); what becomes of a change follows from trigger and
// mask, as the 82093AA data sheet has it. `pending` is what the processor would have been told.

#include "ioapic.h"

static bool is_active(const struct ioapic *ioapic, uint32_t bit)
{
    return ((ioapic->line ^ ioapic->low) & bit) != 0;
}

void ioapic_set(struct ioapic *ioapic, unsigned pin, bool high)
{
    uint32_t bit = UINT32_C(1) << pin;
    bool was_active = is_active(ioapic, bit);
    ioapic->line = high ? ioapic->line | bit : ioapic->line & ~bit;
    if (!is_active(ioapic, bit)) {
        // A level that went away takes its interrupt with it; an edge that came has come.
        ioapic->pending &= ~(bit & ioapic->level);
    } else if (!was_active) {
        ioapic->pending |= bit & ioapic->open;
    }
}

void ioapic_form(struct ioapic *ioapic, unsigned pin, bool level, bool low)
{
    uint32_t bit = UINT32_C(1) << pin;
    ioapic->level = level ? ioapic->level | bit : ioapic->level & ~bit;
    ioapic->low = low ? ioapic->low | bit : ioapic->low & ~bit;
}

void ioapic_mask(struct ioapic *ioapic, unsigned pin, bool masked)
{
    uint32_t bit = UINT32_C(1) << pin;
    if (masked) {
        ioapic->open &= ~bit;
        ioapic->pending &= ~bit;
        return;
    }
    ioapic->open |= bit;
    if (is_active(ioapic, bit)) {
        ioapic->pending |= bit & ioapic->level;
    }
}

bool ioapic_is_open(const struct ioapic *ioapic, unsigned pin)
{
    return (ioapic->open >> pin & 1) != 0;
}

int ioapic_take(struct ioapic *ioapic)
{
    if (ioapic->pending == 0) {
        return -1;
    }
    int pin = __builtin_ctz(ioapic->pending);
    ioapic->pending &= ioapic->pending - 1;
    return pin;
}
