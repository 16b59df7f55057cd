// SPDX-License-Identifier: BSD-2-Clause
#include "irq.h"

enum status irq_issue(struct sel4_kernel *kernel, struct cnode_slot to, struct irq_line line,
                      struct diag *diag)
{
    enum { IOAPIC = 0 };
    struct sel4_invoke invoke = {
        .on = SEL4_SLOT_IRQ_CONTROL,
        .invocation = SEL4_INVOCATION_IRQ_ISSUE_IOAPIC,
        .length = 7,
        .words = {to.index, to.depth, IOAPIC, line.pin, line.level, line.low, line.vector},
        .cap_count = 1,
        .caps = {to.root},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status irq_set_notification(struct sel4_kernel *kernel, cap_slot handler,
                                 cap_slot notification, struct diag *diag)
{
    return sel4_kernel_give(kernel, handler, SEL4_INVOCATION_IRQ_SET_HANDLER, notification, diag);
}

enum status irq_ack(struct sel4_kernel *kernel, cap_slot handler, struct diag *diag)
{
    return sel4_kernel_plain(kernel, handler, SEL4_INVOCATION_IRQ_ACK, diag);
}
