// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The waist of the pipeline: what will exist, and who will hold what (spec/plan.md). policy/ makes
// a plan, plan_check (another reading of the same rules) refuses a wrong one, objects/ and spawn/
// build it and decide nothing, audit/ compares the kernel with it, diff compares two. A plan is
// data: no pointers into the kernel, no addresses of memory that exists only at run time. All
// arrays live in the arena of who made the plan.

#include "bounds.h"
#include "bytes.h"

enum plan_type {
    PLAN_UNTYPED, // a target's memory: everything it owns is retyped from it
    PLAN_HOLDER,  // CNode of the root task with the root task's caps to the target's objects
    PLAN_CNODE,   // the target's CSpace
    PLAN_TCB,
    PLAN_SCHED_CONTEXT,
    PLAN_REPLY,
    PLAN_ENDPOINT,
    PLAN_NOTIFICATION,
    PLAN_VSPACE, // PML4
    PLAN_PDPT,
    PLAN_PAGE_DIRECTORY,
    PLAN_PAGE_TABLE,
    PLAN_FRAME,         // 4 KiB
    PLAN_LARGE_FRAME,   // 2 MiB
    PLAN_PACKAGE_PAGES, // frames of the root task's image: read-only pages of the package, made by
                        // nobody
    PLAN_SYSTEM_PAGES,  // the frames of a system object, made by nobody: a region or a device
    PLAN_DEVICE_FRAME,  // 4 KiB of device memory
    PLAN_IRQ_HANDLER,   // takes no memory, as the next
    PLAN_IO_PORTS,
    // A relay passes the calls of a traced capability on (spec/plan.md, 5). The n-th of each run is
    // the n-th relay's: its thread, its CSpace, the endpoint it is called on, its reply object.
    PLAN_RELAY_TCB,
    PLAN_RELAY_CNODE,
    PLAN_RELAY_ENDPOINT,
    PLAN_RELAY_REPLY,
    PLAN_CHILD_UNTYPED, // memory of instances that the target may start: each is the PLAN_UNTYPED
                        // of one of them
    PLAN_TYPE_COUNT,
};

enum {
    PLAN_SYSTEM = 0xffff
}; // owner of what outlives a target: endpoints, notifications, regions, hardware

// A line of a manifest that asked for something; line 0 = the system itself asked (built-in).
struct plan_span {
    uint32_t line, column;
    uint32_t offset, len;
};

// `count` equal objects made one after another (the kernel makes at most 256 in one invocation);
// they take consecutive slots of the holder from `holder_slot`.
struct plan_object {
    enum plan_type type;
    uint8_t size_bits; // of one object in memory; a CNode's radix is size_bits - 5
    uint16_t owner;    // index of a target, or PLAN_SYSTEM
    uint32_t count;
    // In the owner's holder; 0 for the untyped and the holder, whose caps are in the root task's
    // own CSpace; for PLAN_SYSTEM the running number of the first object.
    uint32_t holder_slot;
    uint32_t signals; // IRQ handler: the notification, as an index into objects
    bool level, low;  // IRQ handler: by level, not by edge; active low, not high
    // Paging structures: first address that the first one translates, the others follow without a
    // gap. Package pages: number of the first page, counted from the start of the binary. System
    // pages: index of the system's object. Device frames: physical address of the first. IRQ
    // handler: the line. I/O ports: first << 16 | last.
    uint64_t vaddr;
    struct bytes name; // what people call it: "stack", "log", "page table"; borrowed
};

enum plan_rights {
    PLAN_WRITE = 1,
    PLAN_READ = 2,
    PLAN_GRANT = 4,
    PLAN_GRANT_REPLY = 8
}; // seL4's bits

enum plan_cap_kind { PLAN_CAP_ISSUED, PLAN_CAP_BUILT_IN, PLAN_CAP_TRIPWIRE };

// What the auditor does with a message that comes through a built-in capability.
enum plan_service {
    PLAN_SERVICE_NONE,
    PLAN_SERVICE_EXIT,
    PLAN_SERVICE_CONSOLE,
    PLAN_SERVICE_TIME,
    PLAN_SERVICE_SPAWN, // starts and stops the targets that have it as their `parent_slot`
};

// A slot of a target's CNode. Every slot of it is in the plan, tripwires included. A tripwire with
// a name is an optional peer that is not in the system (the start-up record flags it absent).
struct plan_cap {
    enum plan_cap_kind kind;
    enum plan_type type;       // endpoint, notification, reply, IRQ handler or I/O ports
    enum plan_service service; // NONE unless built-in
    uint16_t holder;           // index of the target whose CNode it is in
    uint8_t rights;            // enum plan_rights
    uint32_t slot;
    uint32_t object;       // index into objects; PLAN_AUDITOR for built-in services and tripwires
    uint64_t badge;        // 0 = unbadged
    uint32_t relay;        // traced: the target's relay that its calls pass, from 1; else 0
    struct bytes name;     // as the program asks for it; empty for unissued slots
    struct plan_span span; // the manifest's line, in the holder's package
    uint64_t signers;      // set of trust-file keys that cover it, bit = key index
};

#define PLAN_AUDITOR                                                                               \
    0xffffffffU // the root task's own endpoint: faults, tripwires, built-in services

// Badges: kind(8) target(24) detail(32), spec/audit.md.
enum plan_badge {
    PLAN_BADGE_FAULT = 1,
    PLAN_BADGE_TRIPWIRE = 2,
    PLAN_BADGE_CLIENT = 3,
    PLAN_BADGE_TIMEOUT = 4,
    PLAN_BADGE_TRACE = 7, // 5 and 6 are the root task's own
};

// The CSpace of a relay.
enum plan_relay_slot {
    PLAN_RELAY_IN = 1,      // its endpoint, to receive
    PLAN_RELAY_ANSWER = 2,  // its reply object
    PLAN_RELAY_OUT = 3,     // what the client asked for, with the client's rights and badge
    PLAN_RELAY_AUDITOR = 4, // the auditor, who is told after each call
    PLAN_RELAY_RADIX = 3,
};

#define PLAN_BADGE_IRQ (UINT64_C(1) << 63) // what a handler signals its notification with

// What the first of the capabilities that signal a notification signals it with, the next with the
// next bit. A badge is never the number of a slot: that tells a call from its answer, after a
// fault.
#define PLAN_BADGE_SIGNAL (UINT64_C(1) << BOUND_CNODE_BITS)
enum { PLAN_SIGNALLERS = 56 - BOUND_CNODE_BITS }; // that can be told apart

enum plan_fill {
    PLAN_FILL_ZERO,
    PLAN_FILL_COPY,
    PLAN_FILL_IN_PLACE,
    PLAN_FILL_RECORD,
    PLAN_FILL_REGION, // shared memory: zero when the system starts, then as it was left
    PLAN_FILL_DEVICE, // device memory, mapped without cache
};

// Consecutive pages of a target's address space, backed by consecutive frames of one object.
struct plan_mapping {
    uint16_t target;
    bool
        write; // every mapping is readable, and executable too: seL4 has no execute-never on x86_64
    bool execute; // what the binary asked for; enforced only where the kernel can
    enum plan_fill fill;
    uint32_t object; // PLAN_FRAME, PLAN_LARGE_FRAME, PLAN_PACKAGE_PAGES or PLAN_SYSTEM_PAGES
    uint32_t first;  // frame of that object
    uint32_t pages;  // of the object's size
    uint64_t vaddr;
    uint64_t copy_from; // PLAN_FILL_COPY: byte offset in the binary
    uint64_t copy_len;  //   bytes copied, the rest of the pages stays zero
    uint64_t copy_at;   //   vaddr of the first byte copied
    struct bytes name;  // "text", "rodata", "data", "bss", "stack", "heap", "ipc buffer", "record";
                        // of regions and devices what the program calls them
    struct plan_span span; // of regions and devices: the manifest's line, else zero
    uint64_t signers;      // likewise: keys that cover it
};

enum plan_action { PLAN_STOP, PLAN_RESTART, PLAN_SUSPEND, PLAN_WAIT };

struct plan_target {
    struct bytes name;      // instance name
    struct bytes package;   // package name
    uint16_t package_index; // of the system's packages
    uint8_t package_id[32];
    uint8_t untyped_bits; // memory.limit
    uint8_t cnode_bits;   // radix; guard 0 over all other bits
    uint8_t holder_bits;  // radix of the holder
    bool serves;          // has a serving endpoint: it does not keep the system running
    bool on_demand;       // starts when a client first calls it
    uint32_t parent;      // the target that starts it and whose memory it has, from 1; 0 = nobody's
    uint32_t parent_slot; // by which of its capabilities,
    uint32_t child;       // and which of that one's children it is, from 0
    uint32_t first_object, objects;
    uint32_t first_cap, caps;
    uint32_t first_mapping, mappings;
    uint64_t entry, stack_top, ipc_buffer, record, heap, heap_len;
    uint8_t priority, max_priority;
    bool passive;
    uint64_t budget_us, period_us; // passive: until it first waits for a message
    enum plan_action on_overrun;   // wait, stop or restart
    enum plan_action on_fault;     // stop, restart or suspend
    uint32_t max_restarts;
    uint64_t window_us, backoff_us;
    uint32_t max_denials;
    uint64_t memory_used; // bytes of the untyped that the objects take, alignment included
};

struct plan {
    struct plan_target *targets;
    struct plan_object
        *objects;          // a target's objects are consecutive and in the order of their making
    struct plan_cap *caps; // a target's caps are consecutive, ascending by slot
    struct plan_mapping *mappings; // a target's mappings are consecutive, ascending by vaddr
    uint32_t target_count, object_count, cap_count, mapping_count;
};

// I/O ports of the root task, which no target gets: COM1 and the end of the machine, and the bells
// of the hosted board (spec/hosted-board.md).
struct plan_ports {
    uint16_t first, last;
};
static const struct plan_ports plan_root_ports[] = {{0x3f8, 0x3ff}, {0xf4, 0xf7}, {0x510, 0x51f}};

// COM2, which is the root task's too where the system may be controlled (spec/control.md).
static const struct plan_ports plan_control_ports = {0x2f8, 0x2ff};
enum { PLAN_CONTROL_LINE = 3 };

// The layout of every target's address space outside its binary (spec/target-abi.md). One page
// without a mapping stands before and after each area.
enum { PLAN_PROGRAM_BASE = 0x200000, PLAN_PROGRAM_END = 0x10000000, PLAN_AREA_BASE = 0x10000000 };

enum {
    PLAN_HOLDER_BITS_MAX = 17,       // the root task's CSpace has no room for a larger radix
    PLAN_SYSTEM_SLOTS_MAX = 1 << 16, // half of the root task's boot CNode, the rest is the image's
    PLAN_RELAYS_MAX = 16,            // of all targets: each has a page of the root task
    PLAN_CHILD_ARGUMENT = 64,        // bytes that a parent may give to a child that it starts
    PLAN_START_BUDGET_US = 10000,    // of a passive target's start, which takes no share of the
    PLAN_START_PERIOD_US = 1000000,  // processor that admission would have to count
};

// Sizes of kernel objects (x86_64 MCS); an untyped holds them at multiples of their size.
enum {
    PLAN_SLOT_BITS = 5,
    PLAN_TCB_BITS = 11,
    PLAN_ENDPOINT_BITS = 4,
    PLAN_NOTIFICATION_BITS = 6,
    PLAN_REPLY_BITS = 5,
    PLAN_SCHED_CONTEXT_BITS = 8,
    PLAN_PAGE_BITS = 12,
    PLAN_LARGE_BITS = 21
};

// A slot of a target's CNode, and its mapping number `i`.
static inline const struct plan_cap *plan_cap_at(const struct plan *plan, uint32_t target,
                                                 uint32_t slot)
{
    return &plan->caps[plan->targets[target].first_cap + slot];
}
static inline const struct plan_mapping *plan_mapping_at(const struct plan *plan, uint32_t target,
                                                         uint32_t i)
{
    return &plan->mappings[plan->targets[target].first_mapping + i];
}

uint64_t plan_badge_of(enum plan_badge kind, uint32_t target, uint32_t detail);

// The name of a type as seL4's documents write it: "endpoint", "cnode", "page table".
const char *plan_type_name(enum plan_type type);

// What the object of a capability is called: by its name in the plan, a built-in service by its
// own.
struct bytes plan_cap_object(const struct plan *plan, const struct plan_cap *cap);

// Is an object of a target made by retyping the target's untyped?
bool plan_is_made(enum plan_type type);

// The size bits of an object of so many bytes, a power of two.
uint8_t plan_size_bits(uint64_t bytes);

// The parent's run of untypeds that a target's is one of: number `child`. The target has a parent.
uint32_t plan_child_memory(const struct plan *plan, const struct plan_target *target);

// Bytes of an untyped that making objects [first, first + count) in that order takes, with
// alignment, as the kernel's bump pointer does (seL4 manual, 2.4.1).
uint64_t plan_untyped_use(const struct plan *plan, uint32_t first, uint32_t count);
