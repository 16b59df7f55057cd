// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The calling side of the kernel interface. A struct sel4_kernel is all that a caller must know of
// the kernel under it: its numbers, found by detect.h, and the caller's IPC buffer. Invocations
// stand in untyped.h, cnode.h, tcb.h, sched.h, vspace.h and port.h, one function each; this file is
// how they are made. Every invocation is a Call, so every refusal is seen.

#include "diag.h"
#include "labels.h"
#include "sel4_error.h"
#include "sel4_message.h"

typedef uint64_t cap_slot; // a capability's address in the caller's CSpace

struct sel4_kernel {
    struct sel4_abi abi;
    struct sel4_ipc_buffer *buffer; // the caller's own
    uint64_t calls;                 // invocations made so far
};

enum { SEL4_INVOKE_WORDS = 22 }; // TCB_WriteRegisters is the longest

// An invocation: on what, which, with which words and capabilities.
struct sel4_invoke {
    cap_slot on;
    enum sel4_invocation invocation;
    uint8_t length;
    uint8_t cap_count;
    cap_slot caps[SEL4_MESSAGE_MAX_CAPS];
    uint64_t words[SEL4_INVOKE_WORDS];
};

struct sel4_answer {
    enum sel4_error error;
    uint64_t word[SEL4_MESSAGE_REGISTERS];
};

// Invokes by label number, whatever the numbers mean: for detect.c, which does not know them yet.
struct sel4_answer sel4_kernel_call(struct sel4_kernel *kernel, const struct sel4_invoke *invoke,
                                    uint64_t label);

// Invokes. A refusal is KERNEL_REFUSED with the invocation's name, the capability and the seL4
// error.
enum status sel4_kernel_invoke(struct sel4_kernel *kernel, const struct sel4_invoke *invoke,
                               struct diag *diag) MUST_CHECK;

// Invocations that say nothing else, or nothing but one capability.
enum status sel4_kernel_plain(struct sel4_kernel *kernel, cap_slot on,
                              enum sel4_invocation invocation, struct diag *diag) MUST_CHECK;
enum status sel4_kernel_give(struct sel4_kernel *kernel, cap_slot on,
                             enum sel4_invocation invocation, cap_slot cap,
                             struct diag *diag) MUST_CHECK;

// The same, for invocations that answer with a word.
enum status sel4_kernel_ask(uint64_t *answer, struct sel4_kernel *kernel,
                            const struct sel4_invoke *invoke, struct diag *diag) MUST_CHECK;

// A message that was received: `length` words of it count, the rest is stale.
struct sel4_received {
    uint64_t badge;
    uint64_t label;
    unsigned length;
    unsigned caps; // extra capabilities that were sent along
    uint64_t words[SEL4_MESSAGE_MAX_LENGTH];
};

// What answers a caller: at most four words.
struct sel4_reply {
    uint64_t label;
    unsigned length;
    uint64_t word[SEL4_MESSAGE_REGISTERS];
};

// Waits on an endpoint; the sender, if it called, is held by the object `reply`.
void sel4_kernel_receive(struct sel4_received *received, struct sel4_kernel *kernel,
                         cap_slot endpoint, cap_slot reply);

// Answers who is held by `reply`, never blocking; nothing happens when nobody is.
void sel4_kernel_reply(struct sel4_kernel *kernel, cap_slot reply, const struct sel4_reply *answer);

// Signals a notification.
void sel4_kernel_signal(struct sel4_kernel *kernel, cap_slot notification);

// Takes a message that is already there; false when none is. The endpoint's caps must be badged.
bool sel4_kernel_poll(struct sel4_received *received, struct sel4_kernel *kernel, cap_slot endpoint,
                      cap_slot reply);

// The kernel's tag of the capability at `cap` (enum sel4_cap_tag), 0 where there is none. Debug
// kernels only: on any other the caller faults.
uint64_t sel4_kernel_identify(cap_slot cap);

// The kernel prints every thread's CSpace and address space as capDL text; on a debug kernel only.
void sel4_kernel_snapshot(void);

// Lets threads of the same priority run first.
void sel4_kernel_yield(void);
