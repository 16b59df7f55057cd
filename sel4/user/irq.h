// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of interrupts.

#include "cnode.h"

// A handler for a line of the first I/O APIC (edge, active high) under a vector of its own, into an
// empty slot.
enum status irq_issue(struct sel4_kernel *kernel, struct cnode_slot to, uint8_t line,
                      uint8_t vector, struct diag *diag) MUST_CHECK;

// The handler signals the notification from now on, at first once it has been acknowledged.
enum status irq_set_notification(struct sel4_kernel *kernel, cap_slot handler,
                                 cap_slot notification, struct diag *diag) MUST_CHECK;
