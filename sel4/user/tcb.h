// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocations of a thread control block.

#include "registers.h"
#include "sel4_kernel.h"

struct tcb_spaces {
    cap_slot cspace;
    uint64_t cspace_data; // sel4_cnode_data; 0 = as the capability is
    cap_slot vspace;
    uint64_t buffer;       // vaddr of the IPC buffer
    cap_slot buffer_frame; // its frame
};

enum status tcb_configure(struct sel4_kernel *kernel, cap_slot tcb, const struct tcb_spaces *spaces,
                          struct diag *diag) MUST_CHECK;

// Sets CSpace and VSpace only, and no fault handler.
enum status tcb_set_space(struct sel4_kernel *kernel, cap_slot tcb, const struct tcb_spaces *spaces,
                          struct diag *diag) MUST_CHECK;

struct tcb_scheduling {
    uint8_t max_priority;
    uint8_t priority;
    cap_slot authority;     // a TCB whose maximum bounds both
    cap_slot sched_context; // 0 = none
    cap_slot fault_handler; // an endpoint with write and grant; 0 = none
};

enum status tcb_set_sched_params(struct sel4_kernel *kernel, cap_slot tcb,
                                 const struct tcb_scheduling *scheduling,
                                 struct diag *diag) MUST_CHECK;
enum status tcb_set_timeout_endpoint(struct sel4_kernel *kernel, cap_slot tcb, cap_slot endpoint,
                                     struct diag *diag) MUST_CHECK;
enum status tcb_set_priority(struct sel4_kernel *kernel, cap_slot tcb, cap_slot authority,
                             uint8_t priority, struct diag *diag) MUST_CHECK;

// Writes all registers and makes the thread runnable, in one step.
enum status tcb_start(struct sel4_kernel *kernel, cap_slot tcb, const struct registers *registers,
                      struct diag *diag) MUST_CHECK;
// Reads all registers; the thread goes on as it is.
enum status tcb_read(struct registers *registers, struct sel4_kernel *kernel, cap_slot tcb,
                     struct diag *diag) MUST_CHECK;
// What is signalled then is also delivered where the thread waits at an endpoint.
enum status tcb_bind_notification(struct sel4_kernel *kernel, cap_slot tcb, cap_slot notification,
                                  struct diag *diag) MUST_CHECK;
enum status tcb_suspend(struct sel4_kernel *kernel, cap_slot tcb, struct diag *diag) MUST_CHECK;
enum status tcb_resume(struct sel4_kernel *kernel, cap_slot tcb, struct diag *diag) MUST_CHECK;
