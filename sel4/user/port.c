// SPDX-License-Identifier: BSD-2-Clause
#include "port.h"

enum status port_issue(struct sel4_kernel *kernel, struct cnode_slot to, uint16_t first,
                       uint16_t last, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = SEL4_SLOT_IO_PORT_CONTROL,
        .invocation = SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE,
        .length = 4,
        .words = {first, last, to.index, to.depth},
        .cap_count = 1,
        .caps = {to.root},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status port_in8(uint64_t *value, struct sel4_kernel *kernel, cap_slot ports, uint16_t port,
                     struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = ports,
        .invocation = SEL4_INVOCATION_IO_PORT_IN8,
        .length = 1,
        .words = {port},
    };
    return sel4_kernel_ask(value, kernel, &invoke, diag);
}

static enum status out(struct sel4_kernel *kernel, enum sel4_invocation width, cap_slot ports,
                       const uint64_t words[2], struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = ports,
        .invocation = width,
        .length = 2,
        .words = {words[0], words[1]},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status port_out8(struct sel4_kernel *kernel, cap_slot ports, uint16_t port, uint8_t value,
                      struct diag *diag)
{
    const uint64_t words[2] = {port, value};
    return out(kernel, SEL4_INVOCATION_IO_PORT_OUT8, ports, words, diag);
}

enum status port_out32(struct sel4_kernel *kernel, cap_slot ports, uint16_t port, uint32_t value,
                       struct diag *diag)
{
    const uint64_t words[2] = {port, value};
    return out(kernel, SEL4_INVOCATION_IO_PORT_OUT32, ports, words, diag);
}
