// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of interrupts.

#include "cnode.h"

// A line of the first I/O APIC, and the vector that it gets for its own.
struct irq_line {
    uint8_t pin;
    bool level; // else by edge
    bool low;   // active low, else high
    uint8_t vector;
};

// A handler for a line, into an empty slot.
enum status irq_issue(struct sel4_kernel *kernel, struct cnode_slot to, struct irq_line line,
                      struct diag *diag) MUST_CHECK;

// The handler signals the notification from now on, at first once it has been acknowledged.
enum status irq_set_notification(struct sel4_kernel *kernel, cap_slot handler,
                                 cap_slot notification, struct diag *diag) MUST_CHECK;

// Lets the line interrupt again.
enum status irq_ack(struct sel4_kernel *kernel, cap_slot handler, struct diag *diag) MUST_CHECK;
