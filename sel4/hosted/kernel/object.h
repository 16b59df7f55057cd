// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Kernel objects as they lie in physical memory, at the sizes that user code is charged for. An
// object is found through the paddr in its capability; objects refer to each other by pointer,
// slots by index (paddr / 32), so that a slot is 32 bytes like in seL4.

#include "machine.h"
#include "registers.h"
#include "sel4_cap.h"
#include "sel4_error.h"
#include "sel4_fault.h"

#include <stdbool.h>
#include <stdint.h>

// One capability. What `size_bits` and `data` hold depends on the kind:
//   untyped      size_bits: of the region; data: bytes used (the watermark)
//   endpoint, notification   data: badge
//   CNode        size_bits: radix; data: guard word as in sel4_cnode_data()
//   frame        size_bits: 12, 21 or 30; data: mapped vaddr | ASID, ASID 0 = not mapped
//   PT, PD, PDPT data: mapped vaddr | ASID
//   PML4         data: ASID, 0 = none
//   ASID pool    data: first ASID
//   SC           size_bits: of the object
//   IRQ handler  data: vector
//   I/O port     data: first << 16 | last
//   zombie       object: first slot of a dead container; data: slots left
struct cap {
    uint64_t kind : 5; // enum sel4_cap_tag
    uint64_t rights : 4;
    uint64_t size_bits : 6;
    uint64_t device : 1;
    uint64_t object : 48; // read with cap_paddr()
    uint64_t data;
};

// A capability slot and its place in the derivation list (derivation.c).
struct cte {
    struct cap cap;
    uint32_t prev; // slot index, 0 = none
    uint32_t next;
    bool revocable;    // may have children
    bool first_badged; // the mint that set the badge: no child of a cap with the same badge
    uint8_t padding[6];
};

_Static_assert(sizeof(struct cap) == 16, "a capability is two words");
_Static_assert(sizeof(struct cte) == 1 << SEL4_SLOT_BITS, "a slot is 32 bytes");

struct tcb;
struct sched_context;

struct queue {
    struct tcb *head;
    struct tcb *tail;
};

// Waiting senders or receivers, by priority; the state of the head tells which.
struct endpoint {
    struct queue queue;
};

struct notification {
    struct queue queue; // waiting threads, by priority
    uint64_t badge;     // OR of the pending signals
    bool active;        // a signal is pending
    struct tcb *bound;
    struct sched_context *sc;
};

// A link of a call chain: the caller that waits, and its neighbours in the chain that lends one SC.
struct reply {
    struct tcb *tcb;
    struct reply *below;      // the earlier caller of the same SC
    struct reply *above;      // the later caller
    struct sched_context *sc; // set in the topmost reply only
};

struct refill {
    uint64_t time; // ticks at which it may be used
    uint64_t amount;
};

struct sched_context {
    uint64_t period; // ticks; 0 = round robin
    uint64_t budget;
    uint64_t consumed; // ticks since the last query
    uint64_t badge;
    struct tcb *tcb;
    struct reply *reply; // top of the call chain
    struct notification *notification;
    struct tcb *yield_from;
    uint32_t refill_head; // ring of refills
    uint32_t refill_count;
    uint32_t refill_max; // 0 = not configured
    bool sporadic;
    uint8_t padding[19];
    struct refill refill[]; // (2^size_bits - 96) / 16 of them
};

_Static_assert(sizeof(struct endpoint) <= 16, "endpoint size");
_Static_assert(sizeof(struct notification) <= 64, "notification size");
_Static_assert(sizeof(struct reply) <= 32, "reply size");
_Static_assert(sizeof(struct sched_context) == 96, "96 bytes, then the refills");

enum thread_state {
    THREAD_INACTIVE,
    THREAD_RUNNING,
    THREAD_RESTART, // continues at restart_ip
    THREAD_ON_RECEIVE,
    THREAD_ON_SEND,
    THREAD_ON_REPLY,
    THREAD_ON_NOTIFICATION,
};

struct lookup_failure {
    enum sel4_lookup_failure kind;
    uint64_t bits_left;
    uint64_t bits_found;
    uint64_t guard;
};

struct fault {
    enum sel4_fault kind;
    bool in_receive;               // cap fault
    uint64_t word;                 // cptr, number, vector, address, badge or reason
    uint64_t code;                 // error code
    struct lookup_failure failure; // cap fault
};

enum tcb_slot {
    TCB_CSPACE,
    TCB_VSPACE,
    TCB_BUFFER,
    TCB_FAULT_HANDLER,
    TCB_TIMEOUT_HANDLER,
    TCB_SLOTS,
};

enum { TCB_NAME_SIZE = 64 };

struct tcb {
    struct cte slot[TCB_SLOTS];
    // RSP, RCX and R11 are those of the last exit that was no system call; RIP is the next
    // instruction.
    struct registers registers;
    struct machine_fpu fpu;
    uint64_t restart_ip; // the instruction that trapped
    bool by_syscall;     // resume as sysret does: RSP 0, RCX = RIP, R11 = RFLAGS
    bool queued;         // in a ready queue
    bool released_later; // in the release queue
    bool can_grant;      // on send, on receive: of the cap used
    bool can_grant_reply;
    bool is_call; // on send
    bool yield_call;
    uint8_t priority;
    uint8_t mcp;
    uint8_t domain;
    uint8_t flags;
    enum thread_state state;
    struct endpoint *endpoint;         // on send, on receive
    struct notification *notification; // on notification
    uint64_t badge;                    // on send: of the cap used
    struct reply *reply;               // on receive, on reply
    struct notification *bound;
    struct sched_context *sc;
    struct sched_context *yield_to;
    struct fault fault;
    uint64_t buffer;                     // vaddr of the IPC buffer
    struct tcb *ready_prev, *ready_next; // ready or release queue
    struct tcb *wait_prev, *wait_next;   // endpoint or notification queue
    struct tcb *list_prev, *list_next;   // all threads
    bool over_breakpoint;                // the one at the instruction pointer was told
    bool stepping;                       // instructions are counted: `steps` until the next fault
    uint64_t steps;                      //
    uint64_t breakpoint[4][4];           // address, type, size, access and whether it is set
    char name[TCB_NAME_SIZE];
};

_Static_assert(sizeof(struct tcb) <= 2048, "TCB size");
