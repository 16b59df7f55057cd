// SPDX-License-Identifier: BSD-2-Clause

// Interrupts of one I/O APIC (seL4 manual, 8.1). A vector that is issued has a handler cap; the
// notification that it signals stands in the vector's own slot. A line is open from its issue on;
// one that was delivered stays masked until it is acknowledged.

#include "internal.h"

enum { MAX_BUS = 255, MAX_DEVICE = 31, MAX_FUNCTION = 7 };

struct cte *irq_slot(const struct kernel *k, uint64_t vector)
{
    return (struct cte *)memory_at(k, k->irq_slots) + vector;
}

// A pin belongs to the vector that was issued for it last; acknowledging an older one does nothing.
static void set_mask(struct kernel *k, uint64_t vector, bool masked)
{
    const struct kernel_irq *irq = &k->irqs[vector];
    if (irq->active && !irq->msi && k->pin_vector[irq->pin] == vector + 1) {
        k->machine->operations->interrupt_mask(k->machine, irq->pin, masked);
    }
}

void irq_pending(struct kernel *k)
{
    for (;;) {
        int pin = k->machine->operations->interrupt(k->machine);
        if (pin < 0 || pin >= KERNEL_IOAPIC_PINS) {
            return;
        }
        k->machine->operations->interrupt_mask(k->machine, (unsigned)pin, true);
        if (k->pin_vector[pin] == 0) {
            continue;
        }
        const struct cap *cap = &irq_slot(k, k->pin_vector[pin] - 1U)->cap;
        if (cap_is(cap, SEL4_CAP_TAG_NOTIFICATION) && cap_allows(cap, SEL4_RIGHT_WRITE)) {
            notification_signal(k, cap_object(k, cap), cap->data);
        }
    }
}

// Otherwise an idle kernel would wait for ever for an interrupt that reaches nobody.
bool irq_can_wake(const struct kernel *k)
{
    for (unsigned pin = 0; pin < KERNEL_IOAPIC_PINS; pin++) {
        uint8_t vector = k->pin_vector[pin];
        if (vector != 0 && cap_is(&irq_slot(k, vector - 1U)->cap, SEL4_CAP_TAG_NOTIFICATION)) {
            return true;
        }
    }
    return false;
}

void irq_free(struct kernel *k, uint64_t vector)
{
    struct kernel_irq *irq = &k->irqs[vector];
    set_mask(k, vector, true);
    if (!irq->msi && k->pin_vector[irq->pin] == vector + 1) {
        k->pin_vector[irq->pin] = 0;
    }
    *irq = (struct kernel_irq){0};
}

// The vector is the last word of both forms.
static enum sel4_error check_vector(struct kernel *k, struct cte **slot, struct invocation *inv)
{
    if (!invocation_has(inv, 7, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t vector = invocation_word(k, inv, 6);
    if (vector >= SEL4_IRQ_VECTORS) {
        return invocation_range(inv, 0, SEL4_IRQ_VECTORS - 1);
    }
    if (k->irqs[vector].active) {
        return SEL4_ERROR_REVOKE_FIRST;
    }
    return invocation_empty_slot(k, slot, inv,
                                 (struct slot_name){.root = invocation_extra(inv, 0),
                                                    .index = invocation_word(k, inv, 0),
                                                    .depth = invocation_word(k, inv, 1)});
}

static enum sel4_error check_limits(struct kernel *k, struct invocation *inv,
                                    const uint64_t *limits, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (invocation_word(k, inv, 2 + i) > limits[i]) {
            return invocation_range(inv, 0, limits[i]);
        }
    }
    return SEL4_ERROR_NONE;
}

static void open_pin(struct kernel *k, struct invocation *inv, uint64_t vector)
{
    unsigned pin = (unsigned)invocation_word(k, inv, 3);
    bool level = invocation_word(k, inv, 4) == 1;
    bool low = invocation_word(k, inv, 5) == 1;
    k->irqs[vector].pin = (uint8_t)pin;
    k->pin_vector[pin] = (uint8_t)(vector + 1);
    k->machine->operations->interrupt_form(k->machine, pin, level, low);
    set_mask(k, vector, false);
}

static enum sel4_error issue(struct kernel *k, struct invocation *inv, bool msi)
{
    static const uint64_t pin_limits[] = {0, KERNEL_IOAPIC_PINS - 1, 1, 1};
    static const uint64_t msi_limits[] = {MAX_BUS, MAX_DEVICE, MAX_FUNCTION};
    struct cte *slot = NULL;
    enum sel4_error error = check_vector(k, &slot, inv);
    if (error == SEL4_ERROR_NONE) {
        error = msi ? check_limits(k, inv, msi_limits, 3) : check_limits(k, inv, pin_limits, 4);
    }
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    uint64_t vector = invocation_word(k, inv, 6);
    struct kernel_irq *irq = &k->irqs[vector];
    *irq = (struct kernel_irq){.active = true, .msi = msi};
    if (msi) {
        kernel_unsupported(k, "message-signalled interrupts: no device sends any");
    } else {
        open_pin(k, inv, vector);
    }
    struct cap cap = cap_make(SEL4_CAP_TAG_IRQ_HANDLER, 0, 0);
    cap.data = vector;
    derivation_create(k, slot, cap, inv->slot);
    return SEL4_ERROR_NONE;
}

enum sel4_error irq_control_decode(struct kernel *k, struct invocation *inv)
{
    switch (inv->operation) {
    case SEL4_INVOCATION_IRQ_ISSUE_IOAPIC:
        return issue(k, inv, false);
    case SEL4_INVOCATION_IRQ_ISSUE_MSI:
        return issue(k, inv, true);
    case SEL4_INVOCATION_IRQ_ISSUE_HANDLER: // for boards without I/O APIC
        return invocation_has(inv, 3, 1) ? SEL4_ERROR_ILLEGAL_OPERATION
                                         : SEL4_ERROR_TRUNCATED_MESSAGE;
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}

static enum sel4_error set_notification(struct kernel *k, struct invocation *inv)
{
    if (!invocation_has(inv, 0, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    const struct cap *cap = invocation_extra(inv, 0);
    if (!cap_is(cap, SEL4_CAP_TAG_NOTIFICATION) || !cap_allows(cap, SEL4_RIGHT_WRITE)) {
        return invocation_capability(inv, 0);
    }
    // Emptying the slot may delete the very cap that was passed, if it is the vector's own.
    struct cap copy = *cap;
    struct cte *slot = irq_slot(k, inv->slot->cap.data);
    delete_plain(k, slot);
    if (cap_same_object(&copy, &inv->extra[0]->cap)) {
        derivation_insert(k, slot, copy, inv->extra[0]);
    }
    return SEL4_ERROR_NONE;
}

enum sel4_error irq_handler_decode(struct kernel *k, struct invocation *inv)
{
    switch (inv->operation) {
    case SEL4_INVOCATION_IRQ_ACK:
        set_mask(k, inv->slot->cap.data, false);
        return SEL4_ERROR_NONE;
    case SEL4_INVOCATION_IRQ_SET_HANDLER:
        return set_notification(k, inv);
    case SEL4_INVOCATION_IRQ_CLEAR_HANDLER:
        delete_plain(k, irq_slot(k, inv->slot->cap.data));
        return SEL4_ERROR_NONE;
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}
