// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The portable half of the hosted kernel: seL4's MCS interface for x86_64 on one core, answered
// from plain data. All its state is in struct kernel and in the physical memory of its machine; it
// takes no memory of its own. It trusts the machine and nothing that user code writes.

#include "diag.h"
#include "labels.h"
#include "object.h"

// What the kernel presents itself as.
struct kernel_config {
    struct sel4_config abi;
    bool debug;                // debug system calls exist
    bool printing;             // DebugPutChar exists
    unsigned version;          // major version of seL4: 14, 15 or 16
    unsigned domains;          // 1..KERNEL_MAX_DOMAINS
    unsigned domain_schedules; // entries of the schedule, 2..KERNEL_MAX_SCHEDULES
};

// The configuration of a Microkit kernel: "2.3.0", "2.3.0-debug", "2.2.0", "2.2.0-debug", "2.1.0",
// "2.1.0-debug"; with "-nohuge" appended, without 1 GiB pages. False = no such name.
bool kernel_config_named(struct kernel_config *out, const char *name);

enum {
    KERNEL_MAX_DOMAINS = 16,
    KERNEL_MAX_SCHEDULES = 100,
    KERNEL_PRIORITIES = 256,
    KERNEL_IOAPIC_PINS = 24,
};

struct kernel;

// One system call, told after its send phase: what was invoked and how it ended.
struct kernel_trace {
    const struct tcb *thread;
    int64_t syscall;
    uint64_t cptr;          // what was invoked or received on
    enum sel4_cap_tag kind; // of that cap, null when it was not found
    uint64_t object;        // its paddr
    uint64_t label;         // as sent
    const char *operation;  // name of a kernel-object invocation, "" otherwise
    enum sel4_error error;  // of the invocation; also for calls that nobody hears of
    bool fault;             // the call ended in a cap fault or was dropped by a failed look-up
};

struct kernel_irq {
    bool active;
    bool msi;
    uint8_t pin; // of IOAPIC 0
};

struct kernel_domain_entry {
    uint8_t domain;
    uint64_t duration; // ticks; 0 with domain 0 = end marker
};

struct kernel {
    struct machine *machine;
    struct kernel_config config;
    struct sel4_abi abi;

    // Observability and fault injection; the owner may set them at any time.
    void (*trace)(struct kernel *k, const struct kernel_trace *trace);
    // An invocation has just made this thread runnable.
    void (*resumed)(struct kernel *k, const struct tcb *thread);
    // A thread uses something that this kernel has no more than a form of; `what` is a literal.
    void (*unsupported)(struct kernel *k, const char *what);
    void *context;            // for the owner
    uint64_t fail_invocation; // this kernel-object invocation of the root thread fails, from 1
    bool (*fails)(struct kernel *k, enum sel4_invocation operation); // this one of it, too; or NULL
    enum sel4_error fail_with;                                       // with this error
    uint64_t invocations; // kernel-object invocations of the root thread so far

    struct tcb *root_thread;
    struct tcb *threads; // all live TCBs

    // Scheduling (schedule.c).
    struct tcb *current; // NULL = idle
    struct sched_context *current_sc;
    struct tcb *candidate; // to be run next, unless a better one is ready
    bool choose;           // look at the ready queues
    uint64_t now;          // ticks at the last kernel entry
    uint64_t consumed;     // ticks of current_sc not yet charged
    struct queue ready[KERNEL_MAX_DOMAINS][KERNEL_PRIORITIES];
    uint64_t ready_bits[KERNEL_MAX_DOMAINS][KERNEL_PRIORITIES / 64];
    struct tcb *release; // out of budget, by time
    uint8_t domain;
    unsigned domain_index;
    unsigned domain_start;
    uint64_t domain_end; // ticks, UINT64_MAX = never
    struct kernel_domain_entry domain_schedule[KERNEL_MAX_SCHEDULES];

    unsigned work;                        // units done since it was last asked what waits
    bool interrupted;                     // the system call is to be repeated
    uint64_t asid_pools[SEL4_ASID_POOLS]; // paddr, 0 = none
    uint64_t irq_slots;                   // paddr of one slot per vector
    struct kernel_irq irqs[SEL4_IRQ_VECTORS];
    uint8_t pin_vector[KERNEL_IOAPIC_PINS]; // vector + 1 that a pin raises, 0 = none
    uint64_t ports_issued[65536 / 64];
    bool halted;
};

// Loads the root task from its ELF file and gives it everything (spec: boot). `k` is all zero.
// `machine` is ready to run and outlives the kernel; its memory is zero.
MUST_CHECK enum status kernel_boot(struct kernel *k, struct machine *machine,
                                   const struct kernel_config *config, struct bytes image,
                                   struct diag *diag);

enum kernel_end {
    KERNEL_STOPPED,      // the machine said stop
    KERNEL_HALTED,       // DebugHalt
    KERNEL_IDLE_FOREVER, // nothing is runnable and nothing could wake a thread
};

// Runs user code until one of these.
enum kernel_end kernel_run(struct kernel *k);

// One live slot of a CNode, as an oracle for "issued equals plan".
struct kernel_slot {
    uint64_t slot;
    enum sel4_cap_tag kind;
    uint64_t object; // paddr
    uint64_t data;   // badge, guard word, mapping: see struct cap
    uint8_t size_bits;
    uint8_t rights;
    bool device;
};

// Writes up to `max` live slots of the CSpace root of `thread` (NULL = the current thread), in slot
// order; `*radix` gets its radix. Returns how many there are, 0 when there is no CSpace.
size_t kernel_inspect_cspace(struct kernel *k, const struct tcb *thread, struct kernel_slot *out,
                             size_t max, unsigned *radix);

// The same for the CNode whose cap stands at `cptr`, looked up in the CSpace of `thread`.
size_t kernel_inspect_cnode(struct kernel *k, const struct tcb *thread, uint64_t cptr,
                            struct kernel_slot *out, size_t max);

// A part of a CNode: slots [first, end) or, when `end` is 0, from `first` on.
struct kernel_range {
    uint64_t first, end;
};

// The CNode at `cptr` in the CSpace of the current thread, looked at no further than its first
// `max` live slots of the range. Returns how many were written.
size_t kernel_inspect_range(struct kernel *k, uint64_t cptr, struct kernel_range range,
                            struct kernel_slot *out, size_t max);

// The thread whose TCB cap stands at `cptr` in the CSpace of `thread` (NULL = current), or NULL.
struct tcb *kernel_inspect_thread(struct kernel *k, const struct tcb *thread, uint64_t cptr);

// The badge of a thread's capability to its fault handler: who it is to those who supervise it.
uint64_t kernel_inspect_handler(const struct tcb *thread);

// The paddr of an object; with the same input it is the same in every run.
uint64_t kernel_inspect_paddr(const struct kernel *k, const void *object);
