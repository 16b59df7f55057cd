// SPDX-License-Identifier: BSD-2-Clause
#include "ioapic.h"

void ioapic_set(struct ioapic *ioapic, unsigned pin, bool level)
{
    uint32_t bit = UINT32_C(1) << pin;
    if (!level) {
        ioapic->line &= ~bit;
        return;
    }
    if ((ioapic->line & bit) == 0) {
        ioapic->pending |= bit & ioapic->open;
    }
    ioapic->line |= bit;
}

void ioapic_mask(struct ioapic *ioapic, unsigned pin, bool masked)
{
    uint32_t bit = UINT32_C(1) << pin;
    if (masked) {
        ioapic->open &= ~bit;
        ioapic->pending &= ~bit;
    } else {
        ioapic->open |= bit;
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
