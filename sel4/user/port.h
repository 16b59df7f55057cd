// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of x86 I/O ports.

#include "cnode.h"

// A capability to the ports [first, last], into an empty slot.
enum status port_issue(struct sel4_kernel *kernel, struct cnode_slot to, uint16_t first,
                       uint16_t last, struct diag *diag) MUST_CHECK;
enum status port_in8(uint64_t *value, struct sel4_kernel *kernel, cap_slot ports, uint16_t port,
                     struct diag *diag) MUST_CHECK;
enum status port_out8(struct sel4_kernel *kernel, cap_slot ports, uint16_t port, uint8_t value,
                      struct diag *diag) MUST_CHECK;
enum status port_out32(struct sel4_kernel *kernel, cap_slot ports, uint16_t port, uint32_t value,
                       struct diag *diag) MUST_CHECK;
